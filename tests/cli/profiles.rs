//! `wspect profile …`.

use crate::program::{Echo, Home, ran};

const SECRETIVE: &str = r#"
url = "wss://me:pass-in-url@127.0.0.1:1/ws?token=token-in-query"
description = "carries secrets everywhere"

[headers]
Authorization = "Bearer bearer-secret"
X-Api-Key = "${env:WSPECT_TEST_KEY}"
X-Plain = "${env:WSPECT_TEST_KEY}"

[[on_open]]
send = '{"op":"auth","password":"in-json-secret"}'
"#;

const SECRETS: [&str; 5] = [
    "pass-in-url",
    "token-in-query",
    "bearer-secret",
    "in-json-secret",
    "key-from-env",
];

#[test]
fn list_has_own_profiles_first_and_outranking() {
    let home = Home::new();
    home.profile(
        "mine",
        "url = 'ws://127.0.0.1:1/mine'\ndescription = 'My own'\n",
    );
    home.profile("echo-local", "url = 'ws://127.0.0.1:2/'\n");
    home.profile("broken", "url = 5\n");
    let list = home.run(&["profile", "list"]);
    let lines: Vec<_> = list.fine().lines().collect();
    assert!(lines[0].starts_with("NAME"));
    let names: Vec<_> = lines[1..]
        .iter()
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    let expected = [
        "broken",
        "echo-local",
        "mine",
        "raccoon-local",
        "raccoon-rest-local",
        "raccoon-grpc-local",
        "stellar-local",
        "websocketmq-local",
        "websocketmq-gen1-local",
    ];
    assert_eq!(names, expected);
    assert!(lines[1].contains("cannot be used"), "{}", lines[1]);
    assert!(lines[2].contains("yours") && lines[2].contains("127.0.0.1:2"));
    assert!(lines[3].contains("My own"));
    assert!(lines[4].contains("built-in"));
}

#[test]
fn config_option_outranks_the_variable() {
    let (home, other) = (Home::new(), Home::new());
    other.profile("theirs", "url = 'ws://127.0.0.1:1'\n");
    let dir = other.path().to_str().unwrap();
    let list = home.run(&["--config", dir, "profile", "list"]);
    assert!(list.fine().contains("theirs"));
    let path = home.run(&["profile", "path", "--config", dir]);
    let expected = other.path().join("profiles");
    assert_eq!(path.fine().trim_end(), expected.to_str().unwrap());
}

#[test]
fn secrets_are_printed_nowhere() {
    let home = Home::new();
    home.profile("secretive", SECRETIVE);
    for words in [
        &["profile", "list"][..],
        &["profile", "show", "secretive"],
        &["profile", "show", "secretive", "--filled"],
        &["profile", "check", "secretive"],
        &["tail", "secretive", "--no-reconnect"],
    ] {
        let output = home
            .command(words)
            .env("WSPECT_TEST_KEY", "key-from-env")
            .output()
            .unwrap();
        let ran = ran(&output);
        for secret in SECRETS {
            assert!(!ran.out.contains(secret), "{words:?}: {}", ran.out);
            assert!(!ran.err.contains(secret), "{words:?}: {}", ran.err);
        }
    }
}

#[test]
fn show_has_defaults_and_masks() {
    let home = Home::new();
    home.profile("secretive", SECRETIVE);
    let shown = home.run(&["profile", "show", "secretive"]);
    for needle in [
        "secretive.toml",
        "wss://***@127.0.0.1:1/ws?token=***",
        "Authorization = \"***\"",
        "X-Api-Key = \"${env:WSPECT_TEST_KEY}\"",
        "factor = 2.0",
    ] {
        assert!(
            shown.fine().contains(needle),
            "no {needle:?} in {}",
            shown.out
        );
    }
    // What is shown of a profile without secrets is a profile again.
    let shown = home.run(&["profile", "show", "raccoon-local"]);
    home.profile("again", shown.fine());
    assert_eq!(
        home.run(&["profile", "check", "again"]).fine(),
        "ok again\n"
    );
}

