//! The answer to a call over REST or gRPC: what its status means, whatever its body says.

use super::ack::Ack;
use crate::entry::{Badge, Summary, Verdict};
use crate::frame::{Exchange, Frame, Opening};

/// Reads an answer that carries no batch result one can trust: an RPC that failed, an HTTP status
/// other than 200. `None` if it is to be read as an ack.
///
/// The key is left empty: the answer belongs to its call.
pub(super) fn failure<'a>(frame: &Frame<'a>, exchange: &Exchange<'a>) -> Option<Summary<'a>> {
    let failed = |label: String, note: String| {
        Summary::new(Badge::Error, label)
            .answering("", Verdict::Error)
            .noting(note)
    };
    if let Some((code, message)) = rpc_status(exchange)
        && code != 0
    {
        let name = rpc_name(code).map_or_else(|| format!("status {code}"), str::to_owned);
        let said = if message.is_empty() {
            String::new()
        } else {
            format!(" “{message}”")
        };
        let meaning = rpc_meaning(code, &message);
        return Some(failed(
            name.clone(),
            format!("gRPC status {code} {name}{said}{meaning}"),
        ));
    }
    let status = exchange.status()?;
    if status == 200 {
        return None;
    }
    let ack = Ack::read(frame);
    if ack.error.is_some() || ack.code == 0 {
        return Some(failed(
            format!("HTTP {status}"),
            format!(
                "the answer is HTTP {status} and no ack{}",
                http_meaning(status)
            ),
        ));
    }
    let note = if ack.reason == "invalid content type" {
        "HTTP 400 “invalid content type”: the server takes application/json and application/proto \
         byte for byte, in this case and without parameters such as charset; this refusal is JSON \
         whatever was sent, and its content type is the request's own"
            .to_owned()
    } else {
        let notes = ack.notes();
        let first = notes.into_iter().next().unwrap_or_default();
        format!("HTTP {status}; {first}")
    };
    let guid = ack.guid.clone().unwrap_or_default();
    let summary = Summary::new(Badge::Ack, ack.label());
    Some(summary.answering(guid, Verdict::Error).noting(note))
}

/// What showed that the server of a session without WebSocket is there.
pub(super) fn first_sign(opening: &Opening) -> String {
    match opening.status {
        0 => "the HTTP/2 connection is open".to_owned(),
        200 if opening.body.trim_ascii() == b"pong" => {
            "GET /ping was answered with 200 pong".to_owned()
        }
        404 => {
            "GET /ping was answered with 404: something is there, but it does not show Raccoon's \
                sign of life (a gateway may hide it)"
                .to_owned()
        }
        status => format!(
            "GET /ping was answered with HTTP {status}, where Raccoon says 200 pong; batches are \
             sent all the same"
        ),
    }
}

/// Code and message of a gRPC answer; `None` for one that has no status.
pub(super) fn rpc_status(exchange: &Exchange<'_>) -> Option<(u32, String)> {
    // Trailers stand behind the headers, and the last word counts.
    let last = |name: &str| {
        let named = exchange
            .headers()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.last().map(|(_, value)| value.into_owned())
    };
    let code = last("grpc-status")?.trim().parse().unwrap_or(2);
    Some((code, last("grpc-message").unwrap_or_default()))
}

/// The name of a gRPC status code.
fn rpc_name(code: u32) -> Option<&'static str> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES.get(code as usize).copied()
}

/// What a gRPC status means from this server, with what to try; starts with its own punctuation.
fn rpc_meaning(code: u32, message: &str) -> &'static str {
    match code {
        2 if message.contains("connection id header missing") => {
            ": gRPC wants the id header as metadata, where WebSocket and REST take its absence for \
             an empty id; add it with -H or under [headers]"
        }
        8 => {
            ": the server takes 4 MiB in a gRPC message; WebSocket and REST have no such limit, or \
             send fewer events at once"
        }
        12 => {
            ": the server has no such method; releases before 0.2.0 name the service \
             odpf.raccoon.v1beta1.EventService, 0.1.2 odpf.raccoon.EventService, and reflection and \
             health are not there at all"
        }
        13 if message.contains("unmarshalling") => {
            ": the server could not decode the message, which over gRPC is always protobuf"
        }
        4 => ": the deadline passed, here or at a proxy between",
        7 | 16 => ": a gateway before the server wants credentials; Raccoon itself checks none",
        14 => ": the server, or what stands before it, is not there; try again later",
        _ => "",
    }
}

/// What an HTTP status means where Raccoon should be, with what to try; starts with its own
/// punctuation.
fn http_meaning(status: u16) -> &'static str {
    match status {
        301 | 302 | 307 | 308 => ": it redirects; use the URL of its Location header",
        401 | 403 => ": a gateway before the server wants credentials; Raccoon itself checks none",
        404 => ": nothing is at this path; Raccoon's is /api/v1/events, without a slash at its end",
        405 => ": the path takes no POST; Raccoon's is /api/v1/events",
        413 => ": a proxy between takes no body of this size; Raccoon itself has no limit",
        415 => ": this port speaks gRPC; Raccoon's REST is on the port of its WebSocket",
        429 => ": something between wants fewer requests",
        502..=504 => ": a proxy between does not reach the server; try again later",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Correlation;
    use crate::frame::{Direction, FrameKind, exchange_payload};
    use crate::transport::clock;

    fn read(start: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<(String, String)> {
        let payload = exchange_payload(start, headers.iter().copied(), body);
        let frame = Frame {
            seq: 0,
            at: clock::now(),
            direction: Direction::In,
            kind: FrameKind::Response,
            payload: &payload,
        };
        let exchange = frame.exchange()?;
        let summary = failure(&frame, &exchange)?;
        assert!(matches!(
            summary.correlation,
            Correlation::Answers {
                verdict: Verdict::Error,
                ..
            }
        ));
        Some((summary.label.into_owned(), summary.note.unwrap_or_default()))
    }

    #[test]
    fn statuses_of_grpc_are_named_and_explained() {
        let grpc = |status, message| {
            let headers = [
                ("content-type", "application/grpc"),
                ("grpc-status", status),
                ("grpc-message", message),
            ];
            read("HTTP/2 200", &headers, b"")
        };
        for (status, message, label, hint) in [
            ("2", "connection id header missing", "UNKNOWN", "-H"),
            ("8", "too large", "RESOURCE_EXHAUSTED", "4 MiB"),
            ("12", "unknown service", "UNIMPLEMENTED", "odpf"),
            (
                "13",
                "error unmarshalling request",
                "INTERNAL",
                "always protobuf",
            ),
            ("99", "", "status 99", "99"),
        ] {
            let (told, note) = grpc(status, message).unwrap();
            assert_eq!(told, label);
            assert!(note.contains(hint) && note.contains(message), "{note}");
        }
        assert_eq!(grpc("0", ""), None);
    }

    #[test]
    fn statuses_of_http_are_explained_with_or_without_an_ack() {
        let json = [("Content-Type", "text/plain")];
        let refusal = br#"{"status":2,"code":2,"sent_time":1,"reason":"invalid content type"}"#;
        let (label, note) = read("HTTP/1.1 400 Bad Request", &json, refusal).unwrap();
        assert_eq!(label, "BAD_REQUEST");
        assert!(note.contains("byte for byte"), "{note}");
        let (label, note) = read("HTTP/1.1 404 Not Found", &json, b"404 page not found\n").unwrap();
        assert_eq!(label, "HTTP 404");
        assert!(note.contains("/api/v1/events"), "{note}");
        assert_eq!(read("HTTP/1.1 200 OK", &json, b"{}"), None);
    }
}
