//! Truth of the figures: how far a stamp is from the moment the bytes were there, and how the
//! latency of asks compares with the round trip the bare library measures.

use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use wspect::entry::Outcome;
use wspect::protocol::generic::Correlate;
use wspect::protocol::{Command, Outgoing, System};
use wspect::session::{self, Order, SessionId};

use crate::rig::{now, plan, quantile, runtime};

/// Measures `rounds` round trips of each kind.
pub(crate) fn run(rounds: u64) {
    let url = server();
    let mut bare = bare(&url, rounds);
    let (mut ours, mut stamps) = ours(&url, rounds);
    println!("{rounds} round trips of a 1 KiB message over loopback, one at a time; microseconds");
    line("bare library, send to receive", &mut bare);
    line("ours, written to read", &mut ours);
    line("stamp after the peer's write", &mut stamps);
    println!(
        "ours / bare at p50: {:.2}",
        quantile(&mut ours, 0.5) / quantile(&mut bare, 0.5)
    );
}

fn line(name: &str, micros: &mut [f64]) {
    println!(
        "{name:<32} p50 {:>6.1}  p90 {:>6.1}  p99 {:>6.1}",
        quantile(micros, 0.5),
        quantile(micros, 0.9),
        quantile(micros, 0.99)
    );
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn wall_us() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        * 1e6
}

/// Answers every message with its id, the time of writing, and a kilobyte; on a thread of its own.
fn server() -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .expect("loopback is there");
            let _ = tell.send(listener.local_addr().expect("bound"));
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let mut socket = tokio_tungstenite::accept_async(stream)
                    .await
                    .expect("an upgrade");
                while let Some(Ok(message)) = socket.next().await {
                    if !message.is_text() {
                        continue;
                    }
                    let text = message.to_text().unwrap_or_default();
                    let id = text.split('"').nth(3).unwrap_or_default();
                    let pad = "x".repeat(1_000 - id.len());
                    let reply = format!(r#"{{"id":"{id}","at":{:.0},"pad":"{pad}"}}"#, wall_us());
                    if socket.send(Message::text(reply)).await.is_err() {
                        break;
                    }
                }
            }
        });
    });
    format!("ws://{}/", told.recv().expect("the server listens"))
}

fn request(id: u64) -> String {
    format!(r#"{{"id":"{id}","pad":"{}"}}"#, "y".repeat(1_000))
}

fn bare(url: &str, rounds: u64) -> Vec<f64> {
    runtime().block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true)
            .await
            .expect("connects");
        let mut figures = Vec::new();
        for id in 0..rounds {
            let message = Message::text(request(id));
            let started = now();
            socket.send(message).await.expect("sent");
            socket.next().await.expect("a reply").expect("well-formed");
            figures.push((now() - started).as_secs_f64() * 1e6);
        }
        figures
    })
}

/// Latencies of the asks, and how long after the peer's time of writing the stamps are.
fn ours(url: &str, rounds: u64) -> (Vec<f64>, Vec<f64>) {
    runtime().block_on(async {
        let mut plan = plan(url, System::Generic);
        plan.settings.generic.correlate = Correlate {
            request: ".id".to_owned(),
            reply: ".id".to_owned(),
        };
        let (feed, mut deliveries) = session::queue();
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        let (mut latencies, mut stamps) = (Vec::new(), Vec::new());
        let mut asked = 0;
        while (latencies.len() as u64) < rounds {
            let delivery = deliveries.recv().await.expect("the session runs");
            let live = delivery
                .snapshot
                .as_ref()
                .is_some_and(|snapshot| snapshot.state == session::State::Live);
            for entry in delivery
                .chunk
                .iter()
                .filter(|e| e.outcome == Some(Outcome::Ok))
            {
                latencies.push(entry.latency.unwrap_or_default().as_secs_f64() * 1e6);
                let text = std::str::from_utf8(entry.payload).unwrap_or_default();
                let at = text
                    .split("\"at\":")
                    .nth(1)
                    .and_then(|rest| rest.split(',').next());
                let written: f64 = at.and_then(|at| at.parse().ok()).unwrap_or(0.0);
                stamps.push(entry.at.wall_us as f64 - written);
            }
            if (live && asked == 0) || latencies.len() as u64 == asked && asked > 0 {
                asked += 1;
                let command = Command::Raw(Outgoing::Text(request(asked).into()));
                handle
                    .orders
                    .send(Order::Send(command))
                    .await
                    .expect("the session runs");
            }
        }
        handle.cancel.cancel();
        (latencies, stamps)
    })
}
