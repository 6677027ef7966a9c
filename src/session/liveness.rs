//! The health check beside the connection: `GET /ping`, over a connection of its own.
//!
//! A server that answers it and refuses the WebSocket is alive and full; one that answers neither
//! is down. Only a change is told; the newest result is in every picture of the session.

use std::future::pending;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::books::Books;
use super::snapshot::HealthCheck;
use crate::frame::Stamp;
use crate::transport::{Answer, CallError, Rest, clock};

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(5);
/// Shortest time between two checks.
const EVERY_MIN: Duration = Duration::from_millis(100);

/// The health check of one session, once it is known that its system has one; it ends when dropped.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    running: Option<(mpsc::Receiver<Checked>, JoinHandle<()>)>,
    is_settled: bool,
}

/// What one check came to.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) check: HealthCheck,
    /// What has changed, if anything has.
    pub(super) note: Option<String>,
    /// True if no connection came about.
    pub(super) is_unreachable: bool,
}

impl Drop for Liveness {
    fn drop(&mut self) {
        if let Some((_, task)) = &self.running {
            task.abort();
        }
    }
}

impl Liveness {
    /// Begins as soon as the system is known: checks at once, and then again and again.
    pub(super) fn begin(&mut self, books: &mut Books) {
        if self.is_settled || books.system.is_none() {
            return;
        }
        self.is_settled = true;
        let Some((dial, every)) = books.ping() else {
            return;
        };
        match Rest::new(&dial) {
            Ok(client) => self.running = Some(run(client, dial.shown_url, every)),
            Err(error) => books.note(format!("no health check: {error}")),
        }
    }

    /// The next result; never without a check.
    pub(super) async fn next(&mut self) -> Checked {
        let Some((results, _)) = &mut self.running else {
            return pending().await;
        };
        match results.recv().await {
            Some(checked) => checked,
            None => pending().await,
        }
    }
}

fn run(client: Rest, url: String, every: Duration) -> (mpsc::Receiver<Checked>, JoinHandle<()>) {
    let (sender, results) = mpsc::channel(4);
    let mut course = Course::new(url);
    let every = every.max(EVERY_MIN);
    let task = tokio::spawn(async move {
        loop {
            let started = clock::now();
            let result = client.get(LIMIT).await;
            let checked = course.take(&result, started, clock::now());
            if sender.send(checked).await.is_err() {
                return;
            }
            sleep(every).await;
        }
    });
    (results, task)
}

/// The results so far. Pure.
#[derive(Debug)]
struct Course {
    url: String,
    failing_since: Option<Stamp>,
    /// Status of the newest answer; 0 before the first.
    status: u16,
}

impl Course {
    fn new(url: String) -> Self {
        Self {
            url,
            failing_since: None,
            status: 0,
        }
    }

    fn take(&mut self, result: &Result<Answer, CallError>, started: Stamp, now: Stamp) -> Checked {
        let (status, error) = match result {
            Ok(answer) if answer.status < 500 => (Some(answer.status), None),
            Ok(answer) => {
                let status = answer.status;
                (
                    Some(status),
                    Some(format!("GET {}: HTTP {status}", self.url)),
                )
            }
            Err(error) => (None, Some(error.to_string())),
        };
        let before = self.failing_since;
        let note = match (&error, before) {
            (Some(error), None) => Some(format!("health check failed: {error}")),
            (None, Some(since)) => Some(format!(
                "health check: GET {} answers again, after {:.1} s",
                self.url,
                now.since(since).as_secs_f64()
            )),
            (None, None) => self.oddity(status.unwrap_or(0)),
            (Some(_), Some(_)) => None,
        };
        self.failing_since = error.as_ref().map(|_| before.unwrap_or(started));
        self.status = status.unwrap_or(self.status);
        Checked {
            check: HealthCheck {
                url: self.url.clone(),
                status,
                latency: result.as_ref().ok().map(|answer| answer.at.since(started)),
                at: now,
                failing_since: self.failing_since,
                error,
            },
            note,
            is_unreachable: result.as_ref().is_err_and(CallError::is_unreachable),
        }
    }

    /// An answer that is no failure and no sign of life either, told once.
    fn oddity(&self, status: u16) -> Option<String> {
        (status != 200 && status != self.status).then(|| {
            format!(
                "health check: GET {} is answered with HTTP {status}, where Raccoon says 200 pong; \
                 set `health` under [raccoon] to the address that does, or to \"\" for no check",
                self.url
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{DialError, Fault};

    fn answer(status: u16, at: Stamp) -> Answer {
        Answer {
            start_line: format!("HTTP/1.1 {status}"),
            status,
            headers: Vec::new(),
            body: "pong".into(),
            at,
            peer: String::new(),
            tls: None,
        }
    }

    fn refused() -> CallError {
        CallError {
            call: "GET http://h/ping".to_owned(),
            fault: Fault::Dial(DialError::RefusedPort {
                addr: "h:1".to_owned(),
            }),
        }
    }

    #[test]
    fn only_changes_are_told() {
        let mut course = Course::new("http://h/ping".to_owned());
        let start = clock::now();
        let at = |seconds| start.after(Duration::from_secs(seconds));
        let mut told = Vec::new();
        for (second, result) in [
            (0, Ok(answer(200, at(0)))),
            (10, Ok(answer(200, at(10)))),
            (20, Err(refused())),
            (30, Err(refused())),
            (40, Ok(answer(503, at(40)))),
            (50, Ok(answer(200, at(50)))),
            (60, Ok(answer(404, at(60)))),
            (70, Ok(answer(404, at(70)))),
        ] {
            let checked = course.take(&result, at(second), at(second));
            let is_up = checked.check.failing_since.is_none();
            assert_eq!(is_up, !(20..50).contains(&second), "{second}");
            told.extend(checked.note.map(|note| (second, note)));
        }
        let seconds: Vec<u64> = told.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [20, 50, 60]);
        assert!(
            told[0].1.contains("refused the connection"),
            "{}",
            told[0].1
        );
        assert!(told[1].1.contains("after 30.0 s"), "{}", told[1].1);
        assert!(told[2].1.contains("404"), "{}", told[2].1);
    }
}
