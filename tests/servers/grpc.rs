//! What the gRPC listener answers to whom, word for word as grpc-go does.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wspect::server::raccoon::{Ack, Settings, start};
use wspect::server::{Part, Running};

use crate::client::PATIENCE;
use crate::rpc::{Reply, exchange, framed};

const PATH: &str = "/raystack.raccoon.v1beta1.EventService/SendEvent";
const GRPC: (&str, &str) = ("content-type", "application/grpc");
const ID: (&str, &str) = ("x-user-id", "u1");

/// A batch with an id and one event of type `page` whose bytes are `{}`.
const BATCH: &[u8] = b"\x0a\x04gr-1\x1a\x0a\x0a\x02{}\x12\x04page";
/// One whose event is neither JSON nor protobuf.
const BROKEN: &[u8] = b"\x0a\x04gr-2\x1a\x07\x0a\x05\xff\xff\xff x";

async fn server(settings: Settings) -> (Running, SocketAddr) {
    let running = start(settings).await.unwrap();
    let address = running.part(Part::Grpc).unwrap();
    (running, address)
}

fn sync() -> Settings {
    Settings {
        ack: Ack::Sync,
        ..Settings::default()
    }
}

/// A refusal: HTTP status, content type, `grpc-status`, `grpc-message`, and nothing else.
fn refused(http: u16, content_type: &str, status: &str, message: &str) -> Reply {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Reply {
        http,
        headers: vec![
            pair("content-type", content_type),
            pair("grpc-status", status),
            pair("grpc-message", message),
        ],
        data: Vec::new(),
        trailers: Vec::new(),
    }
}

/// Status and code of a reply's message, after having checked all that is around it.
fn answered(reply: &Reply, content_type: &str) -> (u8, u8) {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(reply.http, 200);
    assert_eq!(reply.headers, [pair("content-type", content_type)]);
    let outcome = [pair("grpc-status", "0"), pair("grpc-message", "")];
    assert_eq!(reply.trailers, outcome);
    assert_eq!(reply.data[0], 0);
    let length = u32::from_be_bytes(reply.data[1..5].try_into().unwrap());
    assert_eq!(length as usize, reply.data.len() - 5);
    assert_eq!((reply.data[5], reply.data[7]), (8, 16));
    (reply.data[6], reply.data[8])
}

#[tokio::test]
async fn a_failed_batch_is_a_successful_call_without_a_reason() {
    let (_running, address) = server(sync()).await;
    let headers = [GRPC, ID];
    let reply = exchange(address, "POST", PATH, &headers, framed(0, BATCH)).await;
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
    let reply = exchange(address, "POST", PATH, &headers, framed(0, BROKEN)).await;
    assert_eq!(answered(&reply, "application/grpc"), (2, 3));
    assert!(
        reply
            .data
            .ends_with(b"\x2a\x10\x0a\x08req_guid\x12\x04gr-2")
    );
    assert!(!reply.data.contains(&0x22), "no reason");
}

#[tokio::test]
async fn the_id_must_be_there_but_may_be_empty() {
    let (_running, address) = server(sync()).await;
    let reply = exchange(address, "POST", PATH, &[GRPC], framed(0, BATCH)).await;
    let missing = refused(200, "application/grpc", "2", "connection id header missing");
    assert_eq!(reply, missing);
    let empty = [GRPC, ("x-user-id", "")];
    let reply = exchange(address, "POST", PATH, &empty, framed(0, BATCH)).await;
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
}

#[tokio::test]
async fn only_grpc_content_types_are_taken_and_their_subtype_is_repeated() {
    let (_running, address) = server(sync()).await;
    for (asked, repeated) in [
        ("application/grpc+json", Some("application/grpc+json")),
        ("application/grpc+proto", Some("application/grpc+proto")),
        (
            "application/grpc;charset=utf-8",
            Some("application/grpc+charset=utf-8"),
        ),
        ("application/grpc+", Some("application/grpc")),
        ("application/grpcx", None),
        ("application/grpc-web", None),
        ("Application/gRPC", None),
        ("application/json", None),
        ("", None),
    ] {
        let headers = [("content-type", asked), ID];
        let reply = exchange(address, "POST", PATH, &headers, framed(0, BATCH)).await;
        if let Some(repeated) = repeated {
            assert_eq!(answered(&reply, repeated), (1, 1));
        } else {
            let text = format!("invalid gRPC request content-type \"{asked}\"");
            assert_eq!(reply, refused(415, "application/grpc", "3", &text));
        }
    }
    let reply = exchange(address, "GET", "/", &[], Vec::new()).await;
    let text = "invalid gRPC request content-type \"\"";
    assert_eq!(reply, refused(415, "application/grpc", "3", text));
}

