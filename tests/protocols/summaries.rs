//! Chosen scenarios, line by line.
//!
//! Each file under `tests/fixtures/summaries` is what one transcript of the same name becomes:
//!
//! ```text
//! > badge label · asks KEY within TIME      a frame we sent
//! < badge label · answers KEY VERDICT       a frame we received
//!     note: …   error: …                    what the summary says of it
//!   = milestone   + frame to send   ! diagnosis   @ deadline   % filters
//! ```
//!
//! Run with `UPDATE_SUMMARIES=1` to write the files anew, then review the difference.

use std::path::Path;

use crate::{replay, transcript};

fn check(name: &str) {
    let path = transcript::fixtures()
        .join("summaries")
        .join(format!("{name}.txt"));
    compare(&path, &replay::lines(&transcript::named(name)));
}

/// Fails unless the file holds exactly this text; writes it there if told to.
pub(crate) fn compare(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_SUMMARIES").is_some() {
        std::fs::write(path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if found != expected {
        let differing = found
            .lines()
            .zip(expected.lines().chain(std::iter::repeat("")))
            .find(|(found, expected)| found != expected);
        panic!(
            "{} differs, first at {differing:#?}\n--- found\n{found}",
            path.display()
        );
    }
}

macro_rules! scenarios {
    ($($test:ident = $name:literal,)+) => {
        $(#[test] fn $test() { check($name); })+
    };
}

scenarios! {
    raccoon_binary_sync = "raccoon-ws-binary-sync",
    raccoon_text_async = "raccoon-ws-text-async",
    raccoon_bad_bytes = "raccoon-ws-bad-bytes",
    raccoon_dedup = "raccoon-ws-dedup",
    raccoon_duplicate_id = "raccoon-ws-duplicate",
    raccoon_table_full = "raccoon-ws-max-conn",
    raccoon_no_pong = "raccoon-ws-no-pong",
    raccoon_default_pings = "raccoon-ws-ping-default",
    raccoon_rest_sync = "raccoon-rest-sync",
    raccoon_grpc_sync = "raccoon-grpc-sync",
    stellar_register = "savetowebsocket-register",
    stellar_filter_update = "savetowebsocket-filter-update",
    stellar_payloads = "savetowebsocket-payloads",
    stellar_no_registration = "savetowebsocket-no-registration",
    stellar_no_pong = "savetowebsocket-no-pong",
    stellar_closing = "savetowebsocket-closing",
    generic_echo = "gowse-echo",
    generic_scripted_peer = "gowse-client-nhooyr-scripted-server",
    stellar_slow_consumer = "savetowebsocket-slow-consumer",
    mq_bad_input = "go-websocketmq-bad-input",
    mq_closing = "go-websocketmq-closing",
    mq_duplicate_client_id = "go-websocketmq-duplicate-client-id",
    mq_gen1_bad_input = "go-websocketmq-gen1-bad-input",
    mq_gen1_compression = "go-websocketmq-gen1-compression",
    mq_gen1_events = "go-websocketmq-gen1-events",
    mq_gen1_g11_bad_input_and_closing = "go-websocketmq-gen1-g11-bad-input-and-closing",
    mq_gen1_g11_js_client = "go-websocketmq-gen1-g11-js-client",
    mq_gen1_g11_request_response = "go-websocketmq-gen1-g11-request-response",
    mq_gen1_idle_and_closing = "go-websocketmq-gen1-idle-and-closing",
    mq_gen1_js_client = "go-websocketmq-gen1-js-client",
    mq_gen1_js_client_min = "go-websocketmq-gen1-js-client-min",
    mq_gen1_register = "go-websocketmq-gen1-register",
    mq_gen1_request_response = "go-websocketmq-gen1-request-response",
    mq_gen1_server_request = "go-websocketmq-gen1-server-request",
    mq_go_client = "go-websocketmq-go-client",
    mq_go_client_reconnect = "go-websocketmq-go-client-reconnect",
    mq_js_client = "go-websocketmq-js-client",
    mq_message_limit = "go-websocketmq-message-limit",
    mq_no_ping_idle = "go-websocketmq-no-ping-idle",
    mq_no_pong = "go-websocketmq-no-pong",
    mq_ping = "go-websocketmq-ping",
    mq_ping_default = "go-websocketmq-ping-default",
    mq_proxy = "go-websocketmq-proxy",
    mq_publish_fanout = "go-websocketmq-publish-fanout",
    mq_register = "go-websocketmq-register",
    mq_request_response = "go-websocketmq-request-response",
    mq_server_announcements = "go-websocketmq-server-announcements",
    mq_server_request = "go-websocketmq-server-request",
    mq_server_shutdown = "go-websocketmq-server-shutdown",
    mq_short_client_id = "go-websocketmq-short-client-id",
    mq_slow_consumer = "go-websocketmq-slow-consumer",
    mq_slow_consumer_two = "go-websocketmq-slow-consumer-two",
    mq_unregistered = "go-websocketmq-unregistered",
    mq_upgrade_refused = "go-websocketmq-upgrade-refused",
}
