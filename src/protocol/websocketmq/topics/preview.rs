//! The payload in the first bytes of a message, found when somebody looks.

use bytes::Bytes;

use crate::schema::scan;

/// Bytes of a payload shown.
pub(super) const SHOWN: usize = 1_024;
/// Bytes of a message kept: a payload, and what usually stands before it.
pub(super) const KEPT: usize = SHOWN + 256;

/// The first bytes of the payload of the message that begins with `start` (`payload`, or `body`
/// beside a `header`), and whether they are cut. Nothing if it has none, or none so early.
pub(super) fn of(start: &[u8], message_cut: bool) -> (Bytes, bool) {
    let mut headed = false;
    let mut end = 0;
    for (key, value) in scan::members(start) {
        if wanted(key, headed) {
            return shown(value, false);
        }
        headed |= key == b"header";
        end = value.as_ptr() as usize - start.as_ptr() as usize + value.len();
    }
    match message_cut
        .then(|| unfinished(&start[end..], headed))
        .flatten()
    {
        Some(value) => shown(value, true),
        None => (Bytes::new(), message_cut),
    }
}

fn wanted(key: &[u8], headed: bool) -> bool {
    key == if headed {
        b"body".as_slice()
    } else {
        b"payload"
    }
}

/// The value of a wanted member that does not end within `rest`.
fn unfinished(rest: &[u8], headed: bool) -> Option<&[u8]> {
    let open = rest.iter().position(|byte| *byte == b'"')?;
    let rest = &rest[open + 1..];
    let close = rest.iter().position(|byte| *byte == b'"')?;
    let value = rest[close + 1..].trim_ascii_start().strip_prefix(b":")?;
    wanted(&rest[..close], headed).then(|| value.trim_ascii_start())
}

fn shown(value: &[u8], cut: bool) -> (Bytes, bool) {
    let len = value.len().min(SHOWN);
    (
        Bytes::copy_from_slice(&value[..len]),
        cut || len < value.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_by_case() {
        for (start, message_cut, payload, cut) in [
            (
                r#"{"type":"publish","topic":"t","payload":{"a":1}}"#,
                false,
                r#"{"a":1}"#,
                false,
            ),
            (r#"{"type":"publish","topic":"t"}"#, false, "", false),
            (
                r#"{"type":"publish","topic":"t","payload":{"a":[1,2"#,
                true,
                r#"{"a":[1,2"#,
                true,
            ),
            (r#"{ "payload" : "lon"#, true, "\"lon", true),
            (
                r#"{"topic":"payload","type":"publish","pay"#,
                true,
                "",
                true,
            ),
            (
                r#"{"header":{"payload":1,"type":"event"},"body":[7]}"#,
                false,
                "[7]",
                false,
            ),
            (
                r#"{"header":{"type":"event"},"body":[7,"#,
                true,
                "[7,",
                true,
            ),
            ("", false, "", false),
            ("{", true, "", true),
        ] {
            let (found, is_cut) = of(start.as_bytes(), message_cut);
            assert_eq!((&*found, is_cut), (payload.as_bytes(), cut), "{start}");
        }
    }

    #[test]
    fn no_more_than_fits_a_panel() {
        let text = format!(r#"{{"payload":"{}"}}"#, "x".repeat(5_000));
        for (start, message_cut) in [(text.as_bytes(), false), (&text.as_bytes()[..KEPT], true)] {
            let (found, cut) = of(start, message_cut);
            assert_eq!((found.len(), cut), (SHOWN, true));
        }
    }
}
