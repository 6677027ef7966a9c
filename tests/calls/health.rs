//! The health check beside the connection: told when it changes, shown all the time.

use std::time::Duration;

use wspect::transport::backoff::Policy;

use crate::harness::{Watched, nobody, plan};
use crate::rest::raccoon;

#[tokio::test]
async fn a_server_that_answers_is_in_every_picture_and_told_nowhere() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    plan.settings.raccoon.health = None;
    plan.settings.raccoon.health_every = Duration::from_millis(100);
    let mut session = Watched::start(plan);
    session
        .until("a result", |watched| {
            let snapshot = watched.snapshot.as_ref();
            snapshot.is_some_and(|snapshot| snapshot.health_check.is_some())
        })
        .await;
    let snapshot = session.snapshot.clone().expect("there is one");
    let check = snapshot.health_check.as_ref().expect("there is one");
    let url = server.url().replace("ws://", "http://");
    assert_eq!(check.url, url.replace("/api/v1/events", "/ping"));
    assert_eq!((check.status, check.failing_since), (Some(200), None));
    assert!(check.latency.is_some() && check.error.is_none());
    assert!(session.notes.iter().all(|note| !note.contains("health")));
    session.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_goes_is_told_once() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    plan.settings.raccoon.health = None;
    plan.settings.raccoon.health_every = Duration::from_millis(100);
    plan.reconnect = Policy {
        enabled: true,
        base: Duration::from_millis(50),
        max: Duration::from_millis(50),
        ..Policy::default()
    };
    let mut session = Watched::live(plan).await;
    server.stop().await;
    session
        .until("the failure", |watched| {
            let snapshot = watched.snapshot.as_ref();
            let check = snapshot.and_then(|snapshot| snapshot.health_check.as_ref());
            check.is_some_and(|check| check.failing_since.is_some())
        })
        .await;
    // Some more checks fail, and say nothing.
    session
        .until("more dials", |watched| {
            let states = watched.states();
            states.iter().filter(|state| *state == "dialing").count() > 6
        })
        .await;
    let told = session
        .notes
        .iter()
        .filter(|note| note.starts_with("health check failed"));
    assert_eq!(told.count(), 1);
    session.stop().await;
}

#[tokio::test]
async fn an_idle_rest_session_notices_by_it() {
    let server = raccoon().await;
    let mut plan = plan(&server.url().replace("ws://", "http://"));
    plan.settings.raccoon.health = None;
    plan.settings.raccoon.health_every = Duration::from_millis(100);
    let mut session = Watched::live(plan).await;
    server.stop().await;
    session.until_state("failed").await;
    assert_eq!(session.facts("closed")["how"], "unreachable");
    session.stop().await;
}

#[tokio::test]
async fn another_address_can_be_told() {
    let server = raccoon().await;
    let mut plan = plan(server.url());
    let url = format!("http://{}/alive", nobody().await);
    plan.settings.raccoon.health = Some(url.clone());
    let mut session = Watched::start(plan);
    session
        .until("the failure", |watched| {
            watched.notes.iter().any(|note| note.contains(&url))
        })
        .await;
    session.stop().await;
    server.stop().await;
}
