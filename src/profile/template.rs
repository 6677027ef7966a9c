//! `${env:NAME}`, `${cmd:…}`, `${uuid}`, `${host}` in the text values of a profile.
//!
//! `$${` stands for a plain `${`. A template is filled in once, when the profile is used; every
//! reconnect then sends the same value.

use std::fmt;

use super::command;
use super::secret::MASK;

/// What templates may ask of the outside.
pub struct Outside<'a> {
    /// Looks up an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Runs a shell command and gives its output.
    pub command: &'a dyn Fn(&str) -> Result<String, String>,
    /// Name of this machine.
    pub host: &'a dyn Fn() -> String,
    /// A new UUID at every call.
    pub uuid: &'a dyn Fn() -> String,
}

impl fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Outside<'static> {
    /// The process's own environment, a shell, this machine's name and random UUIDs.
    #[must_use]
    pub fn real() -> Self {
        Self {
            env: &|name| std::env::var(name).ok(),
            command: &|line| command::run(line, command::LIMITS),
            host: &command::host,
            uuid: &|| uuid::Uuid::new_v4().to_string(),
        }
    }

    /// As [`real`](Self::real), but a command is replaced by its text instead of being run.
    #[must_use]
    pub fn without_commands() -> Self {
        Self {
            command: &|line| Ok(format!("output-of({line})")),
            ..Self::real()
        }
    }
}

/// A text value with its templates filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// The value.
    pub(super) text: String,
    /// The value with everything from the environment and commands masked.
    pub(super) shown: String,
    /// What was masked.
    pub(super) secrets: Vec<String>,
}

/// True if `text` has something to fill in.
pub(super) fn present(text: &str) -> bool {
    text.contains("${")
}

/// True if a file's `text` may run a command; one in a comment counts too.
pub(super) fn has_command(text: &str) -> bool {
    text.contains("${cmd:")
}

/// How templates begin that only the outside can fill in.
const OUTSIDE: [&str; 3] = ["env:", "cmd:", "host}"];

/// True if there is something in `text` for [`fill_outside`] to fill in, as far as a glance tells.
pub(super) fn asks_outside(text: &str) -> bool {
    text.split("${")
        .skip(1)
        .any(|inside| OUTSIDE.iter().any(|kind| inside.starts_with(kind)))
}

/// As [`fill`], in a text that has templates of its own for later: only those that ask the outside
/// (`${env:…}`, `${cmd:…}`, `${host}`) are filled in, everything else stays as it is.
pub(super) fn fill_outside(text: &str, outside: &Outside<'_>) -> Result<Filled, String> {
    let mut filled = Filled::default();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let inside = &rest[start + 2..];
        let asks = OUTSIDE.iter().any(|kind| inside.starts_with(kind));
        let escaped = rest[..start].ends_with('$');
        let end = closing(inside).filter(|_| asks && !escaped);
        let (plain, next) = rest.split_at(end.map_or(start + 2, |_| start));
        filled.text.push_str(plain);
        filled.shown.push_str(plain);
        rest = next;
        if let Some(end) = end {
            let one = fill(&next[..end + 3], outside)?;
            filled.text.push_str(&one.text);
            filled.shown.push_str(&one.shown);
            filled.secrets.extend(one.secrets);
            rest = &next[end + 3..];
        }
    }
    filled.text.push_str(rest);
    filled.shown.push_str(rest);
    Ok(filled)
}

/// Fills in the templates of one value; the error says which template and why.
pub(super) fn fill(text: &str, outside: &Outside<'_>) -> Result<Filled, String> {
    let mut filled = Filled::default();
    for piece in pieces(text) {
        match piece? {
            Piece::Plain(plain) => {
                filled.text.push_str(plain);
                filled.shown.push_str(plain);
            }
            Piece::Template(template) => {
                let value = value(template, outside)?;
                filled.text.push_str(&value.text);
                if value.secret {
                    filled.shown.push_str(MASK);
                    filled.secrets.push(value.text);
                } else {
                    filled.shown.push_str(&value.text);
                }
            }
        }
    }
    Ok(filled)
}

struct Value {
    text: String,
    secret: bool,
}

fn value(template: &str, outside: &Outside<'_>) -> Result<Value, String> {
    let (kind, argument) = template.split_once(':').unwrap_or((template, ""));
    let open = |text| {
        Ok(Value {
            text,
            secret: false,
        })
    };
    let secret = |text| Ok(Value { text, secret: true });
    match (kind, argument) {
        ("uuid", "") => open((outside.uuid)()),
        ("host", "") => open((outside.host)()),
        ("env", "") => Err("${env:…} must name a variable, as in ${env:TOKEN}".into()),
        ("env", name) => secret((outside.env)(name).ok_or_else(|| {
            format!("the environment variable {name} is not set; set it, or change ${{env:{name}}}")
        })?),
        ("cmd", "") => Err("${cmd:…} must hold a command, as in ${cmd:pass show api}".into()),
        ("cmd", line) => secret((outside.command)(line)?),
        _ => Err(format!(
            "unknown template ${{{template}}}; known are ${{env:NAME}}, ${{cmd:COMMAND}}, ${{uuid}} \
             and ${{host}}, and $${{ stands for a plain ${{"
        )),
    }
}

