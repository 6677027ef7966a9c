//! Who a WebSocketMQ connection says it is: its `client_id` is judged before anything is dialed,
//! and no two sessions of one wspect share one unnoticed.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::cli::exit;
use crate::protocol::System;
use crate::protocol::websocketmq::{authority, client_id, is_usual_path, shared, too_short};
use crate::session::{Plan, State};

/// Refuses a `client_id` the broker would go dead over, where the system is known; where it is
/// only likely, a warning is returned.
pub(super) fn check(plan: &Plan) -> anyhow::Result<Option<String>> {
    let url = &plan.dial.url;
    let known = match plan.system {
        Some(system) => system == System::WebSocketMq,
        None => is_usual_path(url),
    };
    let problem = too_short(url, &plan.settings.websocketmq);
    match (problem, plan.system) {
        (Some(problem), _) if known => {
            let name = &plan.name;
            Err(exit::usage(format!("{name} was not dialed: {problem}")))
        }
        (problem, None) => Ok(problem.map(|problem| format!("{}: {problem}", plan.name))),
        (_, Some(_)) => Ok(None),
    }
}

/// The ids in use by the sessions of one wspect.
#[derive(Debug, Default)]
pub struct Ids {
    held: Mutex<Vec<Held>>,
}

#[derive(Debug)]
struct Held {
    authority: String,
    id: String,
    session: String,
    /// Closed once the session has ended.
    states: watch::Receiver<State>,
}

impl Ids {
    /// A session is being started; a warning if another one that has not ended has the same
    /// `client_id` at the same host.
    pub fn take(&self, plan: &Plan, states: watch::Receiver<State>) -> Option<String> {
        if plan
            .system
            .is_some_and(|system| system != System::WebSocketMq)
        {
            return None;
        }
        let id = client_id(&plan.dial.url)?;
        let authority = authority(&plan.dial.url);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|one| one.states.has_changed().is_ok());
        let other = held
            .iter()
            .find(|one| one.id == id && one.authority == authority);
        let warning = other.map(|other| shared(&id, &other.session));
        held.push(Held {
            authority,
            id,
            session: plan.name.clone(),
            states,
        });
        warning
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Globals;
    use crate::cli::connect_flags::ConnectFlags;
    use crate::cli::target;

    async fn planned(url: &str, system: Option<&str>) -> anyhow::Result<target::Target> {
        let flags = ConnectFlags {
            system: system.map(str::to_owned),
            ..ConnectFlags::default()
        };
        let globals = Globals::default();
        target::resolve(url, &flags, &globals).await
    }

    #[tokio::test]
    async fn a_short_id_is_refused_where_the_system_is_known() {
        for (url, system) in [
            ("ws://127.0.0.1:1/wsmq?client_id=abc", None),
            ("ws://127.0.0.1:1/x?client_id=abc", Some("websocketmq")),
        ] {
            let error = planned(url, system).await.unwrap_err();
            assert_eq!(exit::code(&error), exit::USAGE);
            let text = error.to_string();
            assert!(text.contains("was not dialed"), "{text}");
            assert!(text.contains("3 bytes"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_short_id_is_a_warning_where_it_may_be_another_system() {
        let target = planned("ws://127.0.0.1:1/x?client_id=abc", None)
            .await
            .unwrap();
        assert!(target.warnings[0].contains("3 bytes"));
        let target = planned("ws://127.0.0.1:1/x?client_id=abc", Some("generic"))
            .await
            .unwrap();
        assert!(target.warnings.is_empty());
    }

    #[tokio::test]
    async fn an_id_is_warned_of_while_another_session_has_it() {
        let plan = |url: &'static str| async move { planned(url, None).await.unwrap().plan };
        let first = plan("ws://h:1/wsmq?client_id=abcdefgh").await;
        let other_host = plan("ws://h:2/wsmq?client_id=abcdefgh").await;
        let ids = Ids::default();
        let (ends, states) = watch::channel(State::Live);
        let (_lives, more) = watch::channel(State::Live);
        assert_eq!(ids.take(&first, states), None);
        assert_eq!(ids.take(&other_host, more.clone()), None);
        let text = ids.take(&first, more.clone()).unwrap();
        assert!(text.contains("in use by h:1"), "{text}");
        drop(ends);
        let ids = Ids::default();
        let (ended, states) = watch::channel(State::Live);
        ids.take(&first, states);
        drop(ended);
        assert_eq!(ids.take(&first, more), None, "the first has ended");
    }
}
