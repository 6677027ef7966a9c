//! What web pages of other origins may do: the layer around the whole HTTP listener.
//!
//! It answers every `OPTIONS`, whatever the path, and adds headers to all other answers. It does
//! not let a foreign page open a WebSocket; that is another check.

use crate::server::http::{Head, Response};

/// Headers a page may always send; they are never listed.
const SAFE_HEADERS: &[&str] = &["Accept", "Accept-Language", "Content-Language", "Origin"];

/// Methods a page may use without being told so.
const SAFE_METHODS: &[&str] = &["GET", "HEAD", "POST"];

/// Longest a browser is told to remember a preflight, seconds; the library's own limit.
const MAX_AGE: u64 = 600;

/// Settings of the CORS layer, with the real server's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins that are let in, letter for letter; none of them, or `*`, lets in all.
    pub origins: Vec<String>,
    /// Methods a preflight may ask for.
    pub methods: Vec<String>,
    /// Headers a preflight may ask for, in any case.
    pub headers: Vec<String>,
    /// Whether pages may send cookies and the like.
    pub credentials: bool,
    /// How long a browser may remember a preflight, seconds, at most 600; 0 says nothing.
    pub max_age: u64,
}

impl Default for Cors {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect();
        Self {
            origins: Vec::new(),
            methods: words(&["GET", "HEAD", "POST", "OPTIONS"]),
            headers: words(&["Content-Type"]),
            credentials: false,
            max_age: 0,
        }
    }
}

impl Cors {
    /// The answer to a preflight; `None` for a request the server itself has to answer.
    pub(super) fn preflight(&self, head: &Head) -> Option<Response> {
        if head.method != "OPTIONS" {
            return None;
        }
        let Some(origin) = self.allowed(head) else {
            return Some(Response::empty(200));
        };
        let Some(method) = head.value("Access-Control-Request-Method") else {
            return Some(Response::empty(400));
        };
        if !self.methods.iter().any(|m| m.as_bytes() == method) {
            return Some(Response::empty(405));
        }
        let Ok(headers) = self.headers_asked_for(head) else {
            return Some(Response::empty(403));
        };
        let mut response = self.marked(Response::empty(200), &origin);
        if !headers.is_empty() {
            response = response.with("Access-Control-Allow-Headers", headers.join(","));
        }
        if !SAFE_METHODS.iter().any(|m| m.as_bytes() == method) {
            response = response.with("Access-Control-Allow-Methods", method);
        }
        if self.max_age > 0 {
            let age = self.max_age.min(MAX_AGE).to_string();
            response = response.with("Access-Control-Max-Age", age);
        }
        Some(response)
    }

    /// An answer with what a page of an allowed origin needs to see it.
    pub(super) fn answer(&self, head: &Head, response: Response) -> Response {
        match self.allowed(head) {
            Some(origin) => self.marked(response, &origin),
            None => response,
        }
    }

    fn marked(&self, response: Response, origin: &str) -> Response {
        let mut response = response.with("Access-Control-Allow-Origin", origin);
        if self.credentials {
            response = response.with("Access-Control-Allow-Credentials", "true");
        }
        if !self.lets_in_all() && self.origins.len() > 1 {
            response = response.with("Vary", "Origin");
        }
        response
    }

    fn lets_in_all(&self) -> bool {
        self.origins.is_empty() || self.origins.iter().any(|origin| origin == "*")
    }

    /// What an allowed origin is told to be; `None` for no origin and for others.
    fn allowed(&self, head: &Head) -> Option<String> {
        let origin = head.text("Origin");
        if origin.is_empty() {
            return None;
        }
        if self.lets_in_all() {
            return Some("*".to_owned());
        }
        self.origins.contains(&origin).then_some(origin)
    }

    /// The headers a preflight asks for, less those that need no asking, as Go spells them; an
    /// error if one is not allowed.
    fn headers_asked_for(&self, head: &Head) -> Result<Vec<String>, ()> {
        let asked = head.text("Access-Control-Request-Headers");
        let mut listed = Vec::new();
        for name in asked.split(',') {
            let name = canonical(name.trim());
            let is_safe = SAFE_HEADERS.contains(&&*name);
            if name.is_empty() || is_safe {
                continue;
            }
            if !self.headers.iter().any(|h| h.eq_ignore_ascii_case(&name)) {
                return Err(());
            }
            listed.push(name);
        }
        Ok(listed)
    }
}

/// `X-User-Id` of `x-user-ID`.
fn canonical(name: &str) -> String {
    let mut first = true;
    let letter = |c: char| {
        let shown = if first {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        };
        first = c == '-';
        shown
    };
    name.chars().map(letter).collect()
}
