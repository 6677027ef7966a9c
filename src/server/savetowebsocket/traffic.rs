//! Feeds made-up ledgers at a steady pace.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::Traffic;
use super::events::Generator;
use super::hub::Hub;
use crate::transport::clock;

/// Number of the first ledger.
const FIRST_LEDGER: u64 = 60_123_456;

/// Shortest time between ledgers; anything less would only spin.
const LEDGER_MIN: Duration = Duration::from_millis(10);

/// Longest wait for the first ledger: time for a client to register, not more.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Part of the time between ledgers in which a ledger's events are spread out, so that no burst
/// of one ledger alone fills a client's queue.
const SPREAD: f64 = 0.6;

/// Feeds the hub for ever.
pub(super) async fn run(hub: Arc<Hub>, traffic: Traffic) {
    let every = traffic.ledger_every.max(LEDGER_MIN);
    let count = Traffic {
        ledger_every: every,
        ..traffic
    }
    .events_per_ledger();
    let pause = every.mul_f64(SPREAD) / u32::try_from(count).unwrap_or(u32::MAX);
    let mut generator = Generator::new(
        traffic.seed,
        FIRST_LEDGER,
        &super::events::Mix::default(),
        None,
    );
    let mut closes = Instant::now() + every.min(FIRST_WAIT);
    loop {
        sleep_until(closes).await;
        let events = generator.ledger(clock::now().wall_us, count);
        let mut due = Instant::now();
        for event in events {
            if let Err(error) = hub.feed(&Bytes::from(event)) {
                tracing::error!("the demo made an event that is none: {error}");
            }
            due += pause;
            sleep_until(due).await;
        }
        // A late ledger does not make the next ones hurry.
        closes = (closes + every).max(Instant::now());
    }
}