#[test]
fn check_finds_what_is_wrong_and_exits_with_2() {
    let home = Home::new();
    home.profile("typo", "url = 'ws://h'\n[reconect]\nbase = '1s'\n");
    home.profile("env", "url = 'ws://h/${env:WSPECT_TEST_MISSING}'\n");
    home.profile(
        "schema",
        "url = 'ws://h'\n[schema]\nfiles = ['missing.proto']\n",
    );
    home.profile("tls", "url = 'wss://h'\n[tls]\ncacert = 'missing.pem'\n");
    home.profile("good", "url = 'ws://h'\n");
    let ran = home.run(&["profile", "check"]);
    let needles = [
        "typo.toml, line 2: `reconect`: unknown key `reconect`; did you mean `reconnect`?",
        "env.toml, line 1: `url`: the environment variable WSPECT_TEST_MISSING is not set",
        "missing.proto",
        "`tls.cacert`: cannot read",
    ];
    ran.fails(2, &needles);
    assert!(ran.out.contains("ok good\n"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 8, "{}", ran.out);
}

#[test]
fn check_takes_a_file_and_runs_no_commands() {
    let home = Home::new();
    let witness = home.path().join("witness");
    home.profile(
        "cmd",
        &format!(
            "url = 'ws://h'\n[headers]\nA = '${{cmd:touch {}}}'\n",
            witness.display()
        ),
    );
    let file = home.path().join("profiles/cmd.toml");
    let ran = home.run(&["profile", "check", file.to_str().unwrap()]);
    ran.fine();
    assert!(!witness.exists());
}

#[test]
fn built_in_profiles_pass_the_check() {
    let ran = Home::new().run(&["profile", "check"]);
    assert_eq!(ran.fine().lines().count(), 7);
    assert!(ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn check_lists_the_rules_in_the_order_they_are_asked() {
    let home = Home::new();
    let types = "[{ regex = '^p', decode = 'raw' }, { event = 'p*', decode = 'json' }, \
                 { event = 'page', message = 'Duration' }]";
    home.profile(
        "own",
        &format!("url = 'ws://h'\n[schema]\ntypes = {types}\n"),
    );
    let ran = home.run(&["profile", "check", "--types", "own"]);
    assert_eq!(
        ran.fine(),
        "ok own\n   page → google.protobuf.Duration (exact)\n   p* → json (glob)\n   /^p/ → raw (regex)\n"
    );
}

#[test]
fn path_names_directory_and_files() {
    let home = Home::new();
    home.profile("mine", "url = 'ws://h'\n");
    let file = home.path().join("profiles/mine.toml");
    let ran = home.run(&["profile", "path", "mine"]);
    assert_eq!(ran.fine().trim_end(), file.to_str().unwrap());
    home.run(&["profile", "path", "raccoon-local"])
        .fails(2, &["built in", "raccoon-local.toml"]);
    home.run(&["profile", "path", "mien"])
        .fails(2, &["did you mean mine?"]);
}

#[cfg(unix)]
#[test]
fn a_file_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.profile("open", "url = 'ws://h'\n");
    let file = home.path().join("profiles/open.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = home.run(&["profile", "check", "open"]);
    ran.fine();
    assert!(ran.err.contains("chmod 600"), "{}", ran.err);
}

#[test]
fn a_frame_that_carries_a_secret_is_printed_without_it() {
    let home = Home::new();
    let server = Echo::start();
    home.profile(
        "auth",
        &format!(
            "url = '{}'\nsystem = 'generic'\n[[on_open]]\n\
             send = '{{\"op\":\"auth\",\"password\":\"in-json-secret\"}}'\nexpect = '.op'\n",
            server.url
        ),
    );
    let ran = home.run(&["tail", "auth", "--limit", "2", "--raw"]);
    assert!(
        ran.fine().contains("\\\"password\\\":\\\"***\\\""),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("in-json-secret"), "{}", ran.out);
}
