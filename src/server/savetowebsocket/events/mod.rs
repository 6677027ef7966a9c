//! Made-up traffic of a Stellar pipeline: ledgers, and the events each of them brings.
//!
//! The shapes, member orders and quirks are those of the real pipeline's processors: buyer and
//! seller the wrong way round, codes padded with NUL, some events without a `type`, contract
//! events with both the raw dump and the decoded twin. Which accounts, amounts and kinds appear
//! follows from the seed alone; time comes in with each ledger.
//!
//! ```text
//! Mix ─► kinds ─► makers ─► templates (once) ─► Generator::open, ::event, ::event … (often)
//! ```

mod cast;
mod contracts;
mod invocations;
mod kinds;
mod ledger;
mod market;
mod mix;
mod payments;
mod scene;
mod stock;
mod template;

pub use mix::{Mix, UnknownKind};

use ledger::Closed;
use scene::Scene;
use stock::Stock;

use crate::server::dice::Dice;

/// Longest payload events can be made to have, on the average.
pub const PAYLOAD_MAX: usize = 64 * 1024 * 1024;

/// Makes ledger after ledger.
#[derive(Clone, Debug)]
pub struct Generator {
    dice: Dice,
    stock: Stock,
    closed: Closed,
}

impl Generator {
    /// A generator whose first ledger has the number `first`. `payload` is how long events should
    /// be on the average, in bytes, at most [`PAYLOAD_MAX`]; `None` leaves them as they are.
    #[must_use]
    pub fn new(seed: u64, first: u64, mix: &Mix, payload: Option<usize>) -> Self {
        let mut scene = Scene::new(seed);
        let payload = payload.map(|bytes| bytes.min(PAYLOAD_MAX));
        let stock = Stock::new(&mut scene, mix, payload);
        let closed = Closed {
            sequence: first.saturating_sub(1),
            ..Closed::default()
        };
        Self {
            dice: scene.dice,
            stock,
            closed,
        }
    }

    /// Closes the next ledger at `closed_us` (microseconds since the Unix epoch), and makes the
    /// events that come once a ledger, if the mix has such.
    pub fn open(&mut self, closed_us: i64) -> Vec<Vec<u8>> {
        let sequence = self.closed.sequence.saturating_add(1);
        self.closed = Closed::new(sequence, closed_us, &mut self.dice);
        self.stock.opening(&self.closed, &mut self.dice)
    }

    /// Another event of the ledger; `None` if the mix has only such as come once a ledger.
    pub fn event(&mut self) -> Option<Vec<u8>> {
        self.stock.event(&self.closed, &mut self.dice)
    }

    /// Moves the count of ledgers on, or back: the next one is a gap, or a regression.
    pub fn jump(&mut self, ledgers: i64) {
        self.closed.sequence = self.closed.sequence.saturating_add_signed(ledgers);
    }

    /// The `count` events of the next ledger, those that come once first.
    pub fn ledger(&mut self, closed_us: i64, count: usize) -> Vec<Vec<u8>> {
        let mut events = self.open(closed_us);
        while events.len() < count
            && let Some(event) = self.event()
        {
            events.push(event);
        }
        events.truncate(count);
        events
    }
}

#[cfg(test)]
mod tests;
