//! Bytes nobody recorded.

use std::sync::Arc;

use proptest::prelude::*;
use wspect::frame::{Direction, FrameKind, Opening};
use wspect::protocol::{Evidence, PROTOCOLS, recognise};
use wspect::schema::Schema;

use crate::replay::{self, Clock, Replay};
use crate::transcript;

const KINDS: [FrameKind; 7] = [
    FrameKind::Text,
    FrameKind::Binary,
    FrameKind::Ping,
    FrameKind::Pong,
    FrameKind::Close,
    FrameKind::Request,
    FrameKind::Response,
];

type Given = (usize, bool, Vec<u8>);

/// Feeds the frames to every system: nothing may panic, and a body must not depend on what was
/// decoded before it.
fn feed(frames: &[Given]) {
    let opening = Opening {
        url: "ws://h/wsmq?client_id=12345678".to_owned(),
        status: 101,
        ..Opening::default()
    };
    for row in &PROTOCOLS {
        let mut conversation = Replay::new(row.system, Clock::at(0), "");
        let decoder = (row.decoder)(&replay::settings(), Arc::new(Schema::default()));
        conversation.open(&opening, 0.0);
        for (index, (kind, out, payload)) in frames.iter().enumerate() {
            let t_ms = 1_000.0 * index as f64;
            conversation.pass(t_ms);
            let direction = if *out { Direction::Out } else { Direction::In };
            let at = Clock::at(0).stamp(t_ms);
            let frame = replay::frame(index as u64, at, direction, KINDS[*kind], payload);
            let summary = conversation.observe(&frame);
            assert!(summary.label.len() < 64 + 4 * payload.len());
            assert_eq!(decoder.body(&frame), decoder.body(&frame));
            let evidence = Evidence {
                opening: &opening,
                first: Some(&frame),
            };
            let _ = recognise(&evidence);
        }
        conversation.pass(200_000.0);
    }
}

fn any_frames(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<Given>> {
    prop::collection::vec((0..KINDS.len(), any::<bool>(), bytes), 1..6)
}

/// Text out of the pieces the systems' messages are made of.
fn near_json() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 30] = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"type\":",
        "\"id\":",
        "\"topic\":",
        "\"payload\":",
        "\"error\":",
        "\"request\"",
        "\"response\"",
        "\"register\"",
        "\"filters\":",
        "\"req_guid\":",
        "\"events\":",
        "\"event_bytes\":",
        "\"header\":",
        "\"status\":",
        "\"code\":",
        "\"data\":",
        "null",
        "1",
        "\"\\u0041\\ud83d\"",
        "true",
        " ",
        "\u{0}é",
    ];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

/// A recorded payload with a few bytes changed.
fn near_recorded() -> impl Strategy<Value = Vec<u8>> {
    let recorded: Vec<Vec<u8>> = transcript::all()
        .into_iter()
        .flat_map(|one| one.connections)
        .flat_map(|one| one.frames)
        .map(|one| one.payload)
        .filter(|payload| payload.len() < 2_000)
        .collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(recorded), changes).prop_map(|(mut payload, changes)| {
        for (at, byte) in changes {
            if !payload.is_empty() {
                let at = at.index(payload.len());
                payload[at] = byte;
            }
        }
        payload
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_bytes(frames in any_frames(prop::collection::vec(any::<u8>(), 0..200))) {
        feed(&frames);
    }

    #[test]
    fn almost_json(frames in any_frames(near_json())) {
        feed(&frames);
    }

    #[test]
    fn almost_recorded(frames in any_frames(near_recorded())) {
        feed(&frames);
    }
}
