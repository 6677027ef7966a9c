//! The pace of made-up events: in ledgers, in bursts, or evenly.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep, sleep_until};

use super::events::Generator;
use super::pump::{Over, Pump};
use super::settings::{Burst, Traffic};
use crate::server::dice::Dice;
use crate::transport::clock;

/// Shortest time between ledgers; anything less would only spin.
const LEDGER_MIN: Duration = Duration::from_millis(10);

/// Longest wait for the first ledger: time for a client to register, not more.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Part of the time between ledgers in which a ledger's events are spread out, so that no burst
/// of one ledger alone fills a client's channel.
const SPREAD: f64 = 0.6;

/// At an even pace, as many events at most are handed over in one go.
const PORTION: u64 = 32;

/// At an even pace: how long the source waits for a client whose channel is filling up. Longer,
/// and the client is too slow for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// At an even pace: what is not caught up with within this time is left out.
const ARREARS: Duration = Duration::from_secs(1);

/// Feeds made-up events until the pipeline ends.
pub(super) async fn run(pump: Pump, traffic: Traffic) {
    let generator = Generator::new(
        traffic.seed,
        super::FIRST_LEDGER,
        &traffic.mix,
        traffic.payload,
    );
    let mut source = Source {
        pump,
        generator,
        dice: Dice::new(traffic.seed ^ 1),
        closes: Instant::now() + traffic.ledger_every.min(FIRST_WAIT),
        burst_due: Instant::now(),
        even_since: Instant::now() + traffic.ledger_every.min(FIRST_WAIT),
        even_given: 0,
        traffic,
    };
    let Err(Over) = source.run().await;
}

struct Source {
    pump: Pump,
    generator: Generator,
    dice: Dice,
    /// When the next ledger closes.
    closes: Instant,
    burst_due: Instant,
    /// At an even pace: since when it is kept, and how many events were given since.
    even_since: Instant,
    even_given: u64,
    traffic: Traffic,
}

impl Source {
    async fn run(&mut self) -> Result<std::convert::Infallible, Over> {
        loop {
            if self.traffic.even {
                self.evenly().await?;
            } else {
                self.ledger().await?;
            }
        }
    }

    /// Closes a ledger, and settles when the next one does. The number of events it opens with.
    async fn open(&mut self) -> Result<u64, Over> {
        let Traffic {
            ledger_every,
            ledger_jitter,
            ..
        } = self.traffic;
        let jitter = ledger_jitter.min(ledger_every / 2).as_micros() as u64;
        let early = ledger_every
            .max(LEDGER_MIN)
            .saturating_sub(Duration::from_micros(jitter));
        let every = early + Duration::from_micros(self.dice.between(0, 2 * jitter));
        // A late ledger does not make the next ones hurry.
        self.closes = (self.closes + every).max(Instant::now());
        let jump = self.pump.jump();
        self.generator.jump(jump);
        let events = self.generator.open(clock::now().wall_us);
        let count = events.len() as u64;
        for event in events {
            self.pump.give(event, true).await?;
        }
        Ok(count)
    }

    async fn event(&mut self) -> Result<(), Over> {
        match self.generator.event() {
            Some(event) => self.pump.give(event, true).await,
            None => Ok(()),
        }
    }

    /// One ledger: what it opens with, a burst if one is due, and the rest spread out.
    async fn ledger(&mut self) -> Result<(), Over> {
        sleep_until(self.closes).await;
        let opened = Instant::now();
        let given = self.open().await?;
        self.burst().await?;
        let count = self.traffic.events_per_ledger().saturating_sub(given);
        let pause = self.traffic.ledger_every.mul_f64(SPREAD) / count.max(1) as u32;
        let mut due = opened;
        for _ in 0..count {
            self.event().await?;
            due += pause;
            sleep_until(due).await;
        }
        Ok(())
    }

    async fn burst(&mut self) -> Result<(), Over> {
        let Some(Burst { count, every }) = self.traffic.burst else {
            return Ok(());
        };
        if Instant::now() < self.burst_due {
            return Ok(());
        }
        self.burst_due = Instant::now() + every.unwrap_or_default();
        for _ in 0..count {
            self.event().await?;
        }
        Ok(())
    }

    /// Until the next ledger: events one by one, each at its time. Nobody who keeps reading is
    /// outrun: what could not be handed over in time comes in small portions, and none comes
    /// while a client's channel is filling up.
    async fn evenly(&mut self) -> Result<(), Over> {
        sleep_until(self.closes).await;
        self.even_given += self.open().await?;
        let rate = self.traffic.rate.max(f64::MIN_POSITIVE);
        loop {
            let (start, given) = (self.even_since, self.even_given);
            let now = Instant::now();
            if now >= self.closes {
                return Ok(());
            }
            let due = (now.duration_since(start).as_secs_f64() * rate) as u64;
            if due <= given {
                let next = Duration::try_from_secs_f64((given + 1) as f64 / rate);
                let next = next.map_or(self.closes, |next| start + next);
                sleep_until(next.min(self.closes)).await;
                continue;
            }
            if (due - given) as f64 > ARREARS.as_secs_f64() * rate + PORTION as f64 {
                (self.even_since, self.even_given) = (now, 0);
                continue;
            }
            let room = self.pump.hub().room() as u64;
            let portion = (due - given).min(PORTION).min(room / 4).max(1);
            self.room_for(portion * 2).await;
            for _ in 0..portion {
                self.event().await?;
            }
            self.even_given += portion;
            yield_now().await;
        }
    }

    async fn room_for(&self, events: u64) {
        let hub = self.pump.hub();
        let until = Instant::now() + PATIENCE;
        while (hub.least_room() as u64) < events && Instant::now() < until {
            sleep(Duration::from_millis(1)).await;
        }
    }
}