/// The subtype changes nothing: JSON is read as protobuf, in vain.
#[tokio::test]
async fn json_is_no_protobuf() {
    let (_running, address) = server(sync()).await;
    let headers = [("content-type", "application/grpc+json"), ID];
    let json = framed(0, b"{\"req_guid\":\"x\"}");
    let reply = exchange(address, "POST", PATH, &headers, json).await;
    let text = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data";
    assert_eq!(reply, refused(200, "application/grpc+json", "13", text));
}

#[tokio::test]
async fn methods_that_are_not_there() {
    let (_running, address) = server(sync()).await;
    for (path, text) in [
        (
            "/raystack.raccoon.v1beta1.EventService/Nope",
            "unknown method Nope for service raystack.raccoon.v1beta1.EventService",
        ),
        (
            "/odpf.raccoon.EventService/SendEvent",
            "unknown service odpf.raccoon.EventService",
        ),
        (
            "/grpc.health.v1.Health/Check",
            "unknown service grpc.health.v1.Health",
        ),
        ("/a/b/c", "unknown service a/b"),
        ("/nope", "malformed method name: \"/nope\""),
        ("/", "malformed method name: \"/\""),
        (
            "/raystack.raccoon.v1beta1.EventService/SendEvent?x=50%25",
            "unknown method SendEvent?x=50%2525 for service raystack.raccoon.v1beta1.EventService",
        ),
    ] {
        let reply = exchange(address, "POST", path, &[GRPC, ID], framed(0, BATCH)).await;
        assert_eq!(
            reply,
            refused(200, "application/grpc", "12", text),
            "{path}"
        );
    }
}

#[tokio::test]
async fn headers_that_are_refused() {
    let (_running, address) = server(sync()).await;
    let json = ("content-type", "application/grpc+json");
    for (method, headers, http, text) in [
        (
            "GET",
            vec![json, ID],
            405,
            "Received a HEADERS frame with :method \"GET\" which should be POST",
        ),
        (
            "GET",
            vec![json, ("grpc-timeout", "x")],
            400,
            "malformed grpc-timeout: transport: timeout string is too short: \"x\"",
        ),
        (
            "POST",
            vec![json, ("grpc-timeout", "123456789S")],
            400,
            "malformed grpc-timeout: transport: timeout string is too long: \"123456789S\"",
        ),
        (
            "POST",
            vec![json, ("grpc-timeout", "1X")],
            400,
            "malformed grpc-timeout: transport: timeout unit is not recognized: \"1X\"",
        ),
        (
            "POST",
            vec![json, ("grpc-timeout", "1.5S")],
            400,
            "malformed grpc-timeout: strconv.ParseInt: parsing \"1.5\": invalid syntax",
        ),
        (
            "POST",
            vec![json, ("foo-bin", "AA*=")],
            400,
            "malformed binary metadata \"AA*=\" in header \"foo-bin\": \
             illegal base64 data at input byte 2",
        ),
    ] {
        let reply = exchange(address, method, PATH, &headers, framed(0, BATCH)).await;
        assert_eq!(reply, refused(http, "application/grpc+json", "13", text));
    }
}

