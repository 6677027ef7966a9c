use std::time::Duration;

use clap::Parser;

use super::*;
use crate::server::echo::{Flood, Kind, Payload};
use crate::server::raccoon::{Ack, Cors, EventTypes, Faults, Publisher, Settings, SinkKind};
use crate::server::savetowebsocket as stellar;

#[derive(Debug, Parser)]
struct Program {
    #[command(flatten)]
    args: Args,
}

fn parse(line: &str) -> Result<Args, clap::Error> {
    let words = std::iter::once("serve").chain(line.split_whitespace());
    Program::try_parse_from(words).map(|program| program.args)
}

#[test]
fn raccoon_without_flags_is_the_real_one() {
    let args = parse("raccoon").unwrap();
    let System::Raccoon(flags) = &args.system else {
        panic!("{args:?}");
    };
    let listen = Settings::default().listen;
    assert_eq!(flags.settings(listen), Settings::default());
    assert_eq!(
        (args.system.usual_address(), args.listen),
        ("127.0.0.1:8080".to_owned(), None)
    );
}

#[test]
fn every_raccoon_flag_reaches_its_setting() {
    let args = parse(
        "raccoon --ack sync --max-conn 2 --ping-interval 1s --pong-wait 3s --dedup \
         --id-header X-Id --group-header X-Group --workers 1 --queue 7 --any-origin \
         --publish-delay 20ms --fail-one-in 5 --listen localhost:1 --grpc-listen off \
         --sink pubsub --destination t-%s --fail a=b=%s --fail c* --delay d=5ms --never-ack e \
         --ack-twice f --die g --metrics localhost:2 --metrics-refresh 2s --cors \
         --cors-origin http://o --cors-method PUT --cors-credentials --cors-max-age 9",
    );
    let args = args.unwrap();
    let System::Raccoon(flags) = args.system else {
        panic!("not raccoon");
    };
    let expected = Settings {
        listen: "localhost:1".to_owned(),
        grpc_listen: None,
        ack: Ack::Sync,
        id_header: "X-Id".to_owned(),
        group_header: Some("X-Group".to_owned()),
        max_connections: 2,
        ping_interval: Duration::from_secs(1),
        pong_wait: Duration::from_secs(3),
        check_origin: false,
        dedup: true,
        workers: 1,
        queue: 7,
        publisher: Publisher::Broker {
            least: Duration::from_millis(1),
            most: Duration::from_millis(20),
            fail_one_in: 5,
        },
        sink: SinkKind::Pubsub,
        destination: "t-%s".to_owned(),
        faults: Faults {
            fail: vec![
                (EventTypes::new("a"), Some("b=%s".to_owned())),
                (EventTypes::new("c*"), None),
            ],
            delay: vec![(EventTypes::new("d"), Duration::from_millis(5))],
            never_ack: vec![EventTypes::new("e")],
            ack_twice: vec![EventTypes::new("f")],
            die: vec![EventTypes::new("g")],
        },
        cors: Some(Cors {
            origins: vec!["http://o".to_owned()],
            methods: vec!["PUT".to_owned()],
            headers: ["Content-Type", "X-Id", "X-Group"]
                .map(str::to_owned)
                .to_vec(),
            credentials: true,
            max_age: 9,
        }),
        metrics_listen: Some("localhost:2".to_owned()),
        metrics_refresh: Duration::from_secs(2),
        ..Settings::default()
    };
    assert_eq!(flags.settings(args.listen.unwrap()), expected);
}

#[test]
fn grpc_is_a_port_above_unless_it_is_told_otherwise() {
    for (flags, grpc) in [
        ("--listen 127.0.0.1:8080", Some("127.0.0.1:8081")),
        ("--listen [::1]:0", Some("[::1]:0")),
        ("--listen nonsense", Some("nonsense")),
        (
            "--listen a:1 --grpc-listen 127.0.0.1:9",
            Some("127.0.0.1:9"),
        ),
        ("--listen a:1 --grpc-listen off", None),
    ] {
        let args = parse(&format!("raccoon {flags}")).unwrap();
        let System::Raccoon(raccoon) = args.system else {
            panic!("not raccoon");
        };
        let settings = raccoon.settings(args.listen.unwrap());
        assert_eq!(settings.grpc_listen.as_deref(), grpc, "{flags}");
    }
}

