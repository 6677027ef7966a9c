mod rules;

use std::time::Duration;

use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::session::State as Lifecycle;
use crate::tui::input::Input;
use crate::tui::sample::Stage;
use crate::tui::theme::{Theme, Tone};

/// The sizes every state is drawn at.
pub(super) const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (20, 5)];

pub(super) fn picture(state: &State) -> String {
    let size = state.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| view(state, frame)).unwrap();
    terminal.backend().to_string()
}

/// Draws what `make` makes of a stage at all sizes.
fn at_all_sizes(name: &str, start: fn(u16, u16) -> Stage, make: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let mut stage = start(width, height);
        make(&mut stage);
        stage.due(12);
        assert_snapshot!(format!("{name}_{width}x{height}"), picture(&stage.state));
    }
}

#[test]
fn picker() {
    at_all_sizes("picker", Stage::new, |_| {});
}

#[test]
fn picker_with_a_url_typed() {
    at_all_sizes("picker_url", Stage::new, |stage| {
        stage.text("wss://other/ws");
    });
}

#[test]
fn live_and_following() {
    at_all_sizes("following", Stage::live, |_| {});
}

#[test]
fn an_older_entry_selected_and_marked() {
    at_all_sizes("selected", Stage::live, |stage| stage.keys("up up m up up"));
}

#[test]
fn paused_with_entries_hidden() {
    at_all_sizes("paused", Stage::live, |stage| {
        stage.keys("space");
        stage.more(312);
    });
}

#[test]
fn detail_tree_with_the_cursor_on_a_field() {
    at_all_sizes("tree", Stage::live, |stage| {
        stage.keys("enter");
        stage.due(12);
        stage.keys("down down");
    });
}

#[test]
fn choosing_what_a_type_is_decoded_as() {
    at_all_sizes("decode_as", Stage::live, |stage| {
        stage.batch();
        stage.keys("a");
    });
}

#[test]
fn naming_the_profile_a_rule_is_saved_to() {
    at_all_sizes("decode_as_naming", Stage::live, |stage| {
        stage.state.tabs[0].target = "raccoon".to_owned();
        stage.batch();
        stage.keys("a");
        stage.text("purch");
        stage.keys("ctrl-s");
    });
}

#[test]
fn events_of_a_batch_with_how_they_were_read() {
    at_all_sizes("readings", Stage::live, Stage::batch);
}

#[test]
fn metrics_of_the_server() {
    at_all_sizes("metrics", Stage::live, |stage| {
        stage.metrics(None);
        stage.keys("M");
    });
}

#[test]
fn metrics_filtered_and_scrolled() {
    at_all_sizes("metrics_found", Stage::live, |stage| {
        stage.metrics(None);
        stage.keys("M");
        stage.text("milli");
        stage.keys("down");
    });
}

#[test]
fn metrics_that_cannot_be_read() {
    at_all_sizes("metrics_failed", Stage::live, |stage| {
        stage.metrics(Some(
            "GET http://127.0.0.1:9090/metrics: connection refused",
        ));
        stage.keys("M");
    });
}

#[test]
fn metrics_nobody_told_where_to_find() {
    at_all_sizes("metrics_none", Stage::live, |stage| stage.keys("M"));
}

#[test]
fn detail_raw() {
    at_all_sizes("raw", Stage::live, |stage| stage.keys("enter ]"));
}

#[test]
fn detail_hex_with_the_bytes_of_the_node() {
    at_all_sizes("hex", Stage::live, |stage| {
        stage.keys("enter");
        stage.due(12);
        stage.keys("down ] ]");
    });
}

#[test]
fn detail_frame_facts() {
    at_all_sizes("frame", Stage::live, |stage| stage.keys("enter ] ] ]"));
}

#[test]
fn detail_other_half() {
    at_all_sizes("pair", Stage::live, |stage| {
        stage.keys("g down down enter [");
    });
}

#[test]
fn malformed_entry_with_its_error() {
    at_all_sizes("malformed", Stage::live, |stage| stage.keys("up"));
}

#[test]
fn waiting_to_dial_again() {
    at_all_sizes("waiting", Stage::live, |stage| stage.keys("2"));
}

