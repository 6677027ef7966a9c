//! Starts the shadow of a session: the same target without filters.

use std::sync::Arc;

use super::{Performer, Session};
use crate::protocol::System;
use crate::protocol::savetowebsocket::{Filters, Introduction};
use crate::session::{self, Plan, SessionId};
use crate::tui::launch::Launched;

/// What is kept of how a session was started, to start the like.
pub(super) struct Origin {
    plan: Plan,
    secrets: crate::profile::Secrets,
}

impl Origin {
    /// What `launched` was started with.
    pub(super) fn of(launched: &Launched) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            plan: launched.plan.clone()?,
            secrets: launched.secrets.clone(),
        }))
    }

    /// The plan of the shadow: everything the same but for the filters. It does not dial again by
    /// itself, and sends nothing but its register.
    fn shadow(&self) -> Plan {
        let mut plan = self.plan.clone();
        plan.name = format!("{} shadow", plan.name);
        plan.system = Some(System::SaveToWebSocket);
        plan.settings.savetowebsocket.filters = Filters::default();
        plan.settings.savetowebsocket.register = Introduction::default();
        plan.reconnect.enabled = false;
        plan.traffic = None;
        plan
    }
}

impl Performer {
    /// Starts `session` as the shadow of `of`, which ends with it at the latest;
    /// [`Self::started`] tells how it went.
    pub(in crate::tui) fn shadow(&mut self, session: SessionId, of: SessionId) {
        let seat = self.seats.get(&of);
        let running = seat.and_then(|seat| {
            let origin = Arc::clone(seat.origin.as_ref()?);
            Some((origin, seat.cancel.child_token()))
        });
        let Some((origin, cancel)) = running else {
            let why = "the session it is to shadow does not run".to_owned();
            self.starts.spawn(async move { (session, Err(why)) });
            return;
        };
        self.seats
            .insert(session, Session::starting(cancel.clone()));
        let feed = self.feed.clone();
        self.starts.spawn(async move {
            let launched = Launched {
                handle: session::start(origin.shadow(), session, feed, cancel),
                plan: None,
                secrets: origin.secrets.clone(),
                warnings: Vec::new(),
            };
            (session, Ok(launched))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::profile::Secrets;
    use crate::protocol::Settings;
    use crate::transport::Dial;
    use crate::transport::backoff::Policy;

    #[test]
    fn a_shadow_asks_the_same_server_for_everything_and_dials_once() {
        let mut settings = Settings::default();
        settings.savetowebsocket.filters.types = vec!["payment".to_owned()];
        let url = "ws://127.0.0.1:8080/ws".to_owned();
        let plan = Plan {
            name: "stellar".to_owned(),
            dial: Dial {
                url: url.clone(),
                shown_url: url.clone(),
                headers: vec![("X-Key".to_owned(), "k".to_owned())],
                subprotocols: Vec::new(),
                tls: crate::transport::TlsOptions::default(),
                connect_timeout: Duration::from_secs(5),
                message_limit: 1 << 20,
            },
            system: None,
            settings,
            schema: Arc::default(),
            reconnect: Policy::default(),
            ping_every: Duration::from_secs(10),
            reply_timeout: Duration::from_secs(5),
            traffic: None,
        };
        let origin = Origin {
            plan,
            secrets: Secrets::default(),
        };
        let shadow = origin.shadow();
        assert_eq!((shadow.dial.url, shadow.dial.headers.len()), (url, 1));
        assert_eq!(shadow.settings.savetowebsocket.filters, Filters::default());
        assert_eq!(shadow.name, "stellar shadow");
        assert!(origin.plan.reconnect.enabled && !shadow.reconnect.enabled);
    }
}
