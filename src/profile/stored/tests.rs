use std::fs;

use super::*;
use crate::profile::{Catalog, load_file};

const TOKEN: &str = "hunter2hunter2";

fn outside() -> Outside<'static> {
    Outside {
        env: &|name| (name == "TOKEN").then(|| TOKEN.to_owned()),
        command: &|_| Ok("c0mmand-secret".to_owned()),
        host: &|| "box".to_owned(),
        uuid: &|| "11111111-2222".to_owned(),
    }
}

fn stored(text: &str) -> Result<Stored, ProfileError> {
    let origin = Origin::File("/config/profiles/mine.toml".into());
    Stored::new("mine", origin, text.to_owned(), Some(0o600))
}

fn error(text: &str) -> String {
    stored(text).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn built_in_profiles_are_sound_and_ready() {
    let dir = tempfile::tempdir().unwrap();
    let all = Catalog::new(Some(dir.path())).list().unwrap();
    assert_eq!(all.len(), 7);
    for listed in all {
        assert_eq!(listed.origin, Origin::BuiltIn);
        let stored = listed.profile.unwrap();
        assert_eq!(stored.warnings, Vec::<String>::new(), "{}", listed.name);
        assert!(stored.profile.description.is_some(), "{}", listed.name);
        let ready = stored.fill(&outside()).unwrap();
        assert!(!ready.profile.url.contains('$'), "{}", ready.profile.url);
        assert_eq!(ready.shown_url(), ready.profile.url, "nothing is secret");
    }
}

#[test]
fn errors_name_file_line_key_and_what_was_meant() {
    for (text, needles) in [
        (
            "url = 'ws://h'\n[schema]\ntypes = [\n  { regex = '^[a', message = 'M' },\n]\n",
            &["mine.toml, line 4", "`schema.types[0].regex`", "unclosed"][..],
        ),
        (
            "url = 'ws://h'\n[schema]\ntypes = [{ event = 'a' }]\n",
            &["line 3", "`schema.types[0]`", "`message`, or `decode`"],
        ),
        (
            "url = 'ws://h'\n[hearbeat]\n",
            &[
                "mine.toml, line 2",
                "`hearbeat`",
                "did you mean `heartbeat`?",
            ][..],
        ),
        (
            "url = 'ws://h'\n[reconnect]\nbase = '1s'\nfacter = 2.0\n",
            &["line 4", "`reconnect.facter`", "did you mean `factor`?"],
        ),
        (
            "url = 'ws://h'\n[reconnect]\nzebra = 1\n",
            &["line 3", "unknown key `zebra`", "known here: enabled, base"],
        ),
        (
            "url = 'ws://h'\n[raccoon]\nwire = 'protobif'\n",
            &["line 3", "`raccoon.wire`", "did you mean `protobuf`?"],
        ),
        (
            "url = 'ws://h'\n\n[tls]\ninsecure = 'yes'\n",
            &[
                "line 4",
                "`tls.insecure`",
                "wrong type",
                "expected a boolean",
            ],
        ),
        (
            "url = 'ws://h'\n[[on_open]]\nsend = 'x'\nwithin = 'soon'\n",
            &["line 4", "`on_open[0].within`", "`soon` is not a duration"],
        ),
        ("system = 'raccoon'\n", &["`url` is missing"]),
        ("url = 'ws://h\n", &["line 1", "not TOML"]),
        (
            "url = 'ws://h'\nurl = 'ws://i'\n",
            &["line 2", "not TOML", "duplicate key"],
        ),
    ] {
        let error = error(text);
        for needle in needles {
            assert!(error.contains(needle), "{text}\n{error}\nlacks {needle}");
        }
    }
}

/// Texts, and what the error says about them.
const WRONG_VALUES: &[(&str, &[&str])] = &[
    ("url = 'grpc://h'\n", &["`url`", "names no port"]),
    (
        "url = 'ftp://h/x'\n",
        &["`url`", "begins with ws:// or wss://"],
    ),
    ("url = 'h:80'\n", &["is no URL"]),
    ("url = 'ws://:80/'\n", &["names no host"]),
    ("url = 'ws://h/#a'\n", &["fragment"]),
    ("url = 'ws://h/a b'\n", &["blanks"]),
    (
        "url = 'ws://h'\nsystem = 'racoon'\n",
        &["line 2", "did you mean `raccoon`?"],
    ),
    (
        "url = 'ws://h'\n[reconnect]\nfactor = 0.5\n",
        &["line 3", "1 or more"],
    ),
    (
        "url = 'ws://h'\n[reconnect]\nfactor = inf\n",
        &["line 3", "1 or more"],
    ),
    (
        "url = 'ws://h'\n[reconnect]\njitter = 1.5\n",
        &["line 3", "between 0 and 1"],
    ),
    (
        "url = 'ws://h'\n[reconnect]\nbase = '0'\n",
        &["line 3", "at least 10ms"],
    ),
    (
        "url = 'ws://h'\n[reconnect]\nmax = '1ms'\n",
        &["line 3", "shorter than `base`"],
    ),
    (
        "url = 'ws://h'\n[limits]\nmessage = 0\n",
        &["line 3", "bytes"],
    ),
    (
        "url = 'ws://h'\n[headers]\n'Bad Name' = 'x'\n",
        &["line 3", "no header name"],
    ),
    (
        "url = 'ws://h'\n[headers]\nA = \"x\\ny\"\n",
        &["line 3", "'\\n'"],
    ),
    ("url = 'ws://h'\n[headers]\nA = 5\n", &["line 3", "integer"]),
    (
        "url = 'ws://h'\n[headers]\nUpgrade = 'x'\n",
        &["line 3", "set by the upgrade"],
    ),
    (
        "url = 'ws://h'\n[tls]\ncert = 'a.pem'\n",
        &["line 2", "both `cert` and `key`"],
    ),
    (
        "url = 'ws://h'\n[[on_open]]\nwithin = '1s'\n",
        &["must `send` or `expect`"],
    ),
    (
        "url = 'ws://h'\n[correlate]\nrequest = 'id'\n",
        &["line 3", ".reqId"],
    ),
    (
        "url = 'ws://h'\nsubprotocols = ['a', 'a']\n",
        &["line 2", "twice"],
    ),
    (
        "url = 'ws://h'\n[raccoon]\nrest_url = 'ws://h'\n",
        &["line 3", "http://"],
    ),
    (
        "url = 'ws://h'\n[websocketmq]\nresponders = [{ topic = 't', reply = '{' }]\n",
        &["line 3", "`websocketmq.responders[0].reply`", "not JSON"],
    ),
    (
        "url = 'ws://h'\n[websocketmq]\nresponders = [{ topic = 't', reply = '${.a' }]\n",
        &[
            "line 3",
            "`websocketmq.responders[0].reply`",
            "no closing }",
        ],
    ),
    (
        "url = 'ws://h'\n[websocketmq]\nresponders = [{ topic = 't', when = '.a ==' }]\n",
        &[
            "line 3",
            "`websocketmq.responders[0].when`",
            "no jq expression",
        ],
    ),
    (
        "url = 'ws://h'\n[websocketmq]\nresponders = [{ topic = 't', reply = '1', error = {} }]\n",
        &[
            "line 3",
            "`websocketmq.responders[0].error`",
            "one or the other",
        ],
    ),
    (
        "url = 'ws://h'\n[websocketmq]\nresponders = [{ reply = '1' }]\n",
        &[
            "line 3",
            "`websocketmq.responders[0]`",
            "must name the topic",
        ],
    ),
];

#[test]
fn values_that_cannot_be_meant() {
    for (text, needles) in WRONG_VALUES {
        let error = error(text);
        for needle in *needles {
            assert!(error.contains(needle), "{text}\n{error}\nlacks {needle}");
        }
    }
}

#[test]
fn all_wrong_values_are_told_at_once_in_order() {
    let error = error("url = 'ftp://h'\n[reconnect]\nfactor = 0.0\njitter = 2.0\n");
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 3, "{error}");
    assert!(lines[0].contains("line 1") && lines[2].contains("line 4"));
}

