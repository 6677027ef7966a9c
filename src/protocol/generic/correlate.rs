//! Where requests and replies carry their id, and whether a reply says that something failed.

use std::borrow::Cow;

use super::label::scalar;
use super::settings::Correlate;
use crate::entry::Verdict;
use crate::frame::Direction;
use crate::schema::scan;

/// The paths of a profile, taken apart once.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    request: Vec<String>,
    reply: Vec<String>,
}

impl Paths {
    pub(super) fn new(correlate: &Correlate) -> Self {
        let names = |path: &str| {
            path.split('.')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            request: names(&correlate.request),
            reply: names(&correlate.reply),
        }
    }

    /// The key of a message that goes this way. Strings and numbers count as equal if they are
    /// written alike: `"7"` answers `7`.
    pub(super) fn key<'a>(&self, text: &'a [u8], direction: Direction) -> Option<Cow<'a, str>> {
        let path = match direction {
            Direction::Out => &self.request,
            Direction::In => &self.reply,
        };
        if path.is_empty() {
            return None;
        }
        let raw = path
            .iter()
            .try_fold(text, |inside, name| scan::member(inside, name))?;
        scalar(raw).filter(|key| !key.is_empty())
    }
}

/// What a reply says, by the members replies commonly have for it, and in which words.
pub(super) fn verdict(text: &[u8]) -> (Verdict, Option<String>) {
    for (key, value) in scan::members(text) {
        let failed = match key {
            b"error" => !matches!(value, b"null" | b"false" | b"\"\""),
            b"ok" | b"success" => value == b"false",
            b"status" => {
                let word = scan::plain_str(value);
                word.is_some_and(|word| word.eq_ignore_ascii_case("error"))
            }
            _ => false,
        };
        if failed {
            return (Verdict::Error, words(text));
        }
    }
    (Verdict::Ok, None)
}

/// The message of an error, where it usually stands.
fn words(text: &[u8]) -> Option<String> {
    let error = scan::member(text, "error");
    let told = error
        .and_then(|raw| scan::string(scan::member(raw, "message").unwrap_or(raw)))
        .or_else(|| scan::string(scan::member(text, "message")?))?;
    Some(told.into_owned()).filter(|told| !told.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_meet() {
        let paths = Paths::new(&Correlate {
            request: ".reqId".into(),
            reply: ".meta.id".into(),
        });
        let asked = paths.key(br#"{"reqId":7}"#, Direction::Out);
        let answered = paths.key(br#"{"meta":{"id":"7"}}"#, Direction::In);
        assert!(asked.is_some());
        assert_eq!(asked, answered);
        for text in [
            r#"{"reqId":null}"#,
            r#"{"reqId":{}}"#,
            r#"{"reqId":""}"#,
            "hello",
        ] {
            assert_eq!(paths.key(text.as_bytes(), Direction::Out), None, "{text}");
        }
    }

    #[test]
    fn no_path_no_key() {
        let paths = Paths::new(&Correlate::default());
        assert_eq!(paths.key(br#"{"":1}"#, Direction::Out), None);
    }

    #[test]
    fn verdicts_by_case() {
        for (text, expected, told) in [
            (r#"{"status":"OK","data":{}}"#, Verdict::Ok, None),
            (r#"{"error":null}"#, Verdict::Ok, None),
            (
                r#"{"status":"ERROR","error":{"message":"asked for"}}"#,
                Verdict::Error,
                Some("asked for"),
            ),
            (r#"{"error":"boom"}"#, Verdict::Error, Some("boom")),
            (r#"{"ok":false,"message":"no"}"#, Verdict::Error, Some("no")),
            (r#"{"success":false}"#, Verdict::Error, None),
        ] {
            let (found, words) = verdict(text.as_bytes());
            assert_eq!((found, words.as_deref()), (expected, told), "{text}");
        }
    }
}
