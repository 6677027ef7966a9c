//! Servers that break rules, lie, stall or vanish: one clear ending each, nothing lost.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::harness::{Watched, accept_raw, drain, plan, server};

/// What a server does after a correct upgrade: writes `bytes`, then reads to the end.
async fn after_upgrade(bytes: &'static [u8]) -> std::net::SocketAddr {
    server(1, move |mut stream: TcpStream, _| async move {
        accept_raw(&mut stream).await;
        stream.write_all(bytes).await.expect("the client is there");
        drain(&mut stream).await;
    })
    .await
}

async fn ended_with(addr: std::net::SocketAddr) -> Watched {
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("failed").await;
    session
}

#[tokio::test]
async fn refused_port_says_so() {
    let mut session = Watched::start(plan("ws://127.0.0.1:9/"));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(error.contains("refused the connection"), "{error}");
    assert_eq!(session.facts("closed")["how"], "refused port");
    session.stop().await;
}

#[tokio::test]
async fn http_refusals_keep_status_headers_and_body() {
    for status in [400, 401, 403, 404, 426, 503] {
        let addr = server(1, move |mut stream: TcpStream, _| async move {
            let answer = format!(
                "HTTP/1.1 {status} Some Reason\r\nContent-Length: 8\r\nX-Why: because\r\n\r\nno\x1b[2Jway"
            );
            let mut head = [0; 4096];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await;
            stream.write_all(answer.as_bytes()).await.expect("the client is there");
        })
        .await;
        let mut session = ended_with(addr).await;
        let closed = session.facts("closed");
        assert_eq!(closed["status"], status);
        assert_eq!(closed["headers"][1][1], "because");
        let error = closed["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(&format!("HTTP {status}")), "{error}");
        assert!(
            !error.contains('\x1b'),
            "escapes are shown, not sent: {error}"
        );
        session.stop().await;
    }
}

#[tokio::test]
async fn silence_ends_with_the_limit_and_the_phase() {
    let addr = server(1, |mut stream, _| async move { drain(&mut stream).await }).await;
    let mut told = plan(&format!("ws://{addr}/"));
    told.dial.connect_timeout = Duration::from_millis(150);
    let mut session = Watched::start(told);
    session.until_state("failed").await;
    let error = session.facts("closed")["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        error.contains("150ms") && error.contains("the upgrade"),
        "{error}"
    );
    session.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_shown() {
    let addr = server(1, |mut stream: TcpStream, _| async move {
        stream
            .write_all(b"SSH-2.0-OpenSSH\r\n")
            .await
            .expect("the client is there");
        drain(&mut stream).await;
    })
    .await;
    let mut session = ended_with(addr).await;
    let error = session.facts("closed")["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        error.contains("not HTTP") && error.contains("SSH-2.0"),
        "{error}"
    );
    session.stop().await;
}

#[tokio::test]
async fn broken_utf8_is_a_row_and_the_connection_goes_on() {
    let addr = after_upgrade(b"\x81\x03a\xff\xfe\x81\x02ok\x88\x02\x03\xe8").await;
    let mut session = ended_with(addr).await;
    let frames = session.frames(false);
    assert_eq!(frames[0].payload, b"a\xff\xfe");
    assert!(
        frames[0]
            .error
            .as_deref()
            .unwrap_or_default()
            .contains("not UTF-8")
    );
    assert_eq!(frames[1].payload, b"ok");
    assert!(frames[1].error.is_none());
    session.stop().await;
}

#[tokio::test]
async fn fragments_reserved_bits_and_masks_are_kept() {
    let addr = after_upgrade(
        b"\x01\x02he\x89\x01p\x80\x03llo\xc1\x01x\x81\x81\x01\x02\x03\x04\x60\x88\x00",
    )
    .await;
    let mut session = ended_with(addr).await;
    let frames = session.frames(false);
    assert_eq!(
        frames[0].payload, b"p",
        "a control frame overtakes the fragments"
    );
    assert_eq!(
        (&frames[1].payload[..], &frames[1].wire.fragments[..]),
        (&b"hello"[..], &[2, 3][..])
    );
    assert_eq!(frames[2].wire.rsv, 0b100);
    assert!(
        frames[2]
            .error
            .as_deref()
            .unwrap_or_default()
            .contains("reserved bits")
    );
    assert_eq!(frames[3].payload, b"a");
    assert!(
        frames[3]
            .error
            .as_deref()
            .unwrap_or_default()
            .contains("masked")
    );
    assert_eq!(session.facts("closed")["code"], 1005);
    session.stop().await;
}

#[tokio::test]
async fn protocol_errors_close_with_1002_and_name_the_fault() {
    for (bytes, fault) in [
        (&b"\x83\x00"[..], "opcode"),
        (b"\x80\x00", "continuation"),
        (b"\x09\x00", "fragmented control"),
        (b"\x01\x00\x01\x00", "before the last one was complete"),
    ] {
        let addr = after_upgrade(bytes).await;
        let mut session = ended_with(addr).await;
        let closed = session.facts("closed");
        assert_eq!(closed["how"], "protocol error", "{closed}");
        let detail = closed["detail"].as_str().unwrap_or_default().to_lowercase();
        assert!(detail.contains(fault), "{detail} should contain {fault}");
        let close = session
            .frames(true)
            .into_iter()
            .next_back()
            .expect("our close frame");
        assert_eq!(close.payload[..2], 1002_u16.to_be_bytes());
        session.stop().await;
    }
}

#[tokio::test]
async fn oversize_closes_with_1009_and_says_size_and_limit() {
    let addr = after_upgrade(b"\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x00").await;
    let mut session = ended_with(addr).await;
    let closed = session.facts("closed");
    assert_eq!(closed["how"], "too big");
    let detail = closed["detail"].as_str().unwrap_or_default().to_owned();
    assert!(
        detail.contains("1073741824") && detail.contains("1048576"),
        "{detail}"
    );
    session.stop().await;
}

#[tokio::test]
async fn bare_fin_cut_message_and_reset_are_told_apart() {
    let fin = server(1, |mut stream: TcpStream, _| async move {
        accept_raw(&mut stream).await;
    })
    .await;
    let cut = server(1, |mut stream: TcpStream, _| async move {
        accept_raw(&mut stream).await;
        stream
            .write_all(b"\x81\x7e\x10\x00partial")
            .await
            .expect("the client is there");
    })
    .await;
    let reset = server(1, |mut stream: TcpStream, _| async move {
        accept_raw(&mut stream).await;
        // Unread data at close makes the kernel send RST.
        let mut byte = [0];
        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut byte).await;
    })
    .await;
    let mut session = ended_with(fin).await;
    assert_eq!(
        (
            &session.facts("closed")["how"],
            &session.facts("closed")["by"]
        ),
        (&"fin".into(), &"peer".into())
    );
    session.stop().await;
    let mut session = ended_with(cut).await;
    let detail = session.facts("closed")["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(detail.contains("middle of a message"), "{detail}");
    session.stop().await;
    let mut session = Watched::start(plan(&format!("ws://{reset}/")));
    session.until_state("live").await;
    session.send_text("more than one byte").await;
    session.until_state("failed").await;
    assert_eq!(session.facts("closed")["how"], "reset");
    session.stop().await;
}

#[tokio::test]
async fn frames_behind_the_101_are_not_lost() {
    let addr = server(1, |mut stream: TcpStream, _| async move {
        // One write for head and frame would need the key first; send the frame right behind.
        accept_raw(&mut stream).await;
        let _ = stream.write_all(b"\x81\x05first\x88\x00").await;
        drain(&mut stream).await;
    })
    .await;
    let mut session = ended_with(addr).await;
    assert_eq!(session.frames(false)[0].payload, b"first");
    session.stop().await;
}

#[tokio::test]
async fn a_peer_that_never_answers_our_close_does_not_hold_us() {
    let addr = server(1, |mut stream: TcpStream, _| async move {
        accept_raw(&mut stream).await;
        drain(&mut stream).await;
    })
    .await;
    let mut session = Watched::start(plan(&format!("ws://{addr}/")));
    session.until_state("live").await;
    session.stop().await;
    let closed = session.facts("closed");
    assert_eq!(
        (&closed["by"], &closed["how"]),
        (&"us".into(), &"timeout".into())
    );
}
