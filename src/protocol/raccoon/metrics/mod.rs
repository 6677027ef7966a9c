//! The server's own metrics beside what the client sees.
//!
//! ```text
//!  page ──text──► Page ──history──► Series over time ─┐
//!                                                     ├─► Row: what we did, what the counter moved by
//!  frames, openings, endings ──doings──► Doings ──────┘      advice: what the two together mean
//! ```
//!
//! Counters are the whole server's: that they moved by more than what was done here is normal, by
//! less is remarkable. Gauges are refreshed every ten seconds.

mod advice;
mod doings;
mod history;
mod line;
mod text;

use std::sync::Arc;
use std::time::Duration;

use crate::frame::Stamp;

pub use advice::advice;
pub use doings::{Doings, Finding, Labels, Row, rows, should_move};
pub use history::{Buckets, Group, History, SCRAPES_MAX, SERIES_MAX, Series};
pub use text::{Kind, Page, SAMPLES_MAX, Sample};

/// The picture of a server's metrics after a scrape, or an attempt at one. Made by the session's
/// scraper, shared as it is.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The address, secrets masked.
    pub url: String,
    /// Time between scrapes.
    pub every: Duration,
    /// When this attempt ended.
    pub at: Stamp,
    /// Attempts, this one included.
    pub attempts: u64,
    /// How many of them failed.
    pub failures: u64,
    /// Why this one failed.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// When the newest page was read.
    pub read_at: Option<Stamp>,
    /// All pages so far.
    pub history: Arc<History>,
    /// What was done beside what moved.
    pub rows: Vec<Row>,
    /// What that means, in sentences.
    pub advice: Vec<String>,
}
