//! The server's metrics, read beside the connection.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;
use wspect::protocol::System;
use wspect::protocol::raccoon::metrics::Picture;
use wspect::session::{Plan, Snapshot};

use crate::harness::{Watched, plan, server};

/// Answers requests one after another: each with the next page, then with the last for ever.
async fn pages(pages: Vec<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut served = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let page = pages[served.min(pages.len() - 1)].as_bytes();
            served += 1;
            let _ = stream.write_all(page).await;
        }
    });
    addr
}

fn page(batches: u32) -> String {
    let body = format!(
        "# TYPE batches_read_total counter\nbatches_read_total{{status=\"success\"}} {batches}\n"
    );
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn not_found() -> String {
    "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 4\r\n\r\nnope".to_owned()
}

/// Acknowledges every message with a success.
async fn acks(stream: TcpStream, _: usize) {
    let mut socket = accept_async(stream).await.expect("an upgrade");
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            let ack = r#"{"status":1,"code":1,"sent_time":1,"data":{"req_guid":"g"}}"#;
            let sent = socket.send(Message::text(ack)).await;
            sent.expect("the client reads");
        }
    }
}

fn raccoon(url: &str, metrics: SocketAddr) -> Plan {
    let mut plan = plan(url);
    plan.system = Some(System::Raccoon);
    plan.settings.raccoon.metrics_url = Some(format!("http://{metrics}/metrics"));
    plan.settings.raccoon.metrics_every = Duration::from_millis(100);
    plan
}

fn picture(session: &Watched) -> Option<&Picture> {
    session.snapshot.as_deref().and_then(metrics)
}

fn metrics(snapshot: &Snapshot) -> Option<&Picture> {
    snapshot.metrics.as_deref()
}

#[tokio::test]
async fn what_was_done_stands_beside_what_the_counter_moved_by() {
    let metrics = pages((0..1_000).map(|n| page(10 + 2 * n)).collect()).await;
    let addr = server(1, acks).await;
    let mut session = Watched::start(raccoon(&format!("ws://{addr}/"), metrics));
    session.until_state("live").await;
    session
        .until("a first page", |s| {
            picture(s).is_some_and(|p| p.read_at.is_some())
        })
        .await;
    session.send_text(r#"{"req_guid":"g","events":[]}"#).await;
    session
        .until("the batch beside its counter", |s| {
            let rows = picture(s).map_or(&[][..], |picture| &picture.rows);
            let read = rows
                .iter()
                .find(|row| row.what == "batches read" && row.did == 1);
            read.is_some_and(|row| {
                row.moved.is_some_and(|moved| moved >= 1.0) && row.remark.is_none()
            })
        })
        .await;
    session.stop().await;
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_told_once_and_so_is_its_return() {
    let mut all = vec![page(1)];
    all.extend((0..5).map(|_| not_found()));
    all.push(page(2));
    let metrics = pages(all).await;
    let addr = server(1, acks).await;
    let mut session = Watched::start(raccoon(&format!("ws://{addr}/"), metrics));
    session
        .until("its return", |s| {
            s.notes.iter().any(|note| note.contains("read again"))
        })
        .await;
    let told = session.notes.iter().filter(|note| note.contains("404"));
    assert_eq!(told.count(), 1, "{:?}", session.notes);
    let picture = picture(&session).expect("a picture");
    assert_eq!((picture.failures, &picture.error), (5, &None));
    session.stop().await;
}

#[tokio::test]
async fn metrics_are_read_also_while_there_is_no_connection() {
    let metrics = pages(vec![
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 12\r\n\r\n<html>hello!".to_owned(),
    ])
    .await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = closed.local_addr().expect("an address");
    drop(closed);
    let mut session = Watched::start(raccoon(&format!("ws://{addr}/"), metrics));
    session
        .until("what the page is", |s| {
            let error = picture(s).and_then(|picture| picture.error.as_deref());
            error.is_some_and(|error| error.contains("not Prometheus's text format"))
        })
        .await;
    session.stop().await;
}
