use std::fs;
use std::path::Path;
use std::time::Duration;

use clap::Parser as _;

use super::*;
use crate::cli::Cli;
use crate::protocol::System;
use crate::protocol::websocketmq::{Dialect, Speak};

fn flags(words: &[&str]) -> ConnectFlags {
    let words = ["wspect"].iter().chain(words);
    Cli::try_parse_from(words).unwrap().connect
}

async fn resolve_in(dir: &Path, target: &str, words: &[&str]) -> anyhow::Result<Target> {
    let globals = Globals {
        config: Some(dir.to_owned()),
        ..Globals::default()
    };
    resolve(target, &flags(words), &globals).await
}

fn config(profile: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("profiles");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("mine.toml"), profile).unwrap();
    dir
}

#[tokio::test]
async fn a_bare_url_has_the_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let target = resolve_in(dir.path(), "wss://me:pw@h:1/x?token=abc", &[]).await;
    let plan = target.unwrap().plan;
    assert_eq!(plan.name, "h:1");
    assert_eq!(plan.dial.url, "wss://me:pw@h:1/x?token=abc");
    assert_eq!(plan.dial.shown_url, "wss://***@h:1/x?token=***");
    assert_eq!(plan.dial.message_limit, 16 << 20);
    assert_eq!(plan.system, None);
    assert!(plan.reconnect.enabled);
}

#[tokio::test]
async fn flags_outrank_the_profile() {
    let dir = config(
        "url = 'ws://h'\nsystem = 'raccoon'\nsubprotocols = ['a']\n[tls]\ncacert = 'ca.pem'\n\
         [headers]\nX-User-ID = 'profile'\nX-Kept = '1'\nX-Gone = '2'\n",
    );
    let words = [
        "-Hx-user-id: flag",
        "-HX-Gone:",
        "-HAuthorization: Bearer hunter2hunter2",
        "--system=generic",
        "--subprotocol=b",
        "--no-reconnect",
        "--insecure",
        "--ping-every=0",
        "--max-message=1KiB",
        "--connect-timeout=250ms",
    ];
    let target = resolve_in(dir.path(), "mine", &words).await.unwrap();
    let plan = &target.plan;
    let headers: Vec<_> = plan
        .dial
        .headers
        .iter()
        .map(|(n, v)| (&**n, &**v))
        .collect();
    assert_eq!(
        headers,
        [
            ("X-Kept", "1"),
            ("x-user-id", "flag"),
            ("Authorization", "Bearer hunter2hunter2")
        ]
    );
    assert_eq!(plan.system, Some(System::Generic));
    assert_eq!(plan.dial.subprotocols, ["b"]);
    assert!(!plan.reconnect.enabled);
    assert!(plan.dial.tls.insecure);
    assert_eq!(
        plan.dial.tls.cacert,
        Some(dir.path().join("profiles/ca.pem"))
    );
    assert_eq!(plan.ping_every, Duration::ZERO);
    assert_eq!(plan.dial.message_limit, 1024);
    assert_eq!(plan.dial.connect_timeout, Duration::from_millis(250));
    assert!(
        target
            .warnings
            .iter()
            .any(|w| w.contains("any certificate"))
    );
    assert_eq!(target.secrets.mask("hunter2hunter2"), "***");
}

