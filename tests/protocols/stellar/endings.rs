//! Each way this server ends a connection, and the sentence for it.

use std::time::Duration;

use wspect::frame::{Direction, FrameKind, close_payload};
use wspect::protocol::savetowebsocket::Settings;
use wspect::protocol::{self, End, Outbox};

use super::play::{MS, Play, SECOND, WELCOME, manual, says};
use crate::replay;

#[test]
fn no_valid_register_within_10_s() {
    let mut play = Play::with(manual());
    play.receive(WELCOME);
    play.until(SECOND * 10 + MS * 4);
    says(
        &play.ended(&play.end(1006)),
        "the registration deadline, no register was taken; none was sent",
    );
}

#[test]
fn no_pong_for_60_s() {
    let held = protocol::Settings {
        pongs_held: true,
        savetowebsocket: Settings {
            silence: Duration::ZERO,
            ..Settings::default()
        },
        ..replay::settings()
    };
    let mut play = Play::opened(&held, wspect::frame::Opening::default());
    play.receive(WELCOME);
    let register = play.sends.pop().unwrap();
    play.send(&register);
    play.receive(super::play::REGISTERED);
    play.until(SECOND * 30);
    play.frame(Direction::In, FrameKind::Ping, b"");
    play.told();
    play.until(SECOND * 44);
    assert_eq!(play.told(), "");
    play.until(SECOND * 46);
    says(
        &play.told(),
        "no pong was sent for 45 s (they are held back, as was asked for): the server cuts in 15 s",
    );
    play.until(SECOND * 60);
    let text = play.ended(&play.end(1006));
    says(&text, "60 s after our last pong");
    says(&text, "held back on purpose");
}

#[test]
fn a_pong_at_30_s_and_none_after_it_is_90_s() {
    let mut play = Play::live();
    play.until(SECOND * 30);
    play.pinged();
    play.until(SECOND * 60);
    play.frame(Direction::In, FrameKind::Ping, b"");
    assert!(play.counts_down("pong deadline").unwrap() > SECOND * 29);
    play.told();
    play.until(SECOND * 76);
    says(&play.told(), "a ping of the server is not answered yet");
    play.until(SECOND * 90);
    says(
        &play.ended(&play.end(1006)),
        "its last ping was not answered",
    );
    // The two ends of the process race; an empty close frame can be the same.
    says(&play.ended(&play.end(1005)), "60 s after our last pong");
}

#[test]
fn our_own_close_is_echoed_and_means_nothing_more() {
    let mut play = Play::live();
    play.frame(
        Direction::Out,
        FrameKind::Close,
        &close_payload(4000, "app"),
    );
    let echo = close_payload(4000, "");
    let summary = play.frame(Direction::In, FrameKind::Close, &echo);
    assert_eq!(summary.note, None);
    assert_eq!(play.ended(&play.end(4000)), "");
    let ours = End {
        by_us: true,
        ..Play::live().end(1006)
    };
    assert_eq!(Play::live().ended(&ours), "");
}

#[test]
fn a_message_of_ours_over_512_kib() {
    let mut play = Play::live();
    let note = play.send(&format!(r#"{{"type":"{}"}}"#, "x".repeat(600_000)));
    says(&note, "the server takes 524288 and will close with 1009");
    says(
        &play.ended(&play.end(1009)),
        "600011 bytes: it takes 524288",
    );
    let reset = End {
        reset: true,
        ..play.end(1006)
    };
    says(&play.ended(&reset), "which its reset often hides");
}

#[test]
fn broken_framing_of_ours() {
    let mut play = Play::live();
    let close = close_payload(1002, "RSV1 set, bad MASK");
    play.frame(Direction::In, FrameKind::Close, &close);
    let text = play.ended(&play.end(1002));
    says(&text, "“RSV1 set”: a reserved bit");
    says(&text, "“bad MASK”: a frame of ours was not masked");
}

#[test]
fn too_slow_after_a_pause_in_reading() {
    let mut play = Play::live();
    play.receive(r#"{"type":"payment"}"#);
    play.pass(MS * 1_800);
    let mut out = Outbox::default();
    play.protocol.paused(MS * 1_800, play.now, &mut out);
    says(&out.notes[0].0, "nothing was read for 1.8 s");
    play.frame(Direction::In, FrameKind::Close, b"");
    let text = play.ended(&play.end(1005));
    says(&text, "buffer of 256 events overflowed");
    says(&text, "this client did not read for 1.8 s");
}

#[test]
fn a_burst_although_the_client_reads_all_the_time() {
    let mut play = Play::live();
    play.pass(SECOND);
    for n in 0..396 {
        play.receive(&format!(r#"{{"type":"payment","n":{n}}}"#));
    }
    says(&play.fact("risk"), "high");
    play.send(r#"{"type":"register","filters":{"types":["trade"]}}"#);
    let summary = play.frame(Direction::In, FrameKind::Close, b"");
    play.frame(Direction::Out, FrameKind::Close, b"");
    says(&summary.note.unwrap(), "buffer of 256 events overflowed");
    let text = play.ended(&play.end(1005));
    says(
        &text,
        "a burst, although this client read all the time: 396 events came within 100 ms",
    );
    says(&text, "a reconnect does");
    says(&text, "had perhaps no effect any more");
}

#[test]
fn a_write_that_stood_still_cuts_in_the_middle_of_a_message() {
    let mut play = Play::live();
    play.pass(SECOND * 12);
    play.protocol
        .paused(SECOND * 11, play.now, &mut Outbox::default());
    let cut = End {
        cut: true,
        ..play.end(1006)
    };
    let text = play.ended(&cut);
    says(&text, "in the middle of a message");
    says(&text, "did not read for 11 s");
    let mut other = Play::live();
    other.pass(SECOND * 12);
    let cut = End {
        cut: true,
        ..other.end(1006)
    };
    says(&other.ended(&cut), "its process ended while it wrote");
}

#[test]
fn the_pipeline_finished_or_its_process_crashed() {
    let mut play = Play::live();
    play.pass(SECOND * 20);
    play.receive(r#"{"type":"payment","ledger_seq_num":60123456}"#);
    play.pass(SECOND);
    let text = play.ended(&play.end(1006));
    says(
        &text,
        "the pipeline finished or was stopped, or its process crashed",
    );
    says(&text, "all clients end together");
    says(
        &text,
        "last event 1 s before, last ledger 60123456, 1 s ago",
    );
    play.send(r#"{"type":"register"}"#);
    let reset = End {
        reset: true,
        ..play.end(1006)
    };
    let text = play.ended(&reset);
    says(&text, "with something of ours unread");
    says(&text, "our last message");
}

#[test]
fn codes_this_server_never_chooses() {
    let play = Play::live();
    for code in [1000, 1001, 1008, 1011, 1013] {
        says(&play.ended(&play.end(code)), "never this server's own idea");
    }
}

#[test]
fn a_deadline_that_is_set_otherwise_counts_otherwise() {
    let mut play = Play::live_with(Settings {
        pong_wait: SECOND * 8,
        silence: SECOND * 100,
        ..Settings::default()
    });
    play.until(SECOND * 7);
    says(&play.told(), "no pong was sent for 6 s");
    play.until(SECOND * 8);
    says(&play.ended(&play.end(1006)), "8 s after our last pong");
}
