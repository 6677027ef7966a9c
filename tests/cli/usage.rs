//! Help, wrong usage, closed pipes, generated files.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Stdio;

use crate::program::{Home, ran, run};

const COMMANDS: [&[&str]; 12] = [
    &[],
    &["demo"],
    &["tail"],
    &["send"],
    &["serve"],
    &["profile"],
    &["profile", "list"],
    &["profile", "show"],
    &["profile", "check"],
    &["schema"],
    &["completions"],
    &["man"],
];

#[test]
fn every_command_has_help() {
    for words in COMMANDS {
        let words = [words, &["--help"]].concat();
        let help = run(&words);
        assert!(help.fine().contains("Usage: wspect"), "{words:?}");
        assert!(help.err.is_empty(), "{words:?}: {}", help.err);
    }
}

#[test]
fn the_help_tells_targets_and_exit_codes() {
    let help = run(&["--help"]);
    for needle in ["demo:SYSTEM", "ws://", "Exit codes:", "130", "profile list"] {
        assert!(help.fine().contains(needle), "{needle}");
    }
}

#[test]
fn version_is_the_package_s() {
    let version = format!("wspect {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]).fine(), version);
}

#[test]
fn wrong_usage_exits_with_2() {
    for (words, needle) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["tail"], "TARGET"),
        (&["tail", "ws://h", "-H", "no colon"], "write a header as"),
        (
            &["tail", "ws://h", "-H", "Upgrade: x"],
            "set by the upgrade",
        ),
        (&["tail", "ws://h", "--system", "racoon"], "raccoon"),
        (
            &["tail", "ws://h", "--connect-timeout", "soon"],
            "is not a duration",
        ),
        (
            &["tail", "ws://h", "--max-message", "lots"],
            "is not a size",
        ),
        (&["tail", "ws://h", "--grpc-url", "h:1"], "grpc://"),
        (&["tail", "ws://h", "--cert", "c.pem"], "--key"),
        (&["-H", "A: b", "tail", "ws://h"], "the command comes first"),
        (&["ws://h", "tail", "ws://h"], "the command comes first"),
        (&["profile", "remove", "x"], "remove"),
        (&["completions", "tcsh"], "tcsh"),
        (&["-v"], "--log FILE"),
        (
            &["--log", "/nonexistent/dir/log", "profile", "list"],
            "/nonexistent/dir/log",
        ),
    ] {
        let ran = run(words);
        ran.fails(2, &[needle]);
        assert!(ran.out.is_empty(), "{words:?} wrote to stdout: {}", ran.out);
    }
}

#[test]
fn unknown_targets_exit_with_2_and_say_what_could_be_meant() {
    run(&["racoon-local"]).fails(2, &["did you mean raccoon-local?"]);
    for command in ["tail", "send"] {
        for (target, needle) in [
            ("racoon-local", "did you mean raccoon-local?"),
            ("http://127.0.0.1:1/", "--system raccoon"),
            ("grpc://127.0.0.1", "names no port"),
            ("ftp://127.0.0.1", "ws:// or wss://"),
            ("127.0.0.1:9/ws", "write ws://127.0.0.1:9/ws"),
            ("demo:racoon", "demo:raccoon"),
        ] {
            run(&[command, target]).fails(2, &[needle]);
        }
    }
}

#[test]
fn a_schema_that_cannot_be_loaded_exits_with_2() {
    let home = Home::new();
    let proto = home.path().join("wrong.proto");
    std::fs::write(&proto, "syntax = \"proto3\";\nmessage {\n").unwrap();
    let path = proto.to_str().unwrap();
    let ran = home.run(&["tail", "ws://127.0.0.1:1", "--proto", path]);
    ran.fails(2, &["wrong.proto"]);
}

#[test]
fn a_closed_stdout_is_success() {
    for words in [&["profile", "list"][..], &["completions", "bash"], &["man"]] {
        let mut child = Home::new()
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        let mut stderr = child.stderr.take().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_refused_port_exits_with_1_and_names_it() {
    // Bound and closed again, so that nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("ws://{port}/");
    let ran = run(&["tail", &url, "--no-reconnect"]);
    ran.fails(1, &[&port.to_string()]);
}

#[test]
fn the_screen_without_a_terminal_exits_with_2_and_names_tail() {
    for words in [&[][..], &["demo"], &["raccoon-local"]] {
        run(words).fails(2, &["wspect tail"]);
    }
}

#[test]
fn completions_and_man_page_are_whole() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completions", shell]);
        for word in ["profile", "tail", "--no-reconnect"] {
            // Some shells' scripts spell options without the dashes.
            let word = word.trim_start_matches('-');
            assert!(ran.fine().contains(word), "{shell}: {word}");
        }
    }
    let man = run(&["man"]);
    for section in [
        ".TH wspect 1",
        "WSPECT TAIL",
        "WSPECT PROFILE CHECK",
        "Exit codes",
    ] {
        assert!(man.fine().contains(section), "{section}");
    }
}

#[test]
fn the_log_goes_to_its_file_with_rights_for_the_owner_only() {
    let home = Home::new();
    let log = home.path().join("log");
    let words = ["--log", log.to_str().unwrap(), "-vvv", "profile", "list"];
    home.run(&words).fine();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&log).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(log.exists());
}

#[test]
fn a_wrong_log_filter_is_told() {
    let home = Home::new();
    let output = home
        .command(&["-v", "profile", "list"])
        .env("WSPECT_LOG", "wspect=loud=very")
        .output()
        .unwrap();
    ran(&output).fails(2, &["WSPECT_LOG"]);
}