#[tokio::test]
async fn every_built_in_profile_resolves() {
    let dir = tempfile::tempdir().unwrap();
    for name in Catalog::new(Some(dir.path())).names().unwrap() {
        let target = resolve_in(dir.path(), &name, &[]).await.unwrap();
        assert_eq!(target.plan.name, name);
        assert!(target.plan.system.is_some(), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_target_says_what_would_be() {
    let dir = config("url = 'ws://h'\n");
    for (target, needle) in [
        ("racoon-local", "did you mean raccoon-local?"),
        ("mien", "did you mean mine?"),
        ("127.0.0.1:8080/ws", "write ws://127.0.0.1:8080/ws"),
        ("http://h/api", "--system raccoon"),
        ("grpc://h", "names no port"),
        ("ftp://h", "begins with ws:// or wss://"),
        ("zebra", "`wspect profile list` shows"),
    ] {
        let error = resolve_in(dir.path(), target, &[]).await.unwrap_err();
        assert_eq!(exit::code(&error), exit::USAGE, "{target}");
        assert!(error.to_string().contains(needle), "{target}: {error}");
    }
}

/// The id header that is sent, and what the protocol is told of it.
async fn id(profile: &str, words: &[&str]) -> (Option<String>, Option<String>) {
    let dir = config(profile);
    let plan = resolve_in(dir.path(), "mine", words).await.unwrap().plan;
    let name = &plan.settings.raccoon.id_header;
    let mut headers = plan.dial.headers.iter();
    let sent = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    let told = plan.settings.raccoon.identity.and_then(|ours| ours.id);
    (sent.map(|(_, value)| value.clone()), told)
}

#[tokio::test]
async fn a_raccoon_connection_without_an_id_gets_a_unique_marked_one() {
    let raccoon = "url = 'ws://h/api/v1/events'\n";
    let (sent, told) = id(raccoon, &[]).await;
    assert!(sent.as_deref().is_some_and(|id| id.starts_with("wspect-")));
    assert_eq!(sent, told);
    assert_ne!(id(raccoon, &[]).await.0, sent, "it is unique");
    let own = format!("{raccoon}[raccoon]\nid_header = 'X-Device'\n[headers]\nx-device = 'd-1'\n");
    assert_eq!(id(&own, &[]).await.0.as_deref(), Some("d-1"));
    let named = format!("{raccoon}[raccoon]\nid_header = 'X-Device'\n");
    assert!(id(&named, &[]).await.0.is_some());
    assert_eq!(id(raccoon, &["-HX-User-ID:"]).await.0, None, "taken away");
}

#[tokio::test]
async fn no_other_system_gets_an_id() {
    assert_eq!(id("url = 'ws://h/ws'\n", &[]).await, (None, None));
    let told = "url = 'ws://h/api/v1/events'\nsystem = 'generic'\n";
    assert_eq!(id(told, &[]).await, (None, None));
}

#[tokio::test]
async fn filters_of_flags_replace_the_profiles_one_by_one() {
    let dir = config(
        "url = 'ws://h/ws'\n[savetowebsocket]\n\
         filters = { types = ['trade'], asset_codes = ['native'] }\n",
    );
    let words = ["--types=payment", "--account=G1"];
    let target = resolve_in(dir.path(), "mine", &words).await.unwrap();
    let filters = target.plan.settings.savetowebsocket.filters;
    assert_eq!(filters.types, ["payment"]);
    assert_eq!(filters.account_ids, ["G1"]);
    assert_eq!(filters.asset_codes, ["native"]);
    let words = ["--types=payment", "--system=websocketmq"];
    let error = resolve_in(dir.path(), "mine", &words).await.unwrap_err();
    assert!(error.to_string().contains("WebSocketMQ"), "{error}");
}

#[test]
fn a_profile_made_of_flags_keeps_their_filters() {
    let given = flags(&["--types=a${x}", "--min-amount=1.50"]);
    let text = profile_text("ws://h/ws", &given);
    let table: toml::Table = toml::from_str(&text).unwrap();
    let filters = &table["savetowebsocket"]["filters"];
    assert_eq!(filters["types"][0].as_str(), Some("a$${x}"));
    assert_eq!(filters["min_amount"].as_str(), Some("1.50"));
}

#[tokio::test]
async fn flags_for_a_broker_outrank_the_profile_and_tell_the_system() {
    let dir = config(
        "url = 'ws://h/ws?client_id=profile-1&x=1'\n[websocketmq]\nsubscribe = ['p']\n\
         client_name = 'profile'\n",
    );
    let words = [
        "--client-id=new id 1",
        "--subscribe=f",
        "--respond=t={}",
        "--generation=2.3",
        "--clients-every=3s",
    ];
    let plan = resolve_in(dir.path(), "mine", &words).await.unwrap().plan;
    assert_eq!(plan.system, Some(System::WebSocketMq));
    assert_eq!(plan.dial.url, "ws://h/ws?x=1&client_id=new%20id%201");
    assert_eq!(plan.dial.shown_url, plan.dial.url);
    let settings = plan.settings.websocketmq;
    assert_eq!(settings.subscribe, ["f", "p"]);
    assert_eq!(settings.responders[0].topic, "t");
    assert_eq!(settings.client_name, "profile");
    assert_eq!(settings.clients_every, Duration::from_secs(3));
}

#[tokio::test]
async fn flags_for_a_broker_are_refused_for_another_system() {
    let dir = config("url = 'ws://h/api/v1/events'\nsystem = 'raccoon'\n");
    let error = resolve_in(dir.path(), "mine", &["--hold-calls"]).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("--hold-calls is for a WebSocketMQ broker"),
        "{error}"
    );
    let words = ["--client-id=somebody-1", "--generation=1.1"];
    let error = resolve_in(dir.path(), "ws://h/ws", &words)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("generation 1.1"), "{error}");
}

#[test]
fn a_profile_made_of_flags_for_a_broker_is_one() {
    let given = flags(&[
        "--subscribe=a${x}",
        "--client-id=somebody-1",
        "--no-register",
    ]);
    let text = profile_text("ws://h/ws", &given);
    let table: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(table["system"].as_str(), Some("websocketmq"));
    assert_eq!(
        table["url"].as_str(),
        Some("ws://h/ws?client_id=somebody-1")
    );
    let settings = table["websocketmq"].as_table().unwrap();
    assert_eq!(settings.len(), 2, "{text}");
    assert_eq!(settings["subscribe"][0].as_str(), Some("a$${x}"));
    assert_eq!(settings["register"].as_bool(), Some(false));
}

#[tokio::test]
async fn the_profiles_for_brokers_on_this_machine() {
    let dir = tempfile::tempdir().unwrap();
    let two = resolve_in(dir.path(), "websocketmq-local", &[])
        .await
        .unwrap();
    assert!(two.warnings.is_empty(), "{:?}", two.warnings);
    assert!(
        two.plan
            .dial
            .url
            .starts_with("ws://127.0.0.1:8081/ws?client_id=wspect-")
    );
    let settings = two.plan.settings.websocketmq;
    assert_eq!(settings.clients_every, Duration::from_secs(10));
    assert_eq!(settings.responders.len(), 2);
    let one = resolve_in(dir.path(), "websocketmq-gen1-local", &[])
        .await
        .unwrap();
    assert!(one.warnings.is_empty(), "{:?}", one.warnings);
    assert_eq!(one.plan.dial.url, "ws://127.0.0.1:9000/ws");
    assert_eq!(one.plan.system, Some(System::WebSocketMq));
    let settings = one.plan.settings.websocketmq;
    assert_eq!(settings.generation, Speak::Told(Dialect::G1_3));
    assert!(
        settings.page_session_id.len() > 20,
        "{}",
        settings.page_session_id
    );
}