#[test]
fn certificate_not_checked() {
    at_all_sizes("insecure", Stage::live, |stage| {
        let mut snapshot = stage.snapshot();
        snapshot.insecure = true;
        snapshot.state = Lifecycle::Registering;
        let chunk = crate::entry::Chunk::new(11, Vec::new());
        stage.deliver(1, chunk, Some(snapshot), None);
    });
}

#[test]
fn not_started() {
    at_all_sizes("not_started", Stage::new, |stage| {
        stage.text("ws://no");
        stage.keys("enter");
        stage.input(Input::Started {
            session: crate::session::SessionId(1),
            result: Err("no such host: no".to_owned()),
        });
    });
}

#[test]
fn help() {
    at_all_sizes("help", Stage::live, |stage| stage.keys("?"));
}

#[test]
fn palette() {
    at_all_sizes("palette", Stage::live, |stage| {
        stage.keys(":");
        stage.text("pa");
    });
}

#[test]
fn notices() {
    at_all_sizes("notices", Stage::live, |stage| {
        stage.input(Input::Failed("one thing was not done".to_owned()));
        stage.input(Input::Failed(
            "another thing\x1b[2J was not done".to_owned(),
        ));
        stage.keys("!");
    });
}

#[test]
fn copy_menu_over_a_notice() {
    at_all_sizes("copy", Stage::live, |stage| {
        stage.input(Input::Told("something was told".to_owned()));
        stage.keys("y down");
    });
}

#[test]
fn prompt() {
    at_all_sizes("prompt", Stage::live, |stage| {
        stage.keys("/");
        stage.text(".badge==\"ack\" and .latency_us > 2000");
    });
}

#[test]
fn session_facts() {
    at_all_sizes("facts", Stage::live, |stage| {
        let mut snapshot = stage.snapshot();
        snapshot.opening = Some(crate::frame::Opening {
            status: 101,
            peer: "127.0.0.1:8080".to_owned(),
            headers: vec![
                ("Upgrade".to_owned(), "websocket".to_owned()),
                ("Set-Cookie".to_owned(), "id=secret".to_owned()),
            ],
            ..crate::frame::Opening::default()
        });
        snapshot.by_label = vec![crate::session::LabelLatency {
            label: "click×2 page×1 and more".to_owned(),
            latency: snapshot.latency,
        }];
        let nothing = crate::entry::Chunk::new(11, Vec::new());
        stage.deliver(1, nothing, Some(snapshot), None);
        stage.keys("i");
    });
}

#[test]
fn what_raccoon_stands_like() {
    use crate::protocol::Fact;
    at_all_sizes("standing", Stage::live, |stage| {
        let mut snapshot = stage.snapshot();
        snapshot.standing = [
            Fact::new("acks", "ack mode", "SYNC (EVENT_ACK=1)"),
            Fact::new("acks", "because", "code 3 came 7 times"),
            Fact::new("acks", "double acks", "1 (more replies than batches)").warning(true),
            Fact::new("heartbeat", "server pings", "every 10.0 s, last").at(stage.noon),
            Fact::new(
                "clock",
                "server's clock",
                "between 0.20 s behind and 0.10 s ahead",
            ),
            Fact::new("identity", "id", "X-User-ID: wspect-host-1"),
        ]
        .into();
        snapshot.counts = vec![("CODE_INTERNAL_ERROR", 7), ("CODE_OK", 890)];
        let nothing = crate::entry::Chunk::new(11, Vec::new());
        stage.deliver(1, nothing, Some(snapshot), None);
        stage.keys("i");
    });
}

#[test]
fn asks_without_a_reply() {
    at_all_sizes("asks", Stage::live, |stage| {
        let snapshot = stage.without_replies();
        let nothing = crate::entry::Chunk::new(11, Vec::new());
        stage.deliver(1, nothing, Some(snapshot), None);
        stage.keys("u down down");
    });
}

#[test]
fn filtered() {
    at_all_sizes("filtered", Stage::live, |stage| {
        stage.keys("/");
        stage.text(".outcome != null");
        stage.keys("enter");
        stage.settle();
    });
}

