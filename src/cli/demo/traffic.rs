//! What the client of a demo sends by itself, at a rate one can read along with.
//!
//! Everything follows from the number of the round, so that a demo looks the same every time.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::frame::Stamp;
use crate::protocol::raccoon::{EncodedBatch, Wire};
use crate::protocol::{Command, Outgoing};
use crate::schema::{Schema, SchemaError};
use crate::session::Traffic;

/// Topic the demo's clients talk on.
pub(super) const CHAT: &str = "chat.lobby";

/// A batch of one to four events of several types.
pub(super) fn raccoon() -> Traffic {
    Traffic {
        every: Duration::from_millis(700),
        make: Arc::new(|n, now| match batch(n, now) {
            Ok(batch) => vec![Command::Batch(batch)],
            Err(error) => {
                tracing::error!(%error, "the demo's own batch does not encode");
                Vec::new()
            }
        }),
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
        1 => request(
            "user:get_details",
            payload(json!({"userId": format!("user-{}", n % 5)})),
        ),
        2 => Command::Publish {
            topic: CHAT.to_owned(),
            payload: payload(json!({"from": "wspect", "n": n, "text": "anybody here?"})),
        },
        3 => request("system:list_clients", payload(json!({}))),
        4 => request("system:error_test", payload(json!({"shouldError": true}))),
        _ => request("nobody.home", None),
    }
}

const KINDS: [&str; 4] = ["click", "page", "search", "purchase"];

fn batch(n: u64, now: Stamp) -> Result<EncodedBatch, SchemaError> {
    let schema = Schema::demo();
    let count = 1 + n % 4;
    let mut events = Vec::new();
    for k in 0..count {
        // Two kinds a batch at most, so that labels are short and repeat.
        let kind = pick(n + k / 2, &KINDS);
        let message = schema.message(&message_of(kind), "the demo")?;
        let bytes = schema.encode(&message, &event(kind, n * 4 + k, now))?;
        events.push(json!({"event_bytes": BASE64.encode(bytes), "type": kind}));
    }
    let guid = uuid::Uuid::new_v4().to_string();
    let request = schema.message("raystack.raccoon.v1beta1.SendEventRequest", "the demo")?;
    let bytes = schema.encode(
        &request,
        &json!({"req_guid": guid, "sent_time": time(now), "events": events}),
    )?;
    Ok(EncodedBatch {
        guid,
        wire: Wire::Protobuf,
        bytes: bytes.into(),
    })
}

/// One of a few, in turn.
fn pick(n: u64, from: &[&'static str]) -> &'static str {
    from[(n % from.len() as u64) as usize]
}

/// `click` is a `demo.ClickEvent`.
fn message_of(kind: &str) -> String {
    let (first, rest) = kind.split_at(1);
    format!("demo.{}{rest}Event", first.to_uppercase())
}

fn event(kind: &str, n: u64, now: Stamp) -> Value {
    let visitor = json!({
        "session": format!("s-{:04}", n * 37 % 10_000),
        "customer_id": 1000 + n % 50,
        "country": pick(n, &["DE", "NL", "BR", "JP", "KE"]),
    });
    match kind {
        "click" => json!({
            "button": pick(n, &["buy", "menu", "wishlist", "share"]),
            "at": time(now),
            "visitor": visitor,
            "device": pick(n, &["DEVICE_PHONE", "DEVICE_DESKTOP", "DEVICE_TABLET"]),
            "position": {"x": n * 7 % 1200, "y": n * 13 % 800},
        }),
        "page" => json!({
            "url": pick(n, &["/home", "/shoes", "/cart", "/about"]),
            "referrer": pick(n, &["/home", "https://search.example/?q=shoes"]),
            "at": time(now),
            "visitor": visitor,
            "load_time": format!("0.{:03}s", 80 + n * 31 % 700),
            "query": {"page": (n % 9).to_string()},
            "tags": [pick(n, &["spring", "sale"]), "web"],
        }),
        "search" => json!({
            "text": pick(n, &["red shoes", "umbrella", "größe 42", "帽子"]),
            "at": time(now),
            "visitor": visitor,
            "results": [n % 90, n % 70 + 100, n % 50 + 200],
            "score": (n % 100) as f64 / 100.0,
        }),
        _ => json!({
            "order_id": format!("o-{n:06}"),
            "at": time(now),
            "visitor": visitor,
            "items": [{"sku": format!("sku-{}", n % 30), "quantity": 1 + n % 3, "price": 19.5}],
            "currency": pick(n, &["EUR", "USD", "BRL"]),
            "voucher": "SPRING",
            "gift": n.is_multiple_of(5),
        }),
    }
}

/// RFC 3339, as the JSON form of a protobuf timestamp wants it.
fn time(now: Stamp) -> String {
    jiff::Timestamp::from_microsecond(now.wall_us)
        .map(|time| time.to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::clock;

    #[test]
    fn every_batch_encodes_and_is_read_back() {
        let schema = Schema::demo();
        let request = schema.message("SendEventRequest", "test").unwrap();
        for n in 0..32 {
            let batch = batch(n, clock::now()).unwrap();
            let node = schema.decode(&request, &batch.bytes, 0).unwrap();
            assert!(!node.children.is_empty(), "{n}");
        }
    }

    #[test]
    fn several_types_take_turns() {
        let kinds: std::collections::BTreeSet<_> =
            (0..4).map(|n| pick(n, &KINDS)).map(message_of).collect();
        assert_eq!(kinds.len(), 4);
    }

    #[test]
    fn calls_cover_success_failure_and_publish() {
        let names: Vec<_> = (0..6).map(|n| call(n).name()).collect();
        assert_eq!(names.iter().filter(|name| **name == "publish").count(), 1);
        assert_eq!(names.iter().filter(|name| **name == "request").count(), 5);
    }
}
