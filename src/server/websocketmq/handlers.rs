//! What the demo server answers to requests, apart from the topics the broker itself serves.

use std::time::Duration;

use super::payload::{Holds, Shape};
use super::time::rfc3339;
use crate::frame::Stamp;
use crate::schema::gojson::{Value, quote};

/// How a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// A `response` with this JSON for a payload.
    Payload(Vec<u8>),
    /// A `response` without a payload, or nothing at all if the request had no id.
    Empty,
    /// An `error`.
    Fault(super::envelope::Fault),
}

impl Reply {
    /// The failure of a handler: always code 500, whatever happened.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Fault(super::envelope::Fault::new(500, message))
    }

    /// A payload the handler's type does not fit.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::Fault(super::envelope::Fault::new(400, message))
    }

    fn message(text: &str) -> Self {
        let mut json = b"{\"message\":".to_vec();
        quote(text, &mut json);
        json.push(b'}');
        Self::Payload(json)
    }
}

/// A reply and how long the handler takes to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) after: Duration,
    pub(super) reply: Reply,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self {
            after: Duration::ZERO,
            reply,
        }
    }
}

/// Longest the slow topic sleeps, so that a request cannot occupy the server for ever.
const SLEEP_MAX: Duration = Duration::from_mins(1);

const NOTHING: Shape = Shape {
    name: "GetTimeRequest",
    fields: &[],
};
const USER: Shape = Shape {
    name: "GetUserDetailsRequest",
    fields: &[("userId", Holds::Text)],
};
const ERROR: Shape = Shape {
    name: "ErrorTestRequest",
    fields: &[("shouldError", Holds::Flag)],
};
const SLOW: Shape = Shape {
    name: "SlowServerRequest",
    fields: &[("delayMilliseconds", Holds::Integer)],
};
const BROADCAST: Shape = Shape {
    name: "BroadcastMessage",
    fields: &[("content", Holds::Text), ("sentAt", Holds::Text)],
};

/// The answer to a request on `topic`; `None` if nobody handles that topic.
pub(super) fn answer(topic: &str, payload: Option<Value<'_>>, now: Stamp) -> Option<Answer> {
    let answered = match topic {
        "system:get_time" => NOTHING.read(payload).map(|_| get_time(now).into()),
        "user:get_details" => USER
            .read(payload)
            .map(|fields| user_details(&fields.text("userId")).into()),
        "system:error_test" => ERROR.read(payload).map(|fields| {
            let asked = fields.value("shouldError").and_then(Value::boolean);
            error_test(asked.unwrap_or_default()).into()
        }),
        "server:slow_request" => SLOW.read(payload).map(|fields| {
            let delay = fields.value("delayMilliseconds").and_then(Value::integer);
            slow(delay.unwrap_or_default())
        }),
        "test:ack_only" => BROADCAST.read(payload).map(|_| Reply::Empty.into()),
        _ => return None,
    };
    Some(answered.unwrap_or_else(|complaint| Reply::refused(complaint).into()))
}

fn get_time(now: Stamp) -> Reply {
    Reply::Payload(format!("{{\"currentTime\":\"{}\"}}", rfc3339(now)).into_bytes())
}

fn user_details(id: &str) -> Reply {
    if id == "user123" {
        Reply::Payload(
            br#"{"userId":"user123","name":"Jane Doe (Server)","email":"jane.server@example.com"}"#
                .to_vec(),
        )
    } else {
        Reply::failed(format!("user with ID '{id}' not found"))
    }
}

fn error_test(asked: bool) -> Reply {
    if asked {
        Reply::failed("simulated server error as requested by client")
    } else {
        Reply::message("No error triggered by server")
    }
}

fn slow(milliseconds: i64) -> Answer {
    let delay = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    Answer {
        after: delay.min(SLEEP_MAX),
        reply: Reply::message("Server finally responded after intentional delay"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    fn ask(topic: &str, payload: &str) -> Answer {
        let payload = Value::parse(payload.as_bytes()).unwrap();
        answer(topic, Some(payload), clock::now()).unwrap()
    }

    #[test]
    fn the_known_user_is_found_and_others_are_not() {
        assert!(matches!(
            ask("user:get_details", r#"{"userId":"user123"}"#).reply,
            Reply::Payload(_)
        ));
        assert_eq!(
            ask("user:get_details", "null").reply,
            Reply::failed("user with ID '' not found")
        );
    }

    #[test]
    fn a_payload_of_the_wrong_type_is_refused() {
        for topic in ["system:get_time", "user:get_details", "system:error_test"] {
            let Reply::Fault(fault) = ask(topic, "[]").reply else {
                panic!("{topic} took an array");
            };
            assert_eq!(fault.code, 400, "{topic}");
        }
    }

    #[test]
    fn slowness_is_as_asked_within_reason() {
        let after = |text: &str| ask("server:slow_request", text).after;
        assert_eq!(
            after(r#"{"delayMilliseconds":50}"#),
            Duration::from_millis(50)
        );
        assert_eq!(after(r#"{"delayMilliseconds":-5}"#), Duration::ZERO);
        assert_eq!(after("{}"), Duration::ZERO);
        assert_eq!(after(r#"{"delayMilliseconds":9000000000}"#), SLEEP_MAX);
    }

    #[test]
    fn other_topics_have_no_handler() {
        assert_eq!(answer("no:such", None, clock::now()), None);
        assert_eq!(answer("", None, clock::now()), None);
    }
}