#[test]
fn echo_floods_by_size_and_kind() {
    let args = parse("--listen [::1]:0 echo --flood 256:protobuf --count 10 --rate 5").unwrap();
    let System::Echo(flags) = args.system else {
        panic!("not echo");
    };
    let payload = Payload {
        size: 256,
        kind: Kind::Protobuf,
    };
    let flood = Flood {
        payload,
        count: Some(10),
        rate: Some(5),
    };
    assert_eq!(flags.settings(String::new()).flood, Some(flood));
    assert_eq!(args.listen.as_deref(), Some("[::1]:0"));
}

#[test]
fn savetowebsocket_without_flags_is_the_real_one_with_traffic() {
    let defaults = stellar::Settings {
        traffic: Some(stellar::Traffic::default()),
        ..Default::default()
    };
    assert_eq!(stellar_settings("savetowebsocket"), defaults);
    assert_eq!(stellar_settings("savetowebsocket --faithful"), defaults);
}

fn stellar_settings(line: &str) -> stellar::Settings {
    let System::Savetowebsocket(flags) = parse(line).unwrap().system else {
        panic!("not savetowebsocket");
    };
    flags.settings(stellar::Settings::default().listen)
}

#[test]
fn every_savetowebsocket_traffic_flag_reaches_its_setting() {
    let settings = stellar_settings(
        "savetowebsocket --rate 20000 --payload 400 --even --ledger-every 2s --ledger-jitter 1s \
         --seed 9 --mix payments=3,kale=1 --burst 5000 --burst-every 1m",
    );
    let expected = stellar::Traffic {
        rate: 20_000.0,
        ledger_every: Duration::from_secs(2),
        ledger_jitter: Duration::from_secs(1),
        seed: 9,
        mix: "payments=3,kale=1".parse().unwrap(),
        payload: Some(400),
        even: true,
        burst: Some(stellar::Burst {
            count: 5000,
            every: Some(Duration::from_mins(1)),
        }),
    };
    assert_eq!(settings.traffic, Some(expected));
}

#[test]
fn every_other_savetowebsocket_flag_reaches_its_setting() {
    let settings = stellar_settings(
        "savetowebsocket --rate 0 --path /x \
         --registration-deadline 1s --ping-interval 2s --pong-wait 3s --queue 4 \
         --max-queue-size 5 --write-timeout 6s --message-limit 7 --queueing works \
         --types closed --accounts all --assets closed --min-amount compared --crash-after 8 \
         --crash-on-churn 9 --back-after 10s --end-after 11s --delay 12ms --silence 13s/14s \
         --drop-one-in 15 --duplicate-one-in 16 --gap-one-in 17 --regress-one-in 18 \
         --huge-one-in 19 --huge-size 3M --bad-utf8-one-in 20 --null-one-in 21 \
         --no-object-one-in 22",
    );
    let seconds = Duration::from_secs;
    let expected = stellar::Settings {
        listen: settings.listen.clone(),
        path: "/x".to_owned(),
        registration_deadline: seconds(1),
        ping_every: seconds(2),
        pong_deadline: seconds(3),
        write_timeout: seconds(6),
        queue: 4,
        max_queue_size: 5,
        message_limit: 7,
        behaviour: stellar::Behaviour {
            queues: true,
            types: stellar::Meaning::Documented,
            accounts: stellar::Meaning::Documented,
            assets: stellar::Assets::Closed,
            min_amount: stellar::Meaning::Documented,
        },
        faults: stellar::Faults {
            crash: Some(stellar::After::Events(8)),
            crash_on_churn: Some(9),
            back_after: Some(seconds(10)),
            end: Some(stellar::After::Time(seconds(11))),
            delay: Duration::from_millis(12),
            silence: Some("13s/14s".parse().unwrap()),
            drop_one_in: 15,
            duplicate_one_in: 16,
            gap_one_in: 17,
            regress_one_in: 18,
            huge_one_in: 19,
            huge_size: 3 << 20,
            bad_utf8_one_in: 20,
            null_one_in: 21,
            no_object_one_in: 22,
        },
        traffic: None,
        recording: None,
    };
    assert_eq!(settings, expected);
}

#[test]
fn each_defect_can_be_kept_or_mended_by_itself() {
    let documented = stellar::Settings {
        traffic: Some(stellar::Traffic::default()),
        ..stellar::Settings::as_documented()
    };
    let line = "savetowebsocket --as-documented";
    assert_eq!(stellar_settings(line), documented);
    assert_eq!(documented.pong_deadline, Duration::from_secs(90));
    let kept = stellar_settings(&format!(
        "{line} --queueing broken --types open --accounts buyer-seller --assets open \
         --min-amount ignored --pong-wait 60s"
    ));
    assert_eq!(kept, stellar_settings("savetowebsocket"));
}

