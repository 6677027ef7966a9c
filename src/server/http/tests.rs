use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::upgrade::{Outcome, Rules, accept};
use super::*;
use crate::server::wire::Flavour;

const OPENING: &str = "Host: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn rules(flavour: Flavour) -> Rules {
    Rules {
        flavour,
        key_checked: true,
        origins: Origins::SameHost,
        message_limit: 1000,
    }
}

/// What a server with these rules answers to `request`, and whether it upgraded.
async fn answer(request: &str, rules: &Rules) -> (String, bool) {
    let (ours, mut theirs) = duplex(4096);
    theirs.write_all(request.as_bytes()).await.unwrap();
    let mut channel: Channel<DuplexStream> = Channel::new(ours);
    let head = channel.head().await.unwrap();
    let mut open = false;
    if let Some(head) = head {
        let outcome = accept(channel, &head, rules).await.unwrap();
        open = matches!(outcome, Outcome::Open(..));
    } else {
        drop(channel);
    }
    let mut text = String::new();
    theirs.read_to_string(&mut text).await.unwrap();
    (text, open)
}

fn status(text: &str) -> &str {
    text.get(9..12).unwrap_or_default()
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[tokio::test]
async fn gorilla_switches_with_three_headers() {
    let request = format!("GET / HTTP/1.1\r\n{OPENING}Sec-WebSocket-Version: 13\r\n\r\n");
    let (text, open) = answer(&request, &rules(Flavour::Gorilla)).await;
    assert!(open);
    assert_eq!(
        text,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
}

#[tokio::test]
async fn gorilla_refuses_with_the_text_of_the_status() {
    for (method, extra, code) in [
        ("GET", "Sec-WebSocket-Version: 12\r\n", "400"),
        ("GET", "", "400"),
        ("PUT", "Sec-WebSocket-Version: 13\r\n", "405"),
        (
            "GET",
            "Sec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n",
            "403",
        ),
    ] {
        let request = format!("{method} / HTTP/1.1\r\n{OPENING}{extra}\r\n");
        let (text, open) = answer(&request, &rules(Flavour::Gorilla)).await;
        assert!(!open);
        assert_eq!(status(&text), code, "{extra}");
        assert!(text.contains("\r\nSec-Websocket-Version: 13\r\nX-Content-Type-Options: nosniff"));
    }
}

#[tokio::test]
async fn coder_explains() {
    let v13 = "Sec-WebSocket-Version: 13\r\n";
    for (request, code, text) in [
        (
            "GET / HTTP/1.1\r\nHost: h:1\r\n\r\n".to_owned(),
            "426",
            "WebSocket protocol violation: Connection header \"\" does not contain Upgrade\n",
        ),
        (
            format!("GET / HTTP/1.1\r\n{OPENING}Sec-WebSocket-Version: 12\r\n\r\n"),
            "400",
            "unsupported WebSocket protocol version (only 13 is supported): \"12\"\n",
        ),
        (
            format!("GET / HTTP/1.1\r\n{OPENING}{v13}Origin: http://evil.example\r\n\r\n"),
            "403",
            "request Origin \"evil.example\" is not authorized for Host \"h:1\"\n",
        ),
        (
            format!("GET / HTTP/1.1\r\n{OPENING}{v13}Origin: null\r\n\r\n"),
            "403",
            "request Origin \"null\" is not a valid URL with a host\n",
        ),
    ] {
        let (got, open) = answer(&request, &rules(Flavour::Coder)).await;
        assert!(!open);
        assert_eq!((status(&got), body(&got)), (code, text));
    }
}

#[tokio::test]
async fn frames_behind_the_request_are_hung_up_on_by_gorilla_only() {
    let request = format!("GET / HTTP/1.1\r\n{OPENING}Sec-WebSocket-Version: 13\r\n\r\n\u{1}more");
    let (text, open) = answer(&request, &rules(Flavour::Gorilla)).await;
    assert_eq!((text.as_str(), open), ("", false));
    assert!(answer(&request, &rules(Flavour::Coder)).await.1);
}

#[tokio::test]
async fn heads_go_would_not_take() {
    for (request, start) in [
        ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
        (
            "GET / HTTP/1.1\r\n\r\n",
            "HTTP/1.1 400 Bad Request: missing",
        ),
    ] {
        let (text, _) = answer(request, &rules(Flavour::Gorilla)).await;
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("Connection: close\r\n"));
    }
}

#[tokio::test]
async fn header_values_are_bytes_and_the_first_counts() {
    let (ours, mut theirs) = duplex(4096);
    theirs
        .write_all(b"GET /a?b=1 HTTP/1.1\r\nhost: h\r\nX-Id:  j\xf6rg \r\nx-id: two\r\n\r\nrest")
        .await
        .unwrap();
    let mut channel = Channel::new(ours);
    let head = channel.head().await.unwrap().unwrap();
    assert_eq!(head.value("X-ID"), Some(&b"j\xf6rg"[..]));
    assert_eq!((head.path(), head.query()), ("/a", Some("b=1")));
    assert!(channel.has_more());
}

#[tokio::test]
async fn bodies_by_length_and_chunked_and_the_request_behind() {
    let (ours, mut theirs) = duplex(4096);
    theirs
        .write_all(
            b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nfirst\
              POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
              3\r\nsec\r\n4;x=y\r\nond!\r\n0\r\nTrailer: t\r\n\r\n\
              POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nskip\
              GET /d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        )
        .await
        .unwrap();
    let mut channel = Channel::new(ours);
    for (path, body, stays) in [
        ("/a", Some("first"), true),
        ("/b", Some("second!"), true),
        ("/c", None, true),
        ("/d", None, false),
    ] {
        let head = channel.head().await.unwrap().unwrap();
        assert_eq!(head.path(), path);
        if let Some(body) = body {
            assert_eq!(channel.body(&head, 100).await.unwrap(), body.as_bytes());
        }
        let answer = Response::empty(200);
        assert_eq!(
            channel.respond(&head, answer).await.unwrap(),
            stays,
            "{path}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_refused() {
    for (head, rest) in [
        ("Content-Length: 11\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "b\r\n"),
        ("Transfer-Encoding: chunked\r\n", "x\r\n"),
        ("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n"),
        ("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"),
        ("Content-Length: 5\r\n", "four"),
    ] {
        let (ours, mut theirs) = duplex(4096);
        let request = format!("POST / HTTP/1.1\r\nHost: h\r\n{head}\r\n{rest}");
        theirs.write_all(request.as_bytes()).await.unwrap();
        drop(theirs);
        let mut channel = Channel::new(ours);
        let head = channel.head().await.unwrap().unwrap();
        assert!(channel.body(&head, 10).await.is_err(), "{request}");
    }
}

/// Heads that Go's server answers by itself, and what it says.
#[tokio::test]
async fn heads_that_are_refused() {
    let long = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nX: {}",
        "x".repeat(HEAD_MAX + 5000)
    );
    for (head, status) in [
        ("GET /", "400 Bad Request"),
        (
            "GET / HTTP/1.1",
            "400 Bad Request: missing required Host header",
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: a b",
            "400 Bad Request: malformed Host header",
        ),
        (
            "GET / HTTP/3.7\r\nHost: h",
            "505 HTTP Version Not Supported: unsupported protocol version",
        ),
        ("GET /a b HTTP/1.1\r\nHost: h", "400 Bad Request"),
        ("GET /%zz HTTP/1.1\r\nHost: h", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: h\r\nX Y: z",
            "400 Bad Request: invalid header name",
        ),
        ("GET / HTTP/1.1\r\nHost: h\r\nnothing", "400 Bad Request"),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip",
            "501 Not Implemented",
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +2",
            "400 Bad Request",
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3",
            "400 Bad Request",
        ),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: wonders",
            "417 Expectation Failed",
        ),
        (&long, "431 Request Header Fields Too Large"),
    ] {
        let (ours, mut theirs) = duplex(4 * 1024 * 1024);
        let request = format!("{head}\r\nX-Last: \r\n\r\n");
        theirs.write_all(request.as_bytes()).await.unwrap();
        theirs.shutdown().await.unwrap();
        let mut channel: Channel<DuplexStream> = Channel::new(ours);
        assert!(channel.head().await.unwrap().is_none(), "{status}");
        drop(channel);
        let mut text = String::new();
        theirs.read_to_string(&mut text).await.unwrap();
        let expected = format!("HTTP/1.1 {status}\r\n");
        assert!(text.starts_with(&expected), "{text} instead of {status}");
    }
}

#[tokio::test]
async fn paths_are_decoded_and_old_clients_answered_in_kind() {
    for (request, path, answered) in [
        (
            "GET /%70ing?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n",
            "/ping",
            "HTTP/1.1 200 OK\r\n",
        ),
        (
            "GET http://other/ping HTTP/1.0\r\n\r\n",
            "/ping",
            "HTTP/1.0 200 OK\r\n",
        ),
        (
            "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "/",
            "HTTP/1.0 200 OK\r\n",
        ),
    ] {
        let (ours, mut theirs) = duplex(4096);
        theirs.write_all(request.as_bytes()).await.unwrap();
        let mut channel: Channel<DuplexStream> = Channel::new(ours);
        let head = channel.head().await.unwrap().unwrap();
        assert_eq!(head.path(), path);
        channel.respond(&head, Response::empty(200)).await.unwrap();
        drop(channel);
        let mut text = String::new();
        theirs.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with(answered), "{text}");
        let keeps = text.contains("Connection: keep-alive\r\n");
        assert_eq!(keeps, request.contains("keep-alive"), "{text}");
        assert!(!text.contains("Connection: close"), "{text}");
        assert_eq!(text.contains("Content-Length"), head.method != "HEAD");
    }
}
