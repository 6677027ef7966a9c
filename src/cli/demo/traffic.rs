//! What the client of a demo sends by itself, at a rate one can read along with.
//!
//! Nothing is left to chance, so that a demo looks much the same every time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::compose::demo;
use crate::protocol::raccoon::{Transport, Wire};
use crate::protocol::{Command, Outgoing};
use crate::session::Traffic;

/// Decides what the imaginary shop sells.
const SEED: u64 = 7;

/// Topic the demo's clients talk on.
pub(super) const CHAT: &str = "chat.lobby";

/// Batches of an imaginary shop, now and then over REST or gRPC.
pub(super) fn raccoon() -> Traffic {
    let shop = Mutex::new(demo::Traffic::new(SEED));
    Traffic {
        every: Duration::from_millis(700),
        make: Arc::new(move |n, now| {
            // A panic half-way leaves nothing behind that the next batch would trip over.
            let mut shop = shop.lock().unwrap_or_else(PoisonError::into_inner);
            let mut command = shop.next(now.wall_us).command;
            if let Command::Batch(batch) = &mut command {
                batch.transport = transport(n, batch.wire);
            }
            vec![command]
        }),
    }
}

/// Every fifth batch goes over REST, every fifth over gRPC if it is protobuf.
fn transport(n: u64, wire: Wire) -> Transport {
    match (n % 5, wire) {
        (2, _) => Transport::Rest,
        (4, Wire::Protobuf) => Transport::Grpc,
        _ => Transport::WebSocket,
    }
}

/// Requests, some of which fail, and now and then a publish.
pub(super) fn websocketmq() -> Traffic {
    Traffic {
        every: Duration::from_millis(1_500),
        make: Arc::new(|n, _| vec![call(n)]),
    }
}

/// A JSON message with an id, which comes back.
pub(super) fn echo() -> Traffic {
    Traffic {
        every: Duration::from_secs(1),
        make: Arc::new(|n, _| {
            let text = json!({
                "op": pick(n, &["quote", "trade", "book"]),
                "reqId": format!("r-{n}"),
                "symbol": pick(n / 3, &["XLM", "BTC", "ETH"]),
                "price": 100.0 + (n % 17) as f64 / 4.0,
            });
            vec![Command::Raw(Outgoing::Text(text.to_string().into()))]
        }),
    }
}

fn call(n: u64) -> Command {
    let payload = |value: Value| Some(Bytes::from(value.to_string()));
    let request = |topic: &str, payload| Command::Request {
        topic: topic.to_owned(),
        payload,
        within: None,
    };
    match n % 6 {
        0 => request("system:get_time", payload(json!({}))),
        1 => request("user:get_details", payload(json!({"userId": "user123"}))),
        2 => Command::Publish {
            topic: CHAT.to_owned(),
            payload: payload(json!({"from": "wspect", "n": n, "text": "anybody here?"})),
        },
        3 => request("system:list_clients", payload(json!({}))),
        4 => request("system:error_test", payload(json!({"shouldError": true}))),
        _ => request("nobody.home", None),
    }
}

/// One of a few, in turn.
fn pick(n: u64, from: &[&'static str]) -> &'static str {
    from[(n % from.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn batches_differ_from_round_to_round() {
        let traffic = raccoon();
        let now = clock::now();
        let (one, two) = ((traffic.make)(0, now), (traffic.make)(1, now));
        assert_eq!((one[0].name(), two[0].name()), ("batch", "batch"));
        assert_ne!(one, two);
    }

    #[test]
    fn calls_cover_success_failure_and_publish() {
        let names: Vec<_> = (0..6).map(|n| call(n).name()).collect();
        assert_eq!(names.iter().filter(|name| **name == "publish").count(), 1);
        assert_eq!(names.iter().filter(|name| **name == "request").count(), 5);
    }
}
