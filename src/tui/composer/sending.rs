//! What is being sent, and what became of it.
//!
//! ```text
//!  recipes ─make─► held ─fits the queue─► handed ─seen going out─► open ─reply, loss─► counted
//!           due     └─ full: waits          └─ rejected: counted     └─ many: nothing is made
//! ```
//!
//! Commands are made in portions as they come due, never ahead: a plan of millions takes no
//! memory, and the screen stays quick.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use crate::compose::{ComposeError, Context, Recipe};
use crate::entry::{Badge, Chunk, Entry, EntryKind, Outcome};
use crate::frame::{Direction, Seq, Stamp};
use crate::protocol::Command;
use crate::protocol::websocketmq::Pacing;

use super::plan::Plan;

/// Most commands made in one portion.
const PORTION: usize = 512;
/// Most commands under way with a rate; as fast as replies allow: [`WINDOW`].
const OPEN_MAX: usize = 50_000;
/// Most commands under way without a rate.
const WINDOW: usize = 1_000;
/// Most handed commands a frame is compared with: what a protocol sends by itself is none.
const LOOK_BACK: usize = 64;

/// What became of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Went out.
    pub sent: u64,
    /// Were answered well, late ones too.
    pub acked: u64,
    /// Were answered with an error.
    pub failed: u64,
    /// Were not answered in time.
    pub lost: u64,
    /// Were not taken by the session.
    pub rejected: u64,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What it says, as the timeline calls it. Not sanitised.
    pub label: String,
    /// What became of the ask; `None` if the ask was given up.
    pub outcome: Option<Outcome>,
    /// Time since the ask.
    pub latency: Option<Duration>,
    /// What is to be said of it. Not sanitised.
    pub note: Option<String>,
    /// Where it stands in the log.
    pub seq: Seq,
}

/// Something being sent, once or many times. Made when it is told to be sent, kept until the next
/// one.
#[derive(Clone, Debug)]
pub struct Sending {
    plan: Plan,
    recipes: Vec<Recipe>,
    context: Context<'static>,
    started: Stamp,
    /// When nothing more was to be made, or it was stopped.
    ended: Option<Stamp>,
    /// Commands made.
    made: u64,
    held: VecDeque<Command>,
    /// Each with what [`Pacing::hand`] said of it.
    handed: VecDeque<(Command, bool)>,
    pacing: Pacing,
    open: HashSet<Seq>,
    counts: Counts,
    /// First and last command seen going out.
    span: Option<(Stamp, Stamp)>,
    /// Sum of the latencies, and the longest.
    latency: (Duration, Duration),
    reply: Option<Reply>,
    /// Why it ended early.
    stopped: Option<String>,
}

impl Sending {
    /// Sends the documents by the plan, from `now` on.
    #[must_use]
    pub fn new(plan: Plan, recipes: Vec<Recipe>, context: Context<'static>, now: Stamp) -> Self {
        Self {
            plan,
            recipes,
            context,
            started: now,
            ended: None,
            made: 0,
            held: VecDeque::new(),
            handed: VecDeque::new(),
            pacing: Pacing::none(),
            open: HashSet::new(),
            counts: Counts::default(),
            span: None,
            latency: (Duration::ZERO, Duration::ZERO),
            reply: None,
            stopped: None,
        }
    }

    /// The same by another plan.
    #[must_use]
    pub fn by(self, plan: Plan) -> Self {
        Self { plan, ..self }
    }

    /// The same with no more outstanding than that allows.
    #[must_use]
    pub fn paced(self, pacing: Pacing) -> Self {
        Self { pacing, ..self }
    }

    /// The same, beginning at `now`.
    #[must_use]
    pub fn from(self, now: Stamp) -> Self {
        Self {
            started: now,
            ..self
        }
    }

    /// Replies and own publishes outstanding, while something waits for them.
    #[must_use]
    pub fn waits_for(&self) -> Option<usize> {
        let open = self.open.len();
        (self.is_running() && !self.pacing.has_room(open)).then(|| self.pacing.outstanding(open))
    }