enum Piece<'t> {
    Plain(&'t str),
    Template(&'t str),
}

/// Cuts a text at its templates. Braces inside a template nest, so that commands may have them.
fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(start) = rest.find("${") else {
            return Some(Ok(Piece::Plain(std::mem::take(&mut rest))));
        };
        if start > 0 && rest.as_bytes()[start - 1] == b'$' {
            // `$${`: keep one `$`, and step over the brace so that it opens nothing.
            if start > 1 {
                let plain = &rest[..start - 1];
                rest = &rest[start - 1..];
                return Some(Ok(Piece::Plain(plain)));
            }
            rest = &rest[start + 2..];
            return Some(Ok(Piece::Plain("${")));
        }
        if start > 0 {
            let plain = &rest[..start];
            rest = &rest[start..];
            return Some(Ok(Piece::Plain(plain)));
        }
        let Some(end) = closing(&rest[2..]) else {
            rest = "";
            return Some(Err(
                "a template that begins with ${ has no closing }; write $${ for a plain ${".into(),
            ));
        };
        let template = &rest[2..2 + end];
        rest = &rest[3 + end..];
        Some(Ok(Piece::Template(template)))
    })
}

/// Offset of the brace that closes a template.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside() -> Outside<'static> {
        Outside {
            env: &|name| (name == "TOKEN").then(|| "t0ken".to_owned()),
            command: &|line| match line {
                "fail" => Err("it failed".to_owned()),
                line => Ok(format!("<{line}>")),
            },
            host: &|| "box".to_owned(),
            uuid: &|| "u-1".to_owned(),
        }
    }

    #[test]
    fn templates_for_later_stay() {
        for (text, value, shown) in [
            (
                "${.payload.x} ${now}",
                "${.payload.x} ${now}",
                "${.payload.x} ${now}",
            ),
            ("a ${env:TOKEN} ${uuid}", "a t0ken ${uuid}", "a *** ${uuid}"),
            (
                "$${env:TOKEN} ${host}",
                "$${env:TOKEN} box",
                "$${env:TOKEN} box",
            ),
            ("${{a: 1}}${host}", "${{a: 1}}box", "${{a: 1}}box"),
            ("${host", "${host", "${host"),
        ] {
            let filled = fill_outside(text, &outside()).unwrap();
            assert_eq!(
                (filled.text.as_str(), filled.shown.as_str()),
                (value, shown)
            );
        }
        assert!(fill_outside("${env:NONE}", &outside()).is_err());
    }

    #[test]
    fn values_and_what_is_shown_of_them() {
        for (text, value, shown) in [
            ("plain", "plain", "plain"),
            ("", "", ""),
            ("wspect-${host}-${uuid}", "wspect-box-u-1", "wspect-box-u-1"),
            ("Bearer ${env:TOKEN}!", "Bearer t0ken!", "Bearer ***!"),
            ("${cmd:awk '{print $1}'}", "<awk '{print $1}'>", "***"),
            ("$${uuid}", "${uuid}", "${uuid}"),
            ("a $${b} ${host}", "a ${b} box", "a ${b} box"),
            ("$ and } and {", "$ and } and {", "$ and } and {"),
            ("é${host}é", "éboxé", "éboxé"),
        ] {
            let filled = fill(text, &outside()).unwrap();
            assert_eq!(
                (filled.text.as_str(), filled.shown.as_str()),
                (value, shown)
            );
        }
    }

    #[test]
    fn errors_name_the_template() {
        for (text, needle) in [
            ("${env:OTHER}", "OTHER is not set"),
            ("${env:}", "must name a variable"),
            ("${cmd:}", "must hold a command"),
            ("${cmd:fail}", "it failed"),
            ("${now}", "unknown template ${now}"),
            ("${uuid:4}", "unknown template ${uuid:4}"),
            ("a ${host", "no closing }"),
        ] {
            let error = fill(text, &outside()).unwrap_err();
            assert!(error.contains(needle), "{text}: {error}");
        }
    }

    #[test]
    fn commands_are_seen() {
        assert!(has_command("x ${cmd:ls}"));
        assert!(!has_command("$${x} ${host} cmd:ls"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_filled_or_refused(text in "[${}a:é]{0,12}") {
            let _ = fill(&text, &outside());
        }
    }
}