#[tokio::test]
async fn messages_that_are_refused() {
    let (_running, address) = server(sync()).await;
    let too_long = "grpc: received message larger than max (4194305 vs. 4194304)";
    let unset = "grpc: compressed flag set with identity or empty encoding";
    for (body, status, text) in [
        (
            framed(0, b"\xff\xff\xff"),
            "13",
            "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data",
        ),
        (
            framed(0, b"\x0a\x02\xff\xfe"),
            "13",
            "grpc: error unmarshalling request: string field contains invalid UTF-8",
        ),
        (framed(0, &vec![0; 4_194_305]), "8", too_long),
        (framed(9, &vec![0; 4_194_305]), "8", too_long),
        (framed(1, BATCH), "13", unset),
        (
            framed(2, BATCH),
            "13",
            "grpc: received unexpected payload format 2",
        ),
        (vec![0, 0, 0], "2", "unexpected EOF"),
        (framed(0, BATCH)[..9].to_vec(), "2", "unexpected EOF"),
    ] {
        let reply = exchange(address, "POST", PATH, &[GRPC, ID], body).await;
        assert_eq!(reply, refused(200, "application/grpc", status, text));
    }
}

#[tokio::test]
async fn the_largest_message_is_taken_and_what_follows_a_message_is_not_looked_at() {
    let (_running, address) = server(Settings::default()).await;
    let mut batch = b"\x0a\xfb\xff\xff\x01".to_vec(); // req_guid fills the rest
    batch.resize(4_194_304, b'g');
    let reply = exchange(address, "POST", PATH, &[GRPC, ID], framed(0, &batch)).await;
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
    let two = [framed(0, BATCH), framed(0, b"\xff")].concat();
    let reply = exchange(address, "POST", PATH, &[GRPC, ID], two).await;
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
}

/// A request without a body waits for a message until the client's time is over.
#[tokio::test]
async fn the_time_the_client_gives_limits_the_reading() {
    let (_running, address) = server(sync()).await;
    for time in ["300m", "0S", "-1S"] {
        let headers = [GRPC, ID, ("grpc-timeout", time)];
        let reply = exchange(address, "POST", PATH, &headers, Vec::new()).await;
        let late = refused(200, "application/grpc", "4", "context deadline exceeded");
        assert_eq!(reply, late, "{time}");
    }
    let headers = [GRPC, ID, ("grpc-timeout", "200m")];
    let slow = b"\x1a\x0b\x12\x09sleep-400"; // publishing takes longer than the client gives
    let reply = exchange(address, "POST", PATH, &headers, framed(0, slow)).await;
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
}

#[tokio::test]
async fn http_1_is_hung_up_on() {
    let (_running, address) = server(sync()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "TCP ends");
}

/// Stopping waits for the calls that run, and ends connections on which there are none.
#[tokio::test]
async fn a_running_call_is_answered_before_the_server_stops() {
    let (running, address) = server(sync()).await;
    let _idle = TcpStream::connect(address).await.unwrap();
    let slow = framed(0, b"\x1a\x0b\x12\x09sleep-600");
    let call =
        tokio::spawn(async move { exchange(address, "POST", PATH, &[GRPC, ID], slow).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.stop().await;
    let reply = call.await.unwrap();
    assert_eq!(answered(&reply, "application/grpc"), (1, 1));
    assert!(TcpStream::connect(address).await.is_err());
}

/// A client that compresses is answered compressed, whatever the message's own flag says.
#[tokio::test]
async fn gzip_is_answered_in_gzip() {
    let (_running, address) = server(sync()).await;
    // A stored block that holds no bytes: an empty batch.
    let empty = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\0\0\xff\xff\0\0\0\0\0\0\0\0";
    let headers = [GRPC, ID, ("grpc-encoding", "gzip")];
    for body in [framed(1, empty), framed(0, BATCH)] {
        let reply = exchange(address, "POST", PATH, &headers, body).await;
        let encoding = ("grpc-encoding".to_owned(), "gzip".to_owned());
        assert_eq!(reply.headers.last(), Some(&encoding));
        assert_eq!(reply.data[..7], [1, 0, 0, 0, reply.data[4], 0x1f, 0x8b]);
    }
    let text = "grpc: failed to decompress the received message: unexpected EOF";
    let reply = exchange(address, "POST", PATH, &headers, framed(1, b"garbage")).await;
    assert_eq!(reply, refused(200, "application/grpc", "13", text));
    let headers = [GRPC, ID, ("grpc-encoding", "snappy")];
    let text = "grpc: Decompressor is not installed for grpc-encoding \"snappy\"";
    let reply = exchange(address, "POST", PATH, &headers, framed(0, BATCH)).await;
    assert_eq!(reply, refused(200, "application/grpc", "12", text));
}
