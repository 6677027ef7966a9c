//! The session's task: dial, live, wait, and again.

mod trying;

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::books::Books;
use super::delivery::{Delivery, Feed, Gone};
use super::ending::classify;
use super::facts::{ending_facts, millis, opening_facts};
use super::lifecycle::{EndedBy, State};
use super::live::Live;
use super::liveness::Liveness;
use super::log::Log;
use super::metrics::Scraper;
use super::plan::{Handle, Order, Plan, SessionId};
use super::twins::Link;
use crate::frame::{Opening, Stamp};
use crate::protocol::End;
use crate::protocol::raccoon::metrics::Doings;
use crate::transport::{Broken, clock};

/// The least wait between dials, whatever the policy says: a flapping server must not be hammered.
const WAIT_MIN: Duration = Duration::from_millis(50);
/// How often a picture is made while there is traffic.
const PICTURE_EVERY: Duration = Duration::from_millis(100);
/// How long after the last traffic pictures are still made, so that rates fall to zero.
const SETTLE: Duration = Duration::from_millis(1_600);
/// Waiting for the consumer that long counts as a pause in reading.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Orders a session may be behind.
const ORDERS_MAX: usize = 1_024;
/// Free buffers waiting to be used again.
const BUFFERS_MAX: usize = 8;

/// Starts a session: it dials at once, and runs until cancelled.
#[must_use]
pub fn start(plan: Plan, id: SessionId, feed: Feed, cancel: CancellationToken) -> Handle {
    let (orders, inbox) = mpsc::channel(ORDERS_MAX);
    let (buffers, free) = mpsc::channel(BUFFERS_MAX);
    let (states, newest_state) = watch::channel(State::Idle);
    let now = clock::now();
    let (settings, schema) = (Arc::new(plan.settings.clone()), Arc::clone(&plan.schema));
    let (scraper, doings) = Scraper::new(&plan, &orders).unzip();
    let mut books = Books::new(id, plan, Log::new(free), states, now);
    books.doings = doings;
    let mut scraping = JoinSet::new();
    if let Some(scraper) = scraper {
        scraping.spawn(scraper.run());
    }
    let actor = Actor {
        books,
        inbox,
        cancel: cancel.clone(),
        feed,
        liveness: Liveness::default(),
        picture_at: now,
        busy_at: now,
        scraping,
    };
    let task = tokio::spawn(actor.run());
    Handle {
        id,
        orders,
        buffers,
        states: newest_state,
        settings,
        schema,
        cancel,
        task,
    }
}

/// What to do next.
enum Next {
    Dial,
    Wait(Duration),
    /// Do nothing until told.
    Rest,
    Stop,
}

struct Actor {
    books: Books,
    inbox: mpsc::Receiver<Order>,
    cancel: CancellationToken,
    feed: Feed,
    liveness: Liveness,
    /// When the last picture was made.
    picture_at: Stamp,
    /// When the last entry was handed over.
    busy_at: Stamp,
    /// Reads the server's metrics, if there are any; ends with the session.
    scraping: JoinSet<()>,
}

impl Actor {
    async fn run(mut self) {
        let mut next = Next::Dial;
        loop {
            let step = match next {
                Next::Dial => self.dial().await,
                Next::Wait(delay) => self.wait(delay).await,
                Next::Rest => self.rest().await,
                Next::Stop => break,
            };
            let Ok(step) = step else { return };
            next = step;
        }
        let now = clock::now();
        if !matches!(
            self.books.state,
            State::Closed | State::Idle | State::Failed
        ) {
            self.books.enter(State::Idle, "stopped", Map::new(), now);
        }
        self.scraping.shutdown().await;
        let _ = self.deliver(true).await;
    }

