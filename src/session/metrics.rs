//! The scraper: reads the server's own metrics beside the connection, connected or not.
//!
//! ```text
//!  session ── what was done (watch) ──► scraper ── GET every so often ──► server
//!     ▲                                   │
//!     └────────── Order::Scraped ◄────────┘
//! ```
//!
//! A task of its own, so that a page that is slow to come never holds up the connection. It ends
//! with the session.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::plan::{Order, Plan};
use crate::frame::Stamp;
use crate::profile::secret;
use crate::protocol::raccoon::metrics::{Doings, History, Page, Picture, advice, rows};
use crate::sanitise;
use crate::transport::{Answer, Dial, Rest, clock};

/// Largest page read.
const PAGE_MAX: usize = 16 << 20;
/// How long a page may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Shorter times between two pages would be a load of their own.
const EVERY_MIN: Duration = Duration::from_millis(100);

/// Reads the server's metrics until the session ends or nobody listens.
pub(super) struct Scraper {
    dial: Dial,
    every: Duration,
    doings: watch::Receiver<Doings>,
    orders: mpsc::WeakSender<Order>,
    history: Arc<History>,
    /// What had been done by the first page.
    before: Option<Doings>,
    attempts: u64,
    failures: u64,
    read_at: Option<Stamp>,
}

impl Scraper {
    /// A scraper of the plan's metrics, if it names any, and where it is told what is done.
    pub(super) fn new(
        plan: &Plan,
        orders: &mpsc::Sender<Order>,
    ) -> Option<(Self, watch::Sender<Doings>)> {
        let settings = &plan.settings.raccoon;
        let url = settings.metrics_url.clone()?;
        let (tell, doings) = watch::channel(Doings::default());
        let dial = Dial {
            shown_url: secret::mask_url(&url),
            url,
            // The session's headers are for its server's clients; a metrics port is another place.
            tls: plan.dial.tls.clone(),
            connect_timeout: plan.dial.connect_timeout,
            message_limit: PAGE_MAX,
            ..Dial::default()
        };
        let scraper = Self {
            dial,
            every: settings.metrics_every.max(EVERY_MIN),
            doings,
            orders: orders.downgrade(),
            history: Arc::default(),
            before: None,
            attempts: 0,
            failures: 0,
            read_at: None,
        };
        Some((scraper, tell))
    }

    /// Runs until the session is gone.
    pub(super) async fn run(mut self) {
        let client = Rest::new(&self.dial).map_err(|error| error.to_string());
        loop {
            let started = clock::now();
            // What the page cannot know yet must not be missed in it.
            let done = self.doings.borrow().clone();
            let answer = match &client {
                Ok(client) => client.get(LIMIT).await.map_err(|error| error.to_string()),
                Err(why) => Err(why.clone()),
            };
            let now = clock::now();
            let page = answer.and_then(|answer| read(&answer));
            let picture = self.picture(page, &done, started, now);
            let Some(orders) = self.orders.upgrade() else {
                return;
            };
            if orders
                .send(Order::Scraped(Arc::new(picture)))
                .await
                .is_err()
            {
                return;
            }
            drop(orders);
            sleep(self.every).await;
        }
    }

    fn picture(
        &mut self,
        page: Result<Page, String>,
        done: &Doings,
        started: Stamp,
        now: Stamp,
    ) -> Picture {
        self.attempts += 1;
        let error = match page {
            Ok(page) => {
                Arc::make_mut(&mut self.history).take(&page, now);
                self.read_at = Some(now);
                // Taken after the page, so that nothing in it is expected to move again.
                let doings = &self.doings;
                self.before.get_or_insert_with(|| doings.borrow().clone());
                None
            }
            Err(why) => {
                self.failures += 1;
                Some(why)
            }
        };
        let before = self.before.as_ref().unwrap_or(done);
        Picture {
            url: self.dial.shown_url.clone(),
            every: self.every,
            at: now,
            attempts: self.attempts,
            failures: self.failures,
            error,
            took: now.since(started),
            read_at: self.read_at,
            history: Arc::clone(&self.history),
            rows: rows(&self.history, before, done),
            advice: advice(&self.history),
        }
    }
}

/// The page in an answer, or what is wrong with it.
fn read(answer: &Answer) -> Result<Page, String> {
    if answer.status != 200 {
        return Err(format!(
            "{}; Raccoon has its metrics at /metrics of port 9090, once METRIC_PROMETHEUS_ENABLED=true",
            answer.start_line
        ));
    }
    let page = Page::read(&answer.body);
    if page.is_foreign() {
        let beginning = &answer.body[..answer.body.len().min(40)];
        return Err(format!(
            "not Prometheus's text format; it begins with {:?}. Give the address of the metrics, \
             such as http://127.0.0.1:9090/metrics",
            sanitise::bytes_line(beginning)
        ));
    }
    Ok(page)
}
