//! What must not be shown: values by the name of their key, and values that came from outside.
//!
//! Masking is done twice. Where the structure is known (a URL, a header) the secret part is cut
//! out by its name, however short. Everywhere else [`Secrets::mask`] replaces the values it was
//! told.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

/// What stands where a secret was.
pub const MASK: &str = "***";

/// Shorter values are not searched for in free text: they would be found everywhere.
const SEARCHED_MIN: usize = 4;

/// Words that make a name secret.
const WORDS: [&str; 18] = [
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "jwt",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "pwd",
    "session",
    "sid",
    "sig",
    "signature",
    "ticket",
];

/// Parts that make a name secret wherever they stand in it.
const PARTS: [&str; 5] = ["token", "secret", "password", "apikey", "privatekey"];

/// True for names of headers, query parameters and members whose value is a secret:
/// `Authorization`, `X-Api-Key`, `access_token`, `clientSecret`, …
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    if PARTS.iter().any(|part| lower.contains(part)) {
        return true;
    }
    // camelCase splits before each capital; a run of capitals (`X-API-Key`) stays one word.
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && was_lower {
            words.push(' ');
        }
        was_lower = c.is_lowercase();
        words.extend(c.to_lowercase());
    }
    words
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.contains(&word))
}

/// `url` with userinfo and secret query parameters masked. Works on anything, also on what is no
/// URL.
#[must_use]
pub fn mask_url(url: &str) -> String {
    let (front, query) = match url.split_once('?') {
        Some((front, query)) => (front, Some(query)),
        None => (url, None),
    };
    let mut out = String::with_capacity(url.len());
    match userinfo(front) {
        Some((before, _, after)) => {
            out.push_str(before);
            out.push_str(MASK);
            out.push_str(after);
        }
        None => out.push_str(front),
    }
    let Some(query) = query else { return out };
    let mut separator = '?';
    for pair in query.split('&') {
        out.push(separator);
        separator = '&';
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret_name(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(MASK);
            }
            _ => out.push_str(pair),
        }
    }
    out
}

/// The value of a header as it may be shown.
#[must_use]
pub fn mask_header<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret_name(name) && !value.is_empty() {
        MASK
    } else {
        value
    }
}

/// Before, inside and after (from the `@` on) the userinfo of a URL without its query.
fn userinfo(front: &str) -> Option<(&str, &str, &str)> {
    let start = front.find("://")? + 3;
    let end = front[start..]
        .find(['/', '#'])
        .map_or(front.len(), |at| start + at);
    let at = start + front[start..end].rfind('@')?;
    Some((&front[..start], &front[start..at], &front[at..]))
}

/// `"token": "…"` inside JSON text.
static MEMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#""([^"\\]{1,64})"\s*:\s*"((?:[^"\\]|\\.)+)""#).ok());

/// JSON text with the string members of secret names masked.
#[must_use]
pub fn mask_json(text: &str) -> String {
    let Some(member) = &*MEMBER else {
        return MASK.to_owned();
    };
    member
        .replace_all(text, |found: &regex::Captures<'_>| {
            let whole = &found[0];
            if is_secret_name(&found[1]) {
                let value = found[2].len() + 2;
                format!("{}\"{MASK}\"", &whole[..whole.len() - value])
            } else {
                whole.to_owned()
            }
        })
        .into_owned()
}

/// The secret values of one profile or target, to be cut out of any text before it is shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// Longest first, so that a secret that contains another goes as a whole.
    values: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl Secrets {
    /// True if there is nothing to mask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Remembers a value that must not be shown.
    pub fn add(&mut self, value: &str) {
        let value = value.trim();
        if value.len() < SEARCHED_MIN || self.values.iter().any(|known| known == value) {
            return;
        }
        self.values.push(value.to_owned());
        self.values
            .sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// Remembers the value of a header if its name says that it is a secret; of
    /// `Authorization: Bearer x` the `x` too.
    pub fn add_header(&mut self, name: &str, value: &str) {
        if !is_secret_name(name) {
            return;
        }
        self.add(value);
        let is_scheme = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric());
        let body = match value.trim().split_once(' ') {
            Some((scheme, body)) if is_scheme(scheme) => body,
            _ => value,
        };
        self.add(body);
        for part in body.split([' ', ';', ',']) {
            self.add(part.split_once('=').map_or(part, |(_, value)| value));
        }
    }

    /// Remembers userinfo and secret query parameters of a URL.
    pub fn add_url(&mut self, url: &str) {
        let (front, query) = url.split_once('?').unwrap_or((url, ""));
        if let Some((_, userinfo, _)) = userinfo(front) {
            self.add(userinfo);
            if let Some((_, password)) = userinfo.split_once(':') {
                self.add(password);
            }
        }
        for pair in query.split('&') {
            if let Some((name, value)) = pair.split_once('=')
                && is_secret_name(name)
            {
                self.add(value);
            }
        }
    }

    /// Remembers the string members of JSON text whose names say that they are secrets.
    pub fn add_json(&mut self, text: &str) {
        if let Some(member) = &*MEMBER {
            for found in member.captures_iter(text) {
                if is_secret_name(&found[1]) {
                    self.add(&found[2]);
                }
            }
        }
    }

    /// `text` with every known secret replaced.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for value in &self.values {
            if out.contains(value.as_str()) {
                out = out.replace(value.as_str(), MASK);
            }
        }
        out
    }

    /// The bytes of `payload` in `range`, with `*` in place of every byte that is part of a known
    /// secret, whether or not the secret lies in the range as a whole.
    ///
    /// # Panics
    ///
    /// If `range` is not within `payload`.
    #[must_use]
    pub fn mask_bytes<'a>(&self, payload: &'a [u8], range: Range<usize>) -> Cow<'a, [u8]> {
        let mut masked = Cow::Borrowed(&payload[range.clone()]);
        for value in &self.values {
            let start = range.start.saturating_sub(value.len() - 1);
            let end = payload.len().min(range.end + value.len() - 1);
            for at in memmem::find_iter(&payload[start..end], value) {
                let from = (start + at).max(range.start);
                let to = (start + at + value.len()).min(range.end);
                if from < to {
                    masked.to_mut()[from - range.start..to - range.start].fill(b'*');
                }
            }
        }
        masked
    }
}

#[cfg(test)]
mod tests;