#[test]
fn events_come_from_a_file_instead() {
    let from_file = stellar_settings("savetowebsocket --events a.jsonl --loop --rate 5");
    assert_eq!(from_file.traffic, None);
    let recording = stellar::Recording {
        path: "a.jsonl".into(),
        rate: 5.0,
        looped: true,
        ends: false,
    };
    assert_eq!(from_file.recording, Some(recording.clone()));
    let piped = stellar_settings("savetowebsocket --events - --end-with-file");
    let expected = stellar::Recording {
        path: "-".into(),
        rate: 0.0,
        looped: false,
        ends: true,
    };
    assert_eq!(piped.recording, Some(expected));
    assert_eq!(stellar_settings("savetowebsocket --rate 0").traffic, None);
    // Bursts, or what comes with a ledger, are traffic too.
    assert!(
        stellar_settings("savetowebsocket --rate 0 --burst 5")
            .traffic
            .is_some()
    );
}

#[test]
fn websocketmq_without_flags_is_the_real_one() {
    let System::Websocketmq(flags) = parse("websocketmq").unwrap().system else {
        panic!("not websocketmq");
    };
    let defaults = server::websocketmq::Settings::default();
    assert_eq!(flags.settings(defaults.listen.clone()), defaults);
    assert_eq!(flags.usual_address(), "127.0.0.1:8081");
}

#[test]
fn websocketmq_has_the_address_and_the_manners_of_its_generation() {
    let flags = |line: &str| match parse(line).unwrap().system {
        System::Websocketmq(flags) => flags,
        _ => panic!("not websocketmq"),
    };
    for (generation, address) in [
        ("2.0", "127.0.0.1:8081"),
        ("1", "127.0.0.1:9000"),
        ("1.1", "127.0.0.1:3001"),
    ] {
        let flags = flags(&format!("websocketmq --generation {generation}"));
        assert_eq!(flags.usual_address(), address);
    }
    let settings = flags("websocketmq --generation 1.3").settings(String::new());
    assert_eq!(settings.request_timeout, Duration::from_secs(20));
    assert!(settings.origins.is_empty(), "the own host only");
    let settings = flags(
        "websocketmq --answer orders.*={\"ok\":true} --fail a=b=c --delay slow=2s --call browser.info \
         --call a={\"b\":1} --close-after 10=1011 --never-answer x --refuse-one-in 2",
    )
    .settings(String::new());
    let server::websocketmq::Faults { answer, fail, .. } = &settings.faults;
    assert_eq!(answer[0].1, "{\"ok\":true}");
    assert_eq!(fail[0].1.as_deref(), Some("b=c"));
    let calls: Vec<_> = settings
        .traffic
        .calls
        .iter()
        .map(|c| c.payload.as_str())
        .collect();
    assert_eq!(calls, ["{}", "{\"b\":1}"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in [
        "",
        "kafka",
        "echo --rate 5",
        "echo --flood 3",
        "echo --flood 64:xml",
        "raccoon --ack maybe",
        "raccoon --ping-interval 10",
        "raccoon --fail-one-in 3",
        "raccoon --delay page",
        "raccoon --delay page=soon",
        "raccoon --cors-origin http://a",
        "raccoon --metrics-refresh 1s",
        "websocketmq --generation 3",
        "websocketmq --answer topic",
        "websocketmq --delay topic=soon",
        "websocketmq --close-after 3=1005",
        "savetowebsocket --as-documented --faithful",
        "savetowebsocket --types maybe",
        "savetowebsocket --mix paiments",
        "savetowebsocket --loop",
        "savetowebsocket --events a.jsonl --even",
        "savetowebsocket --events a.jsonl --payload 400",
        "savetowebsocket --rate -1",
        "savetowebsocket --rate NaN",
        "savetowebsocket --payload 4x",
        "savetowebsocket --crash-after soon",
        "savetowebsocket --back-after 3s",
        "savetowebsocket --silence 9s/3s",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[tokio::test]
async fn an_address_in_use_says_what_to_do() {
    let flags = || parse("echo --listen 127.0.0.1:0").unwrap();
    let first = flags()
        .system
        .start("127.0.0.1:0".to_owned())
        .await
        .unwrap();
    let second = flags().system.start(first.address().to_string()).await;
    let error = explained(second.expect_err("in use"));
    assert_eq!(exit::code(&error), exit::CONNECTION);
    assert!(
        error.to_string().contains("choose another address"),
        "{error}"
    );
    first.stop().await;
}
