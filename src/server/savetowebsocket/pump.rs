//! Hands events to the hub, with the faults asked for on the way.
//!
//! ```text
//! traffic ─┐
//!          ├─► Pump::give ─► dead? over? silent? ─► lost, doubled, spoilt, late ─► Hub::feed
//! file ────┘
//! ```

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::events::Generator;
use super::faults::{After, Faults};
use super::hub::Hub;
use crate::protocol::savetowebsocket::filter::NoEvent;
use crate::server::dice::Dice;
use crate::server::gojson;
use crate::transport::clock;

/// What is no event, though JSON or not far from it.
const NO_EVENTS: [&[u8]; 4] = [b"[1,2,3]", b"\"payment\"", b"42", b"{\"type\":"];

/// The source has run dry: the pipeline has ended, or the server is gone for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Over;

/// The only way events take into the hub by themselves.
#[derive(Debug)]
pub(super) struct Pump {
    hub: Arc<Hub>,
    faults: Faults,
    dice: Dice,
    /// When the server came up, last.
    up: Instant,
    /// Events fed since then.
    fed: u64,
    crashes: watch::Receiver<u64>,
    /// Makes huge events, once one was due.
    huge: Option<Generator>,
}

impl Pump {
    pub(super) fn new(hub: Arc<Hub>, faults: Faults, seed: u64) -> Self {
        let crashes = hub.crashes();
        Self {
            hub,
            faults,
            dice: Dice::new(seed),
            up: Instant::now(),
            fed: 0,
            crashes,
            huge: None,
        }
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// By how many ledgers the source jumps before the next one; negative for back.
    pub(super) fn jump(&mut self) -> i64 {
        if self.one_in(self.faults.gap_one_in) {
            self.dice.between(1, 3) as i64
        } else if self.one_in(self.faults.regress_one_in) {
            -(self.dice.between(2, 4) as i64)
        } else {
            0
        }
    }

    /// Hands an event over. `known` says that it is one for certain.
    pub(super) async fn give(&mut self, event: Vec<u8>, known: bool) -> Result<(), Over> {
        self.live().await?;
        self.wait().await;
        if self.one_in(self.faults.drop_one_in) {
            tracing::debug!("an event is lost on purpose");
            self.fed += 1;
            return Ok(());
        }
        let (event, known) = self.spoilt(event, known);
        let event = Bytes::from(event);
        self.feed(&event, known);
        if self.one_in(self.faults.duplicate_one_in) {
            self.feed(&event, known);
        }
        if self.one_in(self.faults.huge_one_in)
            && let Some(huge) = self.huge()
        {
            self.feed(&huge.into(), true);
        }
        Ok(())
    }

    fn feed(&mut self, event: &Bytes, known: bool) {
        self.fed += 1;
        if let Err(error) = self.hub.feed(event, known) {
            tracing::info!("error unmarshaling payload: {}", in_go(&error, event));
        }
    }

    /// Goes on when the server lives; crashes it, or ends the pipeline, if that is due.
    async fn live(&mut self) -> Result<(), Over> {
        if self.is_due(self.faults.end) {
            self.hub.end().await;
        }
        if self.hub.is_over() {
            return Err(Over);
        }
        if self.is_due(self.faults.crash) {
            self.hub.crash();
        }
        if !self.crashes.has_changed().unwrap_or(false) {
            return Ok(());
        }
        self.crashes.mark_unchanged();
        sleep(self.faults.back_after.ok_or(Over)?).await;
        self.up = Instant::now();
        self.fed = 0;
        Ok(())
    }

    fn is_due(&self, after: Option<After>) -> bool {
        matches!(after, Some(After::Events(events)) if self.fed >= events)
    }

    /// Waits for the end of a silence, and as long as this event is late.
    async fn wait(&mut self) {
        if let Some(silence) = self.faults.silence {
            let every = silence.every.as_nanos().max(1);
            let into = self.up.elapsed().as_nanos() % every;
            if into >= every.saturating_sub(silence.length.as_nanos()) {
                let rest = std::time::Duration::from_nanos((every - into) as u64);
                sleep_until(Instant::now() + rest).await;
            }
        }
        let most = self.faults.delay.as_micros() as u64;
        if most > 0 {
            let late = std::time::Duration::from_micros(self.dice.between(0, most));
            sleep(late).await;
        }
    }

    /// The event, or what comes instead; and whether it is one for certain.
    fn spoilt(&mut self, mut event: Vec<u8>, known: bool) -> (Vec<u8>, bool) {
        if self.one_in(self.faults.null_one_in) {
            return (b"null".to_vec(), true);
        }
        if self.one_in(self.faults.no_object_one_in) {
            return (self.dice.pick(&NO_EVENTS).to_vec(), false);
        }
        if self.one_in(self.faults.bad_utf8_one_in) {
            // Into the last string that is a value.
            if let Some(at) = memchr::memmem::rfind(&event, b"\":\"") {
                event.splice(at + 3..at + 3, [0xff, 0xfe]);
            }
        }
        (event, known)
    }

    fn huge(&mut self) -> Option<Vec<u8>> {
        let (size, seed) = (self.faults.huge_size, self.dice.next());
        let generator = match &mut self.huge {
            Some(generator) => generator,
            none => {
                let mix = "ledger-reader=1".parse().ok()?;
                none.insert(Generator::new(seed, super::FIRST_LEDGER, &mix, Some(size)))
            }
        };
        generator.open(clock::now().wall_us);
        generator.event()
    }

    fn one_in(&mut self, count: u64) -> bool {
        count > 0 && self.dice.between(1, count) == 1
    }
}

/// Why an event is none, in Go's words.
fn in_go(error: &NoEvent, event: &[u8]) -> String {
    match error {
        NoEvent::NoObject(kind) => format!(
            "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            kind.go_name()
        ),
        // The two checks agree on what is JSON; Go's has Go's words.
        NoEvent::Syntax(_) => gojson::check(event).err().unwrap_or_default(),
    }
}

/// Crashes the server, and ends the pipeline, when it is time, whether or not events flow.
pub(super) async fn clock(hub: Arc<Hub>, faults: Faults) {
    let mut crashes = hub.crashes();
    let after = |after: Option<After>| async move {
        match after {
            Some(After::Time(time)) => sleep(time).await,
            _ => std::future::pending().await,
        }
    };
    loop {
        tokio::select! {
            () = after(faults.end) => return hub.end().await,
            () = after(faults.crash) => hub.crash(),
            _ = crashes.changed() => {}
        }
        crashes.mark_unchanged();
        match faults.back_after {
            Some(back) => sleep(back).await,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests;