    async fn opened(&mut self, link: Link, mut opening: Opening) -> Result<Next, Gone> {
        let now = clock::now();
        self.books.connections += 1;
        opening.attempt = self.books.attempt;
        opening
            .offered
            .clone_from(&self.books.plan.dial.subprotocols);
        opening.reconnect = self.books.connections > 1;
        opening.since_cut = self.books.cut_at.map(|cut| now.since(cut));
        self.books.opening = Some(opening.clone());
        self.books.ending = None;
        if opening.status == 101 {
            self.books.did(Doings::connected);
        }
        self.books
            .enter(State::Open, "", opening_facts(&opening), now);
        let mut live = Live::new(&mut self.books, link, opening, now);
        let told = self.converse(&mut live).await;
        let ended = self.ended(&mut live);
        live.shutdown().await;
        drop(live);
        let told = told?;
        self.deliver(false).await?;
        let next = match told {
            Some(next) => next,
            None => self.after(ended),
        };
        if !matches!(next, Next::Stop)
            && let Some(heir) = &self.books.heir
        {
            // What the end did to it: subscriptions are owed, calls cut.
            self.books.broker = heir.broker(clock::now());
            self.books.changed = true;
        }
        Ok(next)
    }

    /// Runs the connection until it is over. Returns what to do next if that was told by somebody.
    async fn converse(&mut self, live: &mut Live) -> Result<Option<Next>, Gone> {
        let mut told = None;
        loop {
            let now = clock::now();
            if self.is_picture_due(now) {
                self.books.standing = live.talk.standing(now);
                self.books.broker = live.talk.broker(now);
            }
            self.deliver(false).await?;
            let after = clock::now();
            if after.since(now) >= PAUSE_MIN {
                live.paused(&mut self.books, after.since(now), after);
            }
            if live.talk.over {
                return Ok(told);
            }
            let mut wake = live.next_wake(&mut self.books);
            if after.since(self.busy_at) < SETTLE {
                let picture = (self.picture_at.after(PICTURE_EVERY)).mono;
                wake = Some(wake.map_or(picture, |other| other.min(picture)));
            }
            let Self {
                books,
                inbox,
                cancel,
                liveness,
                ..
            } = &mut *self;
            tokio::select! {
                biased;
                () = cancel.cancelled(), if !matches!(told, Some(Next::Stop)) => {
                    told = Some(Next::Stop);
                    live.close(books, 1000, "", clock::now());
                }
                order = inbox.recv(), if told.is_none() && live.has_room() => {
                    told = Self::obey(live, books, inbox, order);
                }
                checked = liveness.next() => {
                    live.checked(books, &checked);
                    books.checked(checked);
                }
                () = async {
                    match wake {
                        Some(wake) => sleep_until(wake.into()).await,
                        None => std::future::pending().await,
                    }
                } => live.elapse(books, clock::now()),
                result = poll_fn(|cx| live.pump(books, cx)) => {
                    if let Err(broken) = result {
                        live.broke(books, broken, clock::now());
                    }
                }
            }
        }
    }

    /// Carries out `order` and what waits behind it, as far as there is room.
    fn obey(
        live: &mut Live,
        books: &mut Books,
        inbox: &mut mpsc::Receiver<Order>,
        order: Option<Order>,
    ) -> Option<Next> {
        let now = clock::now();
        let mut order = order;
        let next = loop {
            match order {
                Some(Order::Send(command)) => live.command(books, command, now),
                Some(Order::SendAll(commands)) => {
                    for command in commands {
                        live.command(books, command, now);
                    }
                }
                Some(Order::Adopt(schema)) => books.adopt(schema),
                Some(Order::Scraped(picture)) => books.scraped(picture),
                Some(Order::Reconnect) => break Next::Dial,
                Some(Order::Disconnect) => break Next::Rest,
                None => break Next::Stop,
            }
            if !live.has_room() || books.log.is_full() {
                return None;
            }
            match inbox.try_recv() {
                Ok(more) => order = Some(more),
                Err(mpsc::error::TryRecvError::Empty) => return None,
                Err(mpsc::error::TryRecvError::Disconnected) => order = None,
            }
        };
        books.attempt = 0;
        live.close(books, 1000, "", now);
        Some(next)
    }

