use std::time::Duration;

use clap::Parser;

use super::*;
use crate::server::echo::{Flood, Kind, Payload};
use crate::server::raccoon::{Ack, Cors, EventTypes, Faults, Publisher, Settings, SinkKind};

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
        ("127.0.0.1:8080", None)
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
fn brokers_without_flags_are_the_real_ones_with_traffic() {
    let System::Savetowebsocket(flags) = parse("savetowebsocket").unwrap().system else {
        panic!("not savetowebsocket");
    };
    let defaults = server::savetowebsocket::Settings {
        traffic: Some(server::savetowebsocket::Traffic::default()),
        ..Default::default()
    };
    assert_eq!(flags.settings(defaults.listen.clone()), defaults);
    let System::Websocketmq(flags) = parse("websocketmq").unwrap().system else {
        panic!("not websocketmq");
    };
    let defaults = server::websocketmq::Settings::default();
    assert_eq!(flags.settings(defaults.listen.clone()), defaults);
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
