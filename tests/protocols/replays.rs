//! What must hold for every recorded connection.

use std::collections::HashSet;
use std::sync::Arc;

use wspect::entry::{Badge, Correlation, Summary};
use wspect::frame::Direction;
use wspect::protocol::{Evidence, PROTOCOLS, System, recognise};
use wspect::schema::Schema;

use crate::replay::{self, Clock};
use crate::transcript::{self, Transcript};

/// Every frame of every transcript, with its summary, in the words of the right system.
fn every_frame(
    mut each: impl FnMut(&Transcript, &str, &wspect::frame::Frame<'_>, &Summary<'_>, bool),
) {
    for transcript in transcript::all() {
        for connection in &transcript.connections {
            replay::connection(
                &transcript,
                transcript.system,
                connection,
                |frame, summary, altered| {
                    each(&transcript, &connection.name, frame, summary, altered);
                },
            );
        }
    }
}

/// Without a guid a call is known to its session alone, by an empty key.
fn key<'a>(summary: &'a Summary<'_>) -> Option<&'a str> {
    match &summary.correlation {
        Correlation::None => None,
        Correlation::Asks { key, .. } | Correlation::Answers { key, .. } => {
            Some(&**key).filter(|key| !key.is_empty())
        }
    }
}

#[test]
fn transcripts_are_there() {
    assert!(transcript::all().len() >= 78);
    for system in PROTOCOLS.iter().map(|row| row.system) {
        assert!(transcript::all().iter().any(|one| one.system == system));
    }
}

#[test]
fn every_system_survives_every_transcript() {
    for transcript in transcript::all() {
        for system in PROTOCOLS.iter().map(|row| row.system) {
            let decoder = (system.row().decoder)(&replay::settings(), Arc::new(Schema::default()));
            for connection in &transcript.connections {
                replay::connection(&transcript, system, connection, |frame, _, _| {
                    decoder.body(frame);
                });
            }
        }
    }
}

#[test]
fn a_body_says_the_same_key_and_fault_as_the_summary() {
    let settings = replay::settings();
    every_frame(|transcript, connection, frame, summary, altered| {
        let decoder = (transcript.system.row().decoder)(&settings, Arc::new(Schema::default()));
        let body = decoder.body(frame);
        let place = || format!("{} {connection} frame {}", transcript.name, frame.seq);
        // A later register is not answered, which only the conversation knows.
        // That an event answers a request is known to the conversation alone as well.
        let known = summary.badge != Badge::Register && summary.badge != Badge::Event;
        if (key(summary).is_some() && summary.badge != Badge::Event) || known {
            assert_eq!(key(summary), body.key.as_deref(), "{}", place());
        }
        if summary.error.is_some() {
            assert!(body.error.is_some(), "{}", place());
        }
        if body.error.is_none() && !altered {
            assert_ne!(summary.badge, Badge::Malformed, "{}", place());
        }
        assert_eq!(body, decoder.body(frame), "{}", place());
    });
}

#[test]
fn spans_lie_in_the_payload() {
    fn check(node: &wspect::body::Node, len: usize) -> bool {
        node.span
            .as_ref()
            .is_none_or(|span| span.start <= span.end && span.end <= len)
            && node.children.iter().all(|child| check(child, len))
    }
    let settings = replay::settings();
    every_frame(|transcript, _, frame, _, _| {
        let decoder = (transcript.system.row().decoder)(&settings, Arc::new(Schema::default()));
        let body = decoder.body(frame);
        assert!(
            check(&body.root, frame.payload.len()),
            "{}: {body:#?}",
            transcript.name
        );
    });
}

/// True for the answer of one connection to the request of another, which generation 1 takes, and
/// for what the minified script sends to answers.
fn is_foreign(transcript: &str, key: &str) -> bool {
    match transcript {
        "go-websocketmq-gen1-server-request" => key == "1795219415755862659-6348784856602567660",
        "go-websocketmq-gen1-js-client-min" => true,
        _ => false,
    }
}

/// Answers in the recordings that nobody asked for: sent on purpose, or to a call that is cut in
/// the file.
const UNASKED: [(&str, &str); 5] = [
    ("go-websocketmq-gen1-events", "c-x"),
    ("go-websocketmq-gen1-g11-bad-input-and-closing", "c"),
    ("go-websocketmq-server-request", "never-asked"),
    ("go-websocketmq-bad-input", "1"),
    ("go-websocketmq-message-limit", "big"),
];

#[test]
fn every_recorded_answer_was_asked_for() {
    let mut asked: HashSet<(String, String, Direction, String)> = HashSet::new();
    let mut answers = 0;
    every_frame(|transcript, connection, frame, summary, _| {
        let slot = |direction, key: &str| {
            let name = transcript.name.clone();
            (name, connection.to_owned(), direction, key.to_owned())
        };
        match &summary.correlation {
            _ if key(summary).is_none() => {}
            Correlation::None => {}
            Correlation::Asks { key, .. } => {
                asked.insert(slot(frame.direction, key));
            }
            Correlation::Answers { key, .. } => {
                answers += 1;
                let from = match frame.direction {
                    Direction::In => Direction::Out,
                    Direction::Out => Direction::In,
                };
                assert!(
                    asked.contains(&slot(from, key))
                        || is_foreign(&transcript.name, key)
                        || UNASKED.contains(&(transcript.name.as_str(), &**key)),
                    "{} {connection}: nobody asked {key}",
                    transcript.name
                );
            }
        }
    });
    assert!(answers > 200, "{answers}");
}

#[test]
fn every_connection_is_recognised_or_left_generic() {
    for transcript in transcript::all() {
        for connection in &transcript.connections {
            let clock = Clock::at(transcript.started_us);
            let first = connection
                .frames
                .iter()
                .find(|frame| frame.direction == Direction::In && !frame.kind.is_control());
            let first = first.map(|recorded| {
                replay::frame(
                    0,
                    clock.stamp(recorded.t_ms),
                    recorded.direction,
                    recorded.kind,
                    &recorded.payload,
                )
            });
            let found = recognise(&Evidence {
                opening: &connection.opening,
                first: first.as_ref(),
            });
            let expected = (transcript.system != System::Generic).then_some(transcript.system);
            // A broker that was never spoken to says nothing, and neither does a path of `/ws`.
            if found.is_some() || first.is_some() {
                assert_eq!(
                    found.as_ref().map(|(system, _)| *system),
                    expected,
                    "{} {}: {found:?}",
                    transcript.name,
                    connection.name
                );
            }
        }
    }
}