#[test]
fn templates_are_filled_in_and_their_values_masked() {
    let text = r#"
url = "wss://me:${env:TOKEN}@h/ws?token=${cmd:pass}&user=${host}"
[headers]
Authorization = "Bearer ${env:TOKEN}"
X-Literal-Token = "literal-secret"
X-User-ID = "wspect-${host}-${uuid}"
[[on_open]]
send = '{"op":"auth","secret":"in-json-secret","n":"$${uuid}"}'
"#;
    let stored = stored(text).unwrap();
    let ready = stored.fill(&outside()).unwrap();
    assert_eq!(
        ready.profile.url,
        "wss://me:hunter2hunter2@h/ws?token=c0mmand-secret&user=box"
    );
    assert_eq!(ready.shown_url(), "wss://***@h/ws?token=***&user=box");
    assert_eq!(ready.headers()[0].1, format!("Bearer {TOKEN}"));
    assert_eq!(ready.headers()[2].1, "wspect-box-11111111-2222");
    let sent = ready.profile.on_open[0].send.as_deref().unwrap();
    assert!(sent.contains("${uuid}"), "{sent}");
    let shown = format!("{}{}", ready.shown, stored.shown());
    let masked = ready.secrets.mask(&format!(
        "{TOKEN} c0mmand-secret literal-secret in-json-secret"
    ));
    assert_eq!(masked, "*** *** *** ***");
    for secret in [TOKEN, "c0mmand-secret", "literal-secret", "in-json-secret"] {
        assert!(!shown.contains(secret), "{secret} in\n{shown}");
    }
}

