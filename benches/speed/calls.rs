//! Calls of `WebSocketMQ` in both directions, beside the bare library's round trip.
//!
//! ```text
//!  out:  client ─ request ─► built-in broker ─ response ─► client     bare client │ whole session
//!  in:   bare broker ─ request ─► client ─ response ─► bare broker    bare client │ responder of a session
//! ```
//!
//! One call at a time; contestants take turns, a thousand calls each.

use std::sync::mpsc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use wspect::entry::Outcome;
use wspect::protocol::websocketmq::Responder;
use wspect::protocol::{Command, System};
use wspect::server::websocketmq as broker;
use wspect::session::{self, Order, SessionId, State};

use crate::rig::{median, now, plan, quantile, runtime};

/// Calls a contestant makes in one turn.
const TURN: usize = 1_000;
const ANSWER: &str = r#"{"status":"fine","uptime":"a while"}"#;

/// Measures `rounds` turns of each contestant.
pub(crate) fn run(rounds: u64) {
    println!("{rounds} turns of {TURN} calls of WebSocketMQ, one at a time; microseconds");
    let url = built_in();
    let echo = bare_server();
    let (mut out, mut bare, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        floor.push(bare_requests(&echo));
        bare.push(bare_requests(&url));
        out.push(session_requests(&url));
    }
    line("bare client, bare server", &floor);
    line("bare client, built-in broker", &bare);
    let ours: Vec<_> = out.iter().map(|(written, _)| written.clone()).collect();
    line("session, written to read", &ours);
    let told: Vec<_> = out.iter().map(|(_, told)| told.clone()).collect();
    line("session, ordered to delivered", &told);
    let (mut hand, mut responder) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        hand.push(called(|url| bare_answers(&url)));
        responder.push(called(|url| session_answers(&url)));
    }
    line("called: bare client answers", &hand);
    line("called: responder of a session", &responder);
}

fn line(name: &str, turns: &[Vec<f64>]) {
    let of = |share| median(turns.iter().map(|turn| quantile(&mut turn.clone(), share)));
    println!(
        "{name:<32} p50 {:>6.1}  p90 {:>6.1}  p99 {:>6.1}",
        of(0.5),
        of(0.9),
        of(0.99)
    );
}

/// The built-in broker, on a thread of its own.
fn built_in() -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let settings = broker::Settings {
                traffic: broker::Traffic::NONE,
                ..broker::Settings::default()
            };
            let (running, _handle) = broker::start(settings).await.expect("the broker starts");
            let _ = tell.send(running.url().to_owned());
            std::future::pending::<()>().await;
        });
    });
    told.recv().expect("the broker listens")
}

/// Answers every request with its id, over the bare library.
fn bare_server() -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
            let _ = tell.send(listener.local_addr().expect("bound"));
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let mut socket = tokio_tungstenite::accept_async(stream)
                    .await
                    .expect("an upgrade");
                while let Some(Ok(message)) = socket.next().await {
                    let Some(id) = id(&message) else { continue };
                    if socket.send(reply(&id)).await.is_err() {
                        break;
                    }
                }
            }
        });
    });
    format!("ws://{}/wsmq", told.recv().expect("the server listens"))
}

fn id(message: &Message) -> Option<String> {
    let text = message.to_text().ok().filter(|_| message.is_text())?;
    text.split('"').nth(3).map(str::to_owned)
}

fn reply(id: &str) -> Message {
    Message::text(format!(
        r#"{{"id":"{id}","type":"response","topic":"system:get_time","payload":{ANSWER}}}"#
    ))
}

fn request(id: usize) -> Message {
    Message::text(format!(
        r#"{{"id":"{id:032x}","type":"request","topic":"system:get_time"}}"#
    ))
}

