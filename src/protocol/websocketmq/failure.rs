//! What the broker's error texts mean, and what a failure is counted as.

use super::envelope::{Envelope, Kind};

/// What a reply is counted as: `ok`, `error 404`, `error`, `soft error`. Empty for an
/// acknowledgement.
pub(super) fn counted(envelope: &Envelope<'_>) -> &'static str {
    if envelope.kind == Kind::Ack {
        return "";
    }
    if let Some((code, _)) = envelope.failure() {
        return match code {
            400 => "error 400",
            401 => "error 401",
            403 => "error 403",
            404 => "error 404",
            408 => "error 408",
            409 => "error 409",
            429 => "error 429",
            500 => "error 500",
            501 => "error 501",
            503 => "error 503",
            504 => "error 504",
            _ => "error",
        };
    }
    if envelope.soft_failure().is_some() {
        return "soft error";
    }
    "ok"
}

/// Reads the id of the inner request from a text of the broker: `… for request ID <id>: …`,
/// `… (ID: <id>) …`.
pub(super) fn inner_id(message: &str) -> Option<&str> {
    let id = if let Some((_, rest)) = message.split_once(") for request ID ") {
        rest.split_once(':')?.0
    } else {
        message.split_once("(ID: ")?.1.split_once(')')?.0
    };
    (!id.is_empty()).then_some(id)
}

/// What a failure of a call to another client means, in a sentence; `None` if the text speaks for
/// itself. Texts quote ids and other errors, so only their fixed parts are looked for.
pub(super) fn explain(code: i64, message: &str) -> Option<String> {
    let has = |part: &str| message.contains(part);
    let why = if has("missing target client ID") {
        "the payload names no `targetId`"
    } else if has("proxy target client:") && has("not found") {
        "the broker knows no client of that id now: it has left, its id is spelled otherwise, or it shares its id with one that left (ask system:list_clients)"
    } else if has("responded with error") {
        return Some(responded(message));
    } else if has("timed out after") {
        "the target was asked and did not answer while the broker waited, by default 10 s like its callers: give the call more time than that to see this failure in time. The target may still carry it out; nothing cancels it"
    } else if has("context done while waiting for response")
        || has("disconnected: context canceled")
    {
        "the target left while it was asked; whether it carried the call out is not known"
    } else if has("context done before sending request") {
        "the target's queue in the broker was full until its link was dropped: it never got the call"
    } else if has("timeout sending request") {
        "the target's queue in the broker stayed full for 10 s: it never got the call"
    } else if has("broker is shutting down") {
        "the broker is going down; every connection ends without a close frame"
    } else if code == 400 && has("ProxyRequest") {
        "the payload must be an object of `targetId`, `topic` (both strings) and `payload`"
    } else if code == 404 {
        "this broker has no proxy: it is older than generation 2.2"
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// The target's own error, through the broker.
fn responded(message: &str) -> String {
    let code = message
        .split_once("(code ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("", |(code, _)| code);
    let of = match code {
        "404" => "it has no handler for this topic",
        "400" => "the payload does not fit its handler",
        "0" => "its error has no code",
        _ => "its handler failed",
    };
    format!("the target was reached and answered with an error: {of}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Direction;

    /// Code, text, and a part of what is said of it.
    const TEXTS: &[(i64, &str, &str)] = &[
        (
            500,
            "proxy request missing target client ID",
            "no `targetId`",
        ),
        (
            500,
            "proxy target client: client with ID 'g' not found",
            "no client of that id",
        ),
        (
            500,
            "proxy target error: client g responded with error (code 404) for request ID 1: Client has no handler for topic: t",
            "no handler for this topic",
        ),
        (
            500,
            "proxy target error: client g responded with error (code 500) for request ID 1: request timed out after lunch",
            "its handler failed",
        ),
        (
            500,
            "proxy target error: request to client g (ID: 1) timed out after 10s",
            "10 s",
        ),
        (
            500,
            "proxy target error: client g disconnected: context canceled",
            "left while",
        ),
        (
            500,
            "proxy target error: client g context done while waiting for response (ID: 1): context canceled",
            "left while",
        ),
        (
            500,
            "proxy target error: client g context done before sending request: context canceled",
            "never got",
        ),
        (
            500,
            "proxy target error: timeout sending request to client g (ID: 1): context deadline exceeded",
            "stayed full",
        ),
        (
            500,
            "proxy target error: broker is shutting down",
            "going down",
        ),
        (
            400,
            "Invalid request payload: failed to unmarshal payload into shared_types.ProxyRequest: json: cannot unmarshal string into Go value of type shared_types.ProxyRequest. Raw: \"x\"",
            "`targetId`, `topic`",
        ),
        (
            404,
            "No handler for topic: system:proxy",
            "older than generation 2.2",
        ),
    ];

    #[test]
    fn inner_ids_by_text() {
        for (message, id) in [
            (
                "proxy target error: client a(b) responded with error (code 404) for request ID 6161: no",
                Some("6161"),
            ),
            (
                "proxy target error: request to client x (ID: 6262) timed out after 10s",
                Some("6262"),
            ),
            ("proxy target client: client with ID 'x' not found", None),
            ("(ID: )", None),
            ("(ID: 12", None),
        ] {
            assert_eq!(inner_id(message), id, "{message}");
        }
    }

    #[test]
    fn every_text_of_the_broker_is_explained() {
        for (code, message, part) in TEXTS {
            let said = explain(*code, message).unwrap_or_default();
            assert!(said.contains(part), "{message}: {said}");
        }
        assert_eq!(explain(500, "something new"), None);
    }

    #[test]
    fn counts_by_reply() {
        for (text, name) in [
            (r#"{"type":"response","payload":1}"#, "ok"),
            (r#"{"type":"error","error":{"code":404}}"#, "error 404"),
            (r#"{"type":"error","error":{"code":7}}"#, "error"),
            (r#"{"type":"response","error":{}}"#, "error"),
            (r#"{"type":"error","payload":{"error":"x"}}"#, "soft error"),
            (
                r#"{"type":"response","payload":{"success":false}}"#,
                "soft error",
            ),
            (r#"{"type":"subscription_ack"}"#, ""),
        ] {
            let envelope = Envelope::read(text.as_bytes(), Direction::In);
            assert_eq!(counted(&envelope), name, "{text}");
        }
    }
}