    /// What is sent, in turn.
    #[must_use]
    pub fn recipes(&self) -> &[Recipe] {
        &self.recipes
    }

    /// How often, how fast.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What became of the commands so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The newest reply.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        self.reply.as_ref()
    }

    /// Why it ended early.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Stamp {
        self.started
    }

    /// True while there is more to be made or handed over.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// True while something is still to happen to what was made.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.is_running() || !self.handed.is_empty() || !self.open.is_empty()
    }

    /// Commands on the wire that wait for their reply.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Commands the session was told and that were not seen going out.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.held.len() + self.handed.len()
    }

    /// True if there is more than one command to it.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.total() != Some(1)
    }

    /// Number of commands, as far as the plan says.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let each = self.recipes.len() as u64;
        self.plan.total().map(|times| times.saturating_mul(each))
    }

    /// Commands made so far; for `${counter}` to go on from.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made
    }

    /// How much of it is done, 0 to 1.
    #[must_use]
    pub fn progress(&self, now: Stamp) -> f64 {
        let since = self.ended.unwrap_or(now).since(self.started).as_secs_f64();
        let by_time = self.plan.span.map(|span| since / span.as_secs_f64());
        let by_count = self.total().map(|total| {
            let gone = self.counts.sent + self.counts.rejected;
            gone as f64 / total.max(1) as f64
        });
        let done = match (by_time, by_count) {
            // Whichever comes first ends it.
            (Some(one), Some(other)) => one.max(other),
            (one, other) => one.or(other).unwrap_or(0.0),
        };
        done.clamp(0.0, 1.0)
    }

    /// Commands per second that were seen going out.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let (first, last) = self.span?;
        let span = last.since(first);
        (self.counts.sent > 1 && !span.is_zero())
            .then(|| (self.counts.sent - 1) as f64 / span.as_secs_f64())
    }

    /// Time until all is made, as it goes.
    #[must_use]
    pub fn left(&self, now: Stamp) -> Option<Duration> {
        if !self.is_running() {
            return None;
        }
        let since = now.since(self.started);
        let by_time = self.plan.span.map(|span| span.saturating_sub(since));
        let rate = self
            .rate()
            .or(self.plan.rate.map(|rate| rate * self.recipes.len() as f64));
        let by_count = self.total().zip(rate).map(|(total, rate)| {
            let rest = total.saturating_sub(self.counts.sent);
            Duration::try_from_secs_f64(rest as f64 / rate).unwrap_or(Duration::MAX)
        });
        match (by_time, by_count) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Mean and longest time to a reply.
    #[must_use]
    pub fn latency(&self) -> Option<(Duration, Duration)> {
        let replies = u32::try_from(self.counts.acked + self.counts.failed).ok()?;
        let (sum, max) = self.latency;
        (replies > 0).then(|| (sum / replies, max))
    }

    /// Makes what is due; to be handed to the session, and what it does not take given back.
    pub fn portion(
        &mut self,
        now: Stamp,
        env: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Vec<Command> {
        let mut portion: Vec<_> = self.held.drain(..).collect();
        for command in &portion {
            self.hand(command);
        }
        if !self.is_running() {
            return portion;
        }
        let since = now.since(self.started);
        let each = self.recipes.len().max(1) as u64;
        let due = self.plan.due(since).saturating_mul(each);
        let most = match self.plan.rate {
            Some(_) => OPEN_MAX,
            None => WINDOW,
        };
        let mut context = self.context.with_env(env);
        context.now_us = now.wall_us;
        self.pacing.expire(now);
        while self.made < due
            && !self.plan.is_over(since)
            && portion.len() < PORTION
            && self.handed.len() + self.open.len() < most
            && self.pacing.has_room(self.open.len())
        {
            let made = match self.recipes.get((self.made % each) as usize) {
                Some(recipe) => recipe.make(&mut context),
                None => break,
            };
            self.made += 1;
            match made {
                Ok(command) => {
                    self.hand(&command);
                    portion.push(command);
                }
                Err(error) => {
                    self.fail(&error, now);
                    break;
                }
            }
        }
        self.context = context.without_env();
        let all_made = self.total().is_some_and(|total| self.made >= total);
        if all_made || self.plan.is_over(since) {
            self.ended.get_or_insert(now);
        }
        portion
    }

    /// A command is on its way to the session. Nothing more is seen of what puts no message on the
    /// wire.
    fn hand(&mut self, command: &Command) {
        if self.pacing.goes_out(command) {
            let returns = self.pacing.hand(command);
            self.handed.push_back((command.clone(), returns));
        } else {
            self.counts.sent += 1;
        }
    }

    fn fail(&mut self, error: &ComposeError, now: Stamp) {
        self.stop(format!("a template gave what does not fit: {error}"), now);
    }

    /// The session's queue was full: these are handed over again later.
    pub fn give_back(&mut self, commands: Vec<Command>) {
        for command in &commands {
            if !self.pacing.goes_out(command) {
                self.counts.sent = self.counts.sent.saturating_sub(1);
            } else if let Some((_, returns)) = self.handed.pop_back() {
                self.pacing.went_out(returns, None);
            }
        }
        self.held.extend(commands);
        if !self.held.is_empty() && self.stopped.is_none() {
            self.ended = None;
        }
    }

    /// Makes nothing more; what is on its way is still followed.
    pub fn stop(&mut self, why: String, now: Stamp) {
        self.held.clear();
        self.ended.get_or_insert(now);
        self.stopped.get_or_insert(why);
    }

    /// The session did not carry out a command.
    pub fn rejected(&mut self) {
        if let Some((_, returns)) = self.handed.pop_front() {
            self.pacing.went_out(returns, None);
            self.counts.rejected += 1;
        }
    }

    /// Nothing will become of what is under way: the session has ended.
    pub fn abandon(&mut self, now: Stamp) {
        if self.is_under_way() {
            self.stop("the session has ended".to_owned(), now);
            self.counts.lost += (self.open.len() + self.handed.len()) as u64;
            self.open.clear();
            self.handed.clear();
            self.pacing = Pacing::none();
        }
    }

    /// Looks for what was sent, and for what came of it.
    pub fn follow(&mut self, chunk: &Chunk) {
        if self.handed.is_empty() && self.open.is_empty() && self.pacing.outstanding(0) == 0 {
            return;
        }
        for entry in chunk.iter() {
            match (entry.kind, entry.direction) {
                (EntryKind::Frame(_), Direction::Out) => self.went_out(&entry),
                (EntryKind::Frame(_), Direction::In) | (EntryKind::Lost, _) => {
                    if entry.badge == Badge::Publish {
                        self.pacing.came(entry.payload);
                    }
                    self.came_in(&entry);
                }
                (EntryKind::Lifecycle, _) => {}
            }
        }
    }

    fn went_out(&mut self, entry: &Entry<'_>) {
        let mut near = self.handed.iter().take(LOOK_BACK);
        let Some(at) = near.position(|(command, _)| command.is_carried_by(entry)) else {
            return;
        };
        if let Some((_, returns)) = self.handed.remove(at) {
            self.pacing
                .went_out(returns, Some((entry.payload, entry.at)));
        }
        self.counts.sent += 1;
        let (_, last) = self.span.get_or_insert((entry.at, entry.at));
        *last = entry.at;
        if entry.asks {
            self.open.insert(entry.seq);
        }
    }

    fn came_in(&mut self, entry: &Entry<'_>) {
        if !entry.pair.is_some_and(|ask| self.open.remove(&ask)) {
            return;
        }
        match entry.outcome {
            Some(Outcome::Error) => self.counts.failed += 1,
            Some(_) => self.counts.acked += 1,
            None => self.counts.lost += 1,
        }
        if let Some(latency) = entry.latency {
            let (sum, max) = &mut self.latency;
            *sum += latency;
            *max = (*max).max(latency);
        }
        self.reply = Some(Reply {
            label: entry.title().into_owned(),
            outcome: entry.outcome,
            latency: entry.latency,
            note: entry.note.or(entry.error).map(str::to_owned),
            seq: entry.seq,
        });
    }
}

#[cfg(test)]
mod tests;