#[test]
fn events_under_two_sets_of_filters() {
    at_all_sizes("periods", Stage::stellar, |_| {});
}

#[test]
fn events_thinned_to_the_documented_meaning() {
    at_all_sizes("documented", Stage::stellar, |stage| {
        stage.keys("D");
        stage.settle();
    });
}

#[test]
fn filters_and_what_they_do() {
    at_all_sizes("filters", Stage::stellar, |stage| {
        stage.keys("F");
        stage.settle();
        stage.keys("down down");
        let items = crate::tui::state::filters::items(stage.state.tab().unwrap());
        assert_eq!(filters::item_count(&stage.state), items.len());
    });
}

#[test]
fn filters_of_a_session_without_any() {
    at_all_sizes("filters_none", Stage::stellar, |stage| {
        let mut snapshot = stage.filtered(None);
        snapshot.filters = std::sync::Arc::new([]);
        stage.deliver(
            1,
            crate::entry::Chunk::new(12, Vec::new()),
            Some(snapshot),
            None,
        );
        stage.keys("F");
    });
}

#[test]
fn both_verdicts_about_an_event() {
    at_all_sizes("why", Stage::stellar, |stage| stage.keys("up up w"));
}

#[test]
fn both_verdicts_about_an_event_that_did_not_come() {
    at_all_sizes("why_typed", Stage::stellar, |stage| {
        stage.keys("w p");
        stage.text(r#"{"type":"contract","x":"\u0000"}"#);
        stage.keys("enter");
    });
}

#[test]
fn a_shadow_and_what_does_not_fit() {
    at_all_sizes("shadow", Stage::stellar, |stage| {
        stage.keys("S F");
        stage.settle();
        stage.keys("G");
    });
}

#[test]
fn a_question_before_what_can_hurt_others() {
    use crate::tui::state::confirm::{Confirm, Deed};
    at_all_sizes("confirm", Stage::live, |stage| {
        stage.state.ask(Confirm {
            what: "Publish system:hot_reload?".to_owned(),
            why: "Every page subscribed to it reloads at once and loses what was typed into it. \
                  The broker asks nobody."
                .to_owned(),
            deed: Deed::Run(|_, _| {}),
        });
    });
}

#[test]
fn a_conversation_with_a_broker() {
    at_all_sizes("mq", Stage::broker, |_| {});
}

#[test]
fn topics_of_a_broker() {
    at_all_sizes("broker_topics", Stage::broker, |stage| {
        stage.keys("B tab");
    });
}

#[test]
fn clients_of_a_broker() {
    at_all_sizes("broker_clients", Stage::broker, |stage| {
        stage.keys("B shift-tab");
    });
}

#[test]
fn calls_of_a_broker_with_one_that_waits() {
    at_all_sizes("broker_calls", Stage::broker, |stage| stage.keys("B"));
}

#[test]
fn calls_of_our_own_through_a_broker() {
    at_all_sizes("broker_proxied", Stage::broker, |stage| {
        stage.keys("B down down down");
    });
}

#[test]
fn what_is_known_of_a_broker() {
    at_all_sizes("broker_facts", Stage::broker, |stage| stage.keys("i"));
}

#[test]
fn both_halves_of_a_call_through_a_broker() {
    use crate::tui::state::broker::CallName;
    at_all_sizes("broker_pair", Stage::broker, |stage| {
        stage.joined();
        stage.keys("B");
        stage.state.tabs[0].broker.call = Some(CallName::Proxied(1));
        stage.keys("enter [");
        stage.due(12);
    });
}

#[test]
fn a_session_that_is_not_registered_and_under_pressure() {
    use crate::protocol::websocketmq::{Pressure, Registration};
    at_all_sizes("broker_pressed", Stage::broker, |stage| {
        stage.pictured(|picture| {
            picture.identity.registration =
                Registration::Without("system:register was not answered".to_owned());
            picture.identity.name = String::new();
            picture.pressure = Pressure {
                outstanding: 3,
                most: 41,
                dropped: 2,
                hint: Some(
                    "41 replies were owed at once: send no more than 15 at a time".to_owned(),
                ),
            };
            picture.calls = std::sync::Arc::default();
        });
        stage.keys("i");
    });
}