    fn ended(&mut self, live: &mut Live) -> Ended {
        let now = clock::now();
        let mut ending = classify(&live.talk.facts);
        let after = now.since(live.talk.opened_at);
        let end = End {
            after,
            code: ending.code,
            by_us: ending.by == EndedBy::Us,
            reset: ending.how == "reset",
            cut: matches!(live.talk.facts.broken, Some(Broken::Fin { cut: true })),
        };
        if let Some(known) = live.talk.explain(&end) {
            ending.explanation = known;
        }
        let upgraded = self.books.opening.as_ref().map(|opening| opening.status);
        if upgraded == Some(101) {
            let ordinary = matches!(ending.code, 1000 | 1001 | 1005) || ending.how == "fin";
            self.books.did(|doings| doings.ended(ordinary));
        }
        self.books.standing = live.talk.standing(now);
        self.books.broker = live.talk.broker(now);
        if live.talk.usable_since.is_some() {
            let cut = ending.code == 1006 && ending.by != EndedBy::Us;
            self.books.cut_at = cut.then_some(now);
        }
        live.talk.abandon(&mut self.books, now);
        self.books.heir = live.talk.bequeath(now);
        self.books.filters.end(self.books.log.next());
        self.books.health.disconnected();
        self.books.countdowns.clear();
        let mut facts = ending_facts(&ending);
        facts.insert("after_ms".to_owned(), json!(millis(after)));
        if let Some(why) = &live.talk.failed {
            facts.insert("error".to_owned(), why.clone().into());
        }
        if ending.by != EndedBy::Us {
            self.books.note(ending.explanation.clone());
        }
        self.books
            .enter(State::Closed, ending.explanation.clone(), facts, now);
        self.books.ending = Some(ending);
        let stable = live
            .talk
            .usable_since
            .is_some_and(|since| now.since(since) >= self.books.plan.reconnect.min_live);
        Ended {
            stable,
            retry_after: live.talk.retry_after,
        }
    }

    fn after(&mut self, ended: Ended) -> Next {
        if ended.stable {
            self.books.attempt = 0;
        }
        self.again(ended.retry_after.unwrap_or_default())
    }

    fn is_picture_due(&self, now: Stamp) -> bool {
        let settling = now.since(self.busy_at) < SETTLE || !self.books.log.is_empty();
        self.books.changed || (settling && now.since(self.picture_at) >= PICTURE_EVERY)
    }

    /// Hands over what there is, and a picture when one is due.
    async fn deliver(&mut self, last: bool) -> Result<(), Gone> {
        self.liveness.begin(&mut self.books);
        let now = clock::now();
        let stirred = std::mem::take(&mut self.books.stirred);
        let busy = !self.books.log.is_empty() || stirred;
        if busy {
            self.busy_at = now;
        }
        let due = self.is_picture_due(now);
        if !last && !due && !self.books.has_news() {
            return Ok(());
        }
        let full = self.books.log.is_full();
        let snapshot = (due || last).then(|| self.books.snapshot(now));
        if snapshot.is_some() {
            self.picture_at = now;
        }
        let delivery = Delivery {
            session: self.books.id,
            chunk: self.books.log.take(),
            snapshot,
            decoder: self.books.decoder.take(),
            notes: std::mem::take(&mut self.books.notes),
            rejections: std::mem::take(&mut self.books.rejections),
            retries: std::mem::take(&mut self.books.retries),
            last,
            permit: None,
        };
        self.feed.send(delivery).await?;
        if full {
            // On one thread the consumer would starve behind a flood.
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// What the end of a connection means for the next dial.
#[derive(Clone, Copy)]
struct Ended {
    /// It was live long enough for the count of attempts to start anew.
    stable: bool,
    retry_after: Option<Duration>,
}
