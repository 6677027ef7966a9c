//! The shapes in which payloads tell of a failure.

use std::borrow::Cow;

use crate::schema::scan;

/// What a body of generation 1 (or the payload of a browser of generation 2) tells of a failure:
/// `{"error":"text"}`, `{"error":{"message":"text"}}`, `{"message":"text"}` or the bare text.
pub(super) fn text(body: &[u8]) -> Option<Cow<'_, str>> {
    let inside = |raw| scan::member_any_case(raw, "message").and_then(scan::string);
    match body.first()? {
        b'"' => scan::string(body),
        b'{' => match scan::member_any_case(body, "error") {
            Some(error) => scan::string(error).or_else(|| inside(error)),
            None => inside(body),
        },
        _ => None,
    }
}

/// What the payload of a success tells of a failure all the same: an `error` that is not null, or
/// `success` that is false. The text may be empty.
pub(super) fn soft(payload: &[u8]) -> Option<Cow<'_, str>> {
    if payload.first() != Some(&b'{') {
        return None;
    }
    let error = scan::member(payload, "error").filter(|raw| *raw != b"null");
    let failed = scan::member(payload, "success") == Some(b"false");
    (failed || error.is_some()).then(|| text(payload).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_a_failure() {
        for (body, found) in [
            (r#"{"error":"no such element"}"#, Some("no such element")),
            (r#"{"error":{"message":"boom"}}"#, Some("boom")),
            (r#"{"message":"bad"}"#, Some("bad")),
            (r#""bare""#, Some("bare")),
            (r#"{"error":7}"#, None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(text(body.as_bytes()).as_deref(), found, "{body}");
        }
    }
}