#[test]
fn replies_of_responders_keep_the_templates_of_every_answer() {
    let text = r#"
url = "ws://h"
[websocketmq]
responders = [
  { topic = "a", reply = '{"host":"${host}","x":"${.payload.x}","id":"${uuid}","$${now}":1}' },
  { topic = "b*", reply = '"${env:TOKEN}"' },
  { topic = "bc" },
  { topic = "d", delay = "12s" },
]
"#;
    let stored = stored(text).unwrap();
    assert_eq!(stored.warnings.len(), 2, "{:?}", stored.warnings);
    assert!(stored.warnings[0].contains("never answers: responder 2"));
    assert!(stored.warnings[1].contains("gives up after 10s"));
    let responders = &stored
        .fill(&outside())
        .unwrap()
        .profile
        .websocketmq
        .responders;
    assert_eq!(
        responders[0].reply.as_deref(),
        Some(r#"{"host":"box","x":"${.payload.x}","id":"${uuid}","$${now}":1}"#)
    );
    assert_eq!(responders[1].reply, Some(format!("\"{TOKEN}\"")));
}

#[test]
fn a_value_that_cannot_be_filled_in_names_its_line() {
    let stored = stored("url = 'ws://h'\n[headers]\nA = '${env:MISSING}'\n").unwrap();
    let error = stored.fill(&outside()).unwrap_err().to_string();
    assert!(error.contains("mine.toml, line 3: `headers.A`"), "{error}");
    assert!(error.contains("MISSING is not set"), "{error}");
}

#[test]
fn a_filled_value_is_checked_and_does_not_leak() {
    let stored = stored("url = '${env:TOKEN}'\n").unwrap();
    let error = stored.fill(&outside()).unwrap_err().to_string();
    assert!(
        error.contains("line 1: `url`") && error.contains("is no URL"),
        "{error}"
    );
    assert!(!error.contains(TOKEN), "{error}");
}

#[test]
fn warnings_do_not_stop_it() {
    let text = "url = 'ws://h/ws?client_id=short'\nsystem = 'websocketmq'\n\
                [[on_open]]\nsend = 'x'\n";
    let warnings = stored(text).unwrap().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("never answers"), "{warnings:?}");
    assert!(
        warnings[1].contains("steps are for generic systems"),
        "{warnings:?}"
    );
}

#[cfg(unix)]
#[test]
fn files_open_to_others_are_warned_of_and_run_no_commands() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    fs::write(&path, "url = 'ws://h'\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let warnings = load_file("p", &path).unwrap().warnings;
    assert!(
        warnings[0].contains("others may read it (mode 644)"),
        "{warnings:?}"
    );
    fs::write(&path, "url = '${cmd:echo ws://h}'\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
    let error = load_file("p", &path).unwrap_err().to_string();
    assert!(
        error.contains("others may write to it (mode 620)"),
        "{error}"
    );
}

#[test]
fn own_profiles_outrank_built_in_ones_and_names_have_neighbours() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("profiles");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("raccoon-local.toml"), "url = 'ws://mine'\n").unwrap();
    fs::write(own.join("broken.toml"), "url = 5\n").unwrap();
    fs::write(own.join("notes.txt"), "").unwrap();
    let catalog = Catalog::new(Some(dir.path()));
    assert_eq!(
        catalog.load("raccoon-local").unwrap().profile.url,
        "ws://mine"
    );
    let listed = catalog.list().unwrap();
    let names: Vec<_> = listed.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names[..2], ["broken", "raccoon-local"]);
    assert_eq!(names.len(), 8);
    assert!(listed[0].profile.is_err());
    let error = catalog.load("racoon-locl").unwrap_err().to_string();
    assert!(error.contains("did you mean raccoon-local"), "{error}");
    for name in ["", "../x", "a/b", ".hidden"] {
        assert!(catalog.load(name).is_err(), "{name}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_makes_it_panic(text in "(url|\\[|\\]|=|'|\"|\\$\\{|\\}|\n|[a-z.é]){0,40}") {
        if let Ok(stored) = stored(&text) {
            let _ = stored.fill(&outside());
        }
    }
}
