use super::*;

#[test]
fn a_stream_of_events_is_registered_for_and_read() {
    let ran = run(&["tail", "demo:stellar", "--limit", "8"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(ran.states(), ["dialing", "open", "registering", "live"]);
    let frames = ran.of_type("frame");
    assert_eq!(frames.len(), 8);
    let badges = ran.badges();
    for badge in ["welcome", "register", "registered"] {
        assert!(badges.contains(badge), "{badges:?}");
    }
    let registered = frames
        .iter()
        .find(|line| line["badge"] == "registered")
        .unwrap();
    assert_eq!(registered["outcome"], "ok");
    assert!(registered["latency_us"].is_u64());
    assert!(registered["body"].is_object());
    let summary = ran.lines.last().unwrap();
    assert_eq!(
        (&summary["type"], &summary["why"]),
        (&"summary".into(), &"limit".into())
    );
    assert_eq!(summary["printed"], 8);
}

#[test]
fn a_demo_of_acks_flows_by_itself_and_closes_in_order() {
    let ran = run(&["tail", "demo:raccoon", "--for", "3s", "--raw"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let frames = ran.of_type("frame");
    let batch = frames
        .iter()
        .find(|line| line["badge"] == "batch")
        .expect("a batch");
    let ack = frames
        .iter()
        .find(|line| line["badge"] == "ack" && line["pair"] == batch["seq"])
        .expect("its ack");
    assert_eq!(ack["key"], batch["key"]);
    assert_eq!(batch["asks"], true);
    assert!(batch["base64"].is_string());
    assert_eq!(ran.states().last(), Some(&"closed"));
    let closed = ran.of_type("lifecycle").pop().unwrap();
    assert_eq!(
        (&closed["by"], &closed["clean"]),
        (&"us".into(), &true.into())
    );
    assert_eq!(ran.lines.last().unwrap()["why"], "for");
}

#[test]
fn mapped_types_are_read_as_told_and_the_line_says_how() {
    let until = r"[.readings[]? | .as] | length > 0";
    let maps = [
        "click=raw",
        "/^(page|search)$/=schemaless",
        "*=demo.ClickEvent",
    ];
    let mut words = vec!["tail", "demo:raccoon", "--for", "20s", "--until", until];
    words.extend(maps.iter().flat_map(|map| ["--map", map]));
    let ran = run(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let batch = ran.of_type("frame").pop().unwrap();
    for reading in batch["readings"].as_array().unwrap() {
        let (by, read_as) = match reading["type"].as_str().unwrap() {
            "click" => ("exact", "raw"),
            "page" | "search" => ("regex ^(page|search)$", "schema-less"),
            _ => ("glob *", "demo.ClickEvent"),
        };
        let fits = reading["as"] == read_as || reading["not"] == read_as;
        assert!(fits && reading["by"] == by, "{reading}");
    }
    let wrong = run(&["tail", "demo:raccoon", "--map", "click=no.Such"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("no.Such"), "{}", wrong.err);
}

#[test]
fn a_filter_hides_and_until_ends() {
    let until = r#".badge == "subscribed" and .outcome == "ok""#;
    let words = [
        "tail",
        "demo:mq",
        "--filter",
        r#".type == "frame" and .dir == "out""#,
    ];
    let ran = run(&[&words[..], &["--until", until, "--no-body"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let (last, shown) = ran
        .of_type("frame")
        .split_last()
        .map(|(l, s)| ((*l).clone(), s.len()))
        .unwrap();
    assert_eq!(last["badge"], "subscribed");
    assert!(shown > 0 && ran.of_type("lifecycle").is_empty());
    assert!(
        ran.of_type("frame")
            .iter()
            .all(|line| line.get("body").is_none())
    );
    assert_eq!(ran.lines.last().unwrap()["why"], "until");
}

#[test]
fn what_is_waited_for_in_vain_is_exit_code_3() {
    let ran = run(&[
        "tail",
        "demo:echo",
        "--for",
        "300ms",
        "--until",
        ".badge == \"never\"",
    ]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("matched none of"), "{}", ran.err);
}

#[test]
fn rows_of_text_are_for_reading_along() {
    let output = wspect(&["tail", "demo:stellar", "--limit", "3", "--format", "text"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.contains("· state        registering: waiting for the welcome"),
        "{out}"
    );
    assert!(out.contains(" ↓ welcome "), "{out}");
    assert!(out.lines().last().unwrap().starts_with("Σ "), "{out}");
}

#[test]
fn a_port_nobody_listens_at_is_exit_code_1_at_once() {
    let address = free_address();
    let ran = run(&["tail", &format!("ws://{address}/x")]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err
            .contains(&format!("{address} refused the connection")),
        "{}",
        ran.err
    );
    assert_eq!(ran.states()[..2], ["dialing", "closed"]);
    assert_eq!(ran.lines.last().unwrap()["why"], "lost");
}

#[test]
fn an_answer_that_is_no_upgrade_is_told_with_its_reason() {
    let body = "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno entry\n";
    let address = answering(body);
    let ran = run(&["tail", &format!("ws://{address}/x")]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("403") && ran.err.contains("no entry"),
        "{}",
        ran.err
    );
    let closed = ran.of_type("lifecycle")[1];
    assert_eq!(
        (&closed["status"], &closed["how"]),
        (&403.into(), &"http".into())
    );
}

#[test]
fn a_wrong_expression_is_exit_code_2_before_anything_is_dialed() {
    let ran = run(&["tail", "ws://127.0.0.1:1", "--filter", ".badge = = 1"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("--filter `.badge = = 1`") && ran.err.contains("column 10"),
        "{}",
        ran.err
    );
    assert!(ran.lines.is_empty());
}

#[test]
fn a_reader_that_goes_is_success() {
    let mut command = wspect(&["tail", "demo:raccoon"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.contains("\"state\":\"dialing\""), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_closes_in_order_and_is_exit_code_130() {
    let mut command = wspect(&["tail", "demo:echo"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("\"state\":\"live\"") {
        assert!(reader.read_line(&mut seen).unwrap() > 0, "{seen}");
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    reader.read_to_string(&mut seen).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        seen.contains("\"state\":\"closed\"") && seen.contains("\"why\":\"interrupted\""),
        "{seen}"
    );
}

#[test]
fn events_against_the_documentation_are_left_out_on_request() {
    let ran = run(&[
        "tail",
        "demo:stellar",
        "--types",
        "payment",
        "--documented",
        "--limit",
        "12",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let frames = ran.of_type("frame");
    let events: Vec<_> = frames
        .iter()
        .filter(|line| line["badge"] == "event")
        .collect();
    assert!(!events.is_empty());
    assert!(events.iter().all(|line| line["body"]["type"] == "payment"));
    let summary = ran.lines.last().unwrap();
    // Each ledger opens with events that have no type, which the real filter lets through.
    assert!(summary["hidden"].as_u64().unwrap() > 0, "{summary}");
}

#[test]
fn documented_filters_are_one_systems_own() {
    for flag in ["--documented", "--shadow"] {
        let ran = run(&["tail", "demo:mq", flag]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(
            ran.err.contains("filters of SaveToWebSocket"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_silent_stream_is_told_what_it_can_be() {
    let account = "GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";
    let ran = run(&[
        "tail",
        "demo:stellar",
        "--types",
        "swap",
        "--account",
        account,
        "--for",
        "4s",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let first = "1. dropped by accounts? account_ids lets through payments only";
    assert!(ran.err.contains(first), "{}", ran.err);
    assert!(!ran.err.contains("registered?"), "{}", ran.err);
}

#[test]
fn filters_given_as_flags_are_those_that_are_registered() {
    let ran = run(&[
        "tail",
        "demo:stellar",
        "--types",
        "payment,swap",
        "--asset",
        "native",
        "--until",
        ".badge == \"registered\"",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let register = ran.lines.iter().find(|line| line["badge"] == "register");
    let filters = &register.unwrap()["body"]["filters"];
    assert_eq!(filters["types"], serde_json::json!(["payment", "swap"]));
    assert_eq!(filters["asset_codes"], serde_json::json!(["native"]));
}