fn bare_requests(url: &str) -> Vec<f64> {
    runtime().block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true)
            .await
            .expect("connects");
        let mut figures = Vec::new();
        for id in 0..TURN {
            let started = now();
            socket.send(request(id)).await.expect("sent");
            socket.next().await.expect("a reply").expect("well-formed");
            figures.push((now() - started).as_secs_f64() * 1e6);
        }
        figures
    })
}

/// From writing to reading as the session tells it, and from the order to the delivery of the
/// reply.
fn session_requests(url: &str) -> (Vec<f64>, Vec<f64>) {
    runtime().block_on(async {
        let (feed, mut deliveries) = session::queue();
        let plan = plan(url, System::WebSocketMq);
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        let (mut written, mut told) = (Vec::new(), Vec::new());
        let mut asked: Option<std::time::Instant> = None;
        let mut live = false;
        while told.len() < TURN {
            let delivery = deliveries.recv().await.expect("the session runs");
            let here = now();
            live |= (delivery.snapshot.as_ref()).is_some_and(|shot| shot.state == State::Live);
            let answer = delivery.chunk.iter().find(|entry| {
                entry.label == "system:get_time" && entry.outcome == Some(Outcome::Ok)
            });
            if let (Some(entry), Some(at)) = (answer, asked) {
                written.push(entry.latency.unwrap_or_default().as_secs_f64() * 1e6);
                told.push((here - at).as_secs_f64() * 1e6);
                asked = None;
            }
            if live && asked.is_none() {
                asked = Some(now());
                let command = Command::Request {
                    topic: "system:get_time".to_owned(),
                    payload: None,
                    within: None,
                };
                handle
                    .orders
                    .send(Order::Send(command))
                    .await
                    .expect("the session runs");
            }
        }
        handle.cancel.cancel();
        (written, told)
    })
}

/// Calls whoever `client` connects, from a bare server on this thread; the client has its own.
fn called(client: impl FnOnce(String) + Send + 'static) -> Vec<f64> {
    runtime().block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let url = format!("ws://{}/wsmq", listener.local_addr().expect("bound"));
        let client = std::thread::spawn(move || client(url));
        let (stream, _) = listener.accept().await.expect("a client");
        let _ = stream.set_nodelay(true);
        let mut socket = tokio_tungstenite::accept_async(stream)
            .await
            .expect("an upgrade");
        let mut figures = Vec::new();
        for n in 0..TURN {
            let id = format!("{n:032x}");
            let call = format!(r#"{{"id":"{id}","type":"request","topic":"client:get_status"}}"#);
            let started = now();
            socket.send(Message::text(call)).await.expect("sent");
            // What else the client says meanwhile, as its registration, is no answer.
            loop {
                let message = socket
                    .next()
                    .await
                    .expect("an answer")
                    .expect("well-formed");
                if self::id(&message).as_deref() == Some(&id) {
                    break;
                }
            }
            figures.push((now() - started).as_secs_f64() * 1e6);
        }
        let _ = socket.close(None).await;
        drop(socket);
        let _ = client.join();
        figures
    })
}

fn bare_answers(url: &str) {
    runtime().block_on(async {
        let (mut socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true)
            .await
            .expect("connects");
        while let Some(Ok(message)) = socket.next().await {
            let Some(id) = id(&message) else { continue };
            if socket.send(reply(&id)).await.is_err() {
                break;
            }
        }
    });
}

fn session_answers(url: &str) {
    runtime().block_on(async {
        let (feed, mut deliveries) = session::queue();
        let mut plan = plan(url, System::WebSocketMq);
        plan.settings.websocketmq.responders = vec![Responder {
            topic: "client:get_status".to_owned(),
            reply: Some(ANSWER.to_owned()),
            delay: Duration::ZERO,
            ..Responder::default()
        }];
        let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
        while let Some(delivery) = deliveries.recv().await {
            let ended = |state| matches!(state, State::Closed | State::Failed);
            if (delivery.snapshot.as_ref()).is_some_and(|shot| ended(shot.state)) {
                break;
            }
        }
        handle.cancel.cancel();
    });
}
