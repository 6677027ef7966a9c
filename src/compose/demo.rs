//! Traffic of an imaginary shop, so that `demo:raccoon` shows acks without anyone typing.

use serde_json::{Value as Json, json};

use super::{Context, Prepared, parse};
use crate::protocol::{Settings, System};
use crate::schema::Schema;

/// Makes one batch after the other, each of one to four events. Made by whoever runs a demo
/// session; equal seeds and times give equal batches.
#[derive(Debug)]
pub struct Traffic {
    context: Context<'static>,
    settings: Settings,
}

const COUNTRIES: [&str; 5] = ["DE", "NL", "US", "IN", "BR"];
const BUTTONS: [&str; 6] = [
    "buy",
    "add-to-cart",
    "menu",
    "search",
    "wishlist",
    "sign-in",
];
const PAGES: [&str; 6] = [
    "/home",
    "/shoes",
    "/shoes/4711",
    "/cart",
    "/checkout",
    "/sale",
];
const REFERRERS: [&str; 3] = ["", "https://search.example/", "https://news.example/today"];
const WORDS: [&str; 5] = ["red shoes", "größe 42", "gift", "socks", "レインコート"];
const DEVICES: [&str; 3] = ["DEVICE_DESKTOP", "DEVICE_PHONE", "DEVICE_TABLET"];
const SKUS: [&str; 4] = ["SHOE-42-RED", "SOCK-3-PACK", "COAT-M", "GIFT-CARD"];

/// One in so many batches is sent in the JSON wire, and one in so many with JSON events.
const JSON_WIRE_EVERY: u64 = 7;
const JSON_EVENTS_EVERY: u64 = 4;

impl Traffic {
    /// Traffic that `seed` decides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            context: Context::new(0, seed),
            settings: Settings::default(),
        }
    }

    /// The next batch; `now_us` is the wall time in microseconds since the Unix epoch.
    pub fn next(&mut self, now_us: i64) -> Prepared {
        self.context.now_us = now_us;
        let count = 1 + self.context.below(4);
        let events: Vec<_> = (0..count).map(|_| self.event()).collect();
        let number = self.context.counter;
        let every = |n: u64| number % n == n - 1;
        let document = json!({
            "wire": if every(JSON_WIRE_EVERY) { "json" } else { "protobuf" },
            "serialization": if every(JSON_EVENTS_EVERY) { "json" } else { "protobuf" },
            "events": events,
        });
        let text = document.to_string();
        parse(
            &text,
            System::Raccoon,
            &self.settings,
            Schema::demo(),
            &mut self.context,
        )
        .ok()
        .and_then(|prepared| prepared.into_iter().next())
        .expect("the demo's documents fit its schema, whatever the seed; the tests try many")
    }

    fn event(&mut self) -> Json {
        let (kind, mut data) = match self.context.below(10) {
            0..=3 => ("page", self.page()),
            4..=6 => ("click", self.click()),
            7..=8 => ("search", self.search()),
            _ => ("purchase", self.purchase()),
        };
        data["at"] = json!("${now}");
        data["visitor"] = self.visitor();
        json!({"type": kind, "data": data})
    }

    fn visitor(&mut self) -> Json {
        let number = self.context.below(6);
        let mut visitor = json!({
            "session": format!("s-{number:04}"),
            "country": COUNTRIES[number as usize % COUNTRIES.len()],
        });
        if number < 3 {
            visitor["customer_id"] = json!(9_007_199_254_740_993_u64 + number);
        }
        visitor
    }

    fn page(&mut self) -> Json {
        let millis = 80 + self.context.below(1_900);
        json!({
            "url": self.context.one_of(&PAGES),
            "referrer": self.context.one_of(&REFERRERS),
            "load_time": format!("{}.{:03}s", millis / 1_000, millis % 1_000),
            "query": {"utm_source": self.context.one_of(&["mail", "search", "direct"])},
            "tags": ["shop", self.context.one_of(&["a", "b"])],
        })
    }

    fn click(&mut self) -> Json {
        json!({
            "button": self.context.one_of(&BUTTONS),
            "device": self.context.one_of(&DEVICES),
            "position": {"x": self.context.below(1_280), "y": self.context.below(4_000) as i64 - 500},
        })
    }

    fn search(&mut self) -> Json {
        let found = self.context.below(5);
        let results: Vec<_> = (0..found)
            .map(|_| 1_000 + self.context.below(9_000))
            .collect();
        json!({
            "text": self.context.one_of(&WORDS),
            "results": results,
            "score": self.context.below(100) as f64 / 100.0,
        })
    }

    fn purchase(&mut self) -> Json {
        let count = 1 + self.context.below(3);
        let items: Vec<_> = (0..count)
            .map(|_| {
                json!({
                    "sku": self.context.one_of(&SKUS),
                    "quantity": 1 + self.context.below(3),
                    "price": (500 + self.context.below(20_000)) as f64 / 100.0,
                })
            })
            .collect();
        let mut purchase = json!({
            "order_id": format!("A-{:06}", self.context.below(1_000_000)),
            "items": items,
            "currency": "EUR",
            "gift": self.context.below(4) == 0,
        });
        if self.context.below(2) == 0 {
            purchase["voucher"] = json!("WELCOME10");
        } else {
            let digits = self.context.below(10_000);
            purchase["card"] = json!({"network": "visa", "last_digits": digits});
        }
        purchase
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Command;
    use crate::protocol::raccoon::Wire;

    #[test]
    fn every_seed_makes_valid_batches_of_all_kinds() {
        let mut kinds = std::collections::BTreeSet::new();
        let mut wires = std::collections::BTreeSet::new();
        for seed in 0..20 {
            let mut traffic = Traffic::new(seed);
            for second in 0..10 {
                let prepared = traffic.next(1_767_225_600_000_000 + second * 1_000_000);
                let preview = prepared.preview.unwrap();
                assert!((1..=4).contains(&preview.events.len()));
                kinds.extend(preview.events.into_iter().map(|event| event.kind));
                let Command::Batch(batch) = prepared.command else {
                    panic!("not a batch");
                };
                wires.insert(batch.wire == Wire::Json);
                assert!(!batch.guid.is_empty());
            }
        }
        assert_eq!(
            kinds.into_iter().collect::<Vec<_>>(),
            ["click", "page", "purchase", "search"]
        );
        assert_eq!(wires.len(), 2);
    }

    #[test]
    fn equal_seeds_make_equal_batches() {
        let (mut one, mut two) = (Traffic::new(5), Traffic::new(5));
        assert_eq!(one.next(1_000), two.next(1_000));
        assert_ne!(one.next(1_000).key, Traffic::new(6).next(1_000).key);
    }
}
