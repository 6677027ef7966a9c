//! Between connections: dialing, waiting, resting.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::sleep_until;

use super::super::delivery::Gone;
use super::super::facts::{millis, opening_facts};
use super::super::lifecycle::{EndedBy, Ending, State};
use super::super::plan::Order;
use super::{Actor, Next, WAIT_MIN};
use crate::protocol::raccoon::metrics::Doings;
use crate::transport::{DialError, clock};

impl Actor {
    pub(super) async fn dial(&mut self) -> Result<Next, Gone> {
        let now = clock::now();
        self.books.attempt += 1;
        self.books.retry_at = None;
        let (held, detail) = self.books.too_soon(now);
        let mut facts = Map::from_iter([
            ("attempt".to_owned(), Value::from(self.books.attempt)),
            (
                "url".to_owned(),
                self.books.plan.dial.shown_url.clone().into(),
            ),
        ]);
        if !held.is_zero() {
            facts.insert("held_back_ms".to_owned(), json!(millis(held)));
        }
        self.books.enter(State::Dialing, detail, facts, now);
        self.deliver(false).await?;
        let from = now.after(held);
        self.books.dialed_at = Some(from);
        let result = {
            let dialing = self.books.dial();
            let mut dialing = std::pin::pin!(async {
                if !held.is_zero() {
                    sleep_until(from.mono.into()).await;
                }
                dialing.await
            });
            loop {
                tokio::select! {
                    biased;
                    () = self.cancel.cancelled() => return Ok(Next::Stop),
                    order = self.inbox.recv() => match order {
                        Some(Order::Reconnect) => {}
                        Some(Order::Disconnect) => return Ok(self.stop_trying()),
                        Some(other) => {
                            self.books.obey_offline(other);
                            self.deliver(false).await?;
                        }
                        None => return Ok(Next::Stop),
                    },
                    checked = self.liveness.next() => {
                        self.books.checked(checked);
                        self.deliver(false).await?;
                    }
                    result = &mut dialing => break result,
                }
            }
        };
        match result {
            Ok((link, opening)) => self.opened(link, opening).await,
            Err(error) => Ok(self.dial_failed(&error)),
        }
    }

    fn stop_trying(&mut self) -> Next {
        self.books.retry_at = None;
        self.books.attempt = 0;
        self.books.enter(
            State::Idle,
            "disconnected on request",
            Map::new(),
            clock::now(),
        );
        Next::Rest
    }

    fn dial_failed(&mut self, error: &DialError) -> Next {
        let now = clock::now();
        let mut facts = Map::new();
        let mut sentence = error.to_string();
        if let DialError::Http(opening) = error {
            self.books.did(Doings::upgrade_refused);
            facts = opening_facts(opening);
            if let Some(why) = self.books.explain_refused_upgrade(opening) {
                sentence = format!("{sentence}. {why}");
            }
            self.books.opening = Some((**opening).clone());
        }
        let gone = self.books.system.and_then(|system| system.row().gone);
        if let (DialError::RefusedPort { .. }, Some(_), Some(gone)) =
            (error, self.books.cut_at, gone)
        {
            sentence.push(' ');
            sentence.push_str(gone);
        }
        facts.insert("attempt".to_owned(), self.books.attempt.into());
        facts.insert("how".to_owned(), error.kind().into());
        facts.insert("error".to_owned(), sentence.clone().into());
        self.books.note(sentence.clone());
        self.books.ending = Some(Ending {
            by: EndedBy::Network,
            how: error.kind(),
            code: 1006,
            reason: Vec::new(),
            close_frame_seen: false,
            clean: false,
            explanation: sentence.clone(),
        });
        self.books
            .enter(State::Closed, sentence.clone(), facts, now);
        if error.is_final() {
            return self.give_up(sentence);
        }
        self.again(Duration::ZERO)
    }

    /// Decides whether and when to dial again.
    pub(super) fn again(&mut self, at_least: Duration) -> Next {
        let policy = &self.books.plan.reconnect;
        match policy.delay(self.books.attempt.max(1), rand::random()) {
            Some(delay) => Next::Wait(delay.max(at_least).max(WAIT_MIN)),
            None if policy.enabled => {
                let tried = self.books.attempt;
                self.give_up(format!("given up after {tried} attempts"))
            }
            None => {
                let detail = self.books.detail.clone();
                self.give_up(detail)
            }
        }
    }

    fn give_up(&mut self, detail: String) -> Next {
        self.books
            .enter(State::Failed, detail, Map::new(), clock::now());
        Next::Rest
    }

    pub(super) async fn wait(&mut self, delay: Duration) -> Result<Next, Gone> {
        let now = clock::now();
        let until = now.after(delay);
        self.books.retry_at = Some(until);
        let facts = Map::from_iter([
            ("next_delay_ms".to_owned(), json!(millis(delay))),
            ("attempt".to_owned(), (self.books.attempt + 1).into()),
        ]);
        let detail = self.books.detail.clone();
        self.books.enter(State::Waiting, detail, facts, now);
        loop {
            self.deliver(false).await?;
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Ok(Next::Stop),
                order = self.inbox.recv() => match order {
                    Some(Order::Reconnect) => return Ok(Next::Dial),
                    Some(Order::Disconnect) => return Ok(self.stop_trying()),
                    Some(other) => self.books.obey_offline(other),
                    None => return Ok(Next::Stop),
                },
                checked = self.liveness.next() => {
                    self.books.checked(checked);
                }
                () = sleep_until(until.mono.into()) => return Ok(Next::Dial),
            }
        }
    }

    pub(super) async fn rest(&mut self) -> Result<Next, Gone> {
        loop {
            self.deliver(false).await?;
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Ok(Next::Stop),
                order = self.inbox.recv() => match order {
                    Some(Order::Reconnect) => {
                        self.books.attempt = 0;
                        return Ok(Next::Dial);
                    }
                    Some(Order::Disconnect) => {}
                    Some(other) => self.books.obey_offline(other),
                    None => return Ok(Next::Stop),
                },
                checked = self.liveness.next() => {
                    self.books.checked(checked);
                }
            }
        }
    }
}
