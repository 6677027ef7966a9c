//! Who gets which event.
//!
//! A client has no filters until it registers, and events from before are lost for it. A client
//! whose queue is full when one more event is due leaves the hub at that moment: what is queued
//! still reaches it, then its connection ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::register::Register;
use crate::protocol::savetowebsocket::Filters;
use crate::protocol::savetowebsocket::filter::{Facts, NoEvent};

/// Most room a queue may have, whatever the settings say.
const ROOM_MAX: usize = 1 << 16;

/// Names a connection; never used twice.
pub(super) type ClientId = u64;

#[derive(Debug)]
struct Client {
    queue: mpsc::Sender<Bytes>,
    /// `None` until registered.
    filters: Option<Filters>,
    /// Cancelled when the server itself ends the connection.
    cut: CancellationToken,
}

/// All clients of one server.
#[derive(Debug, Default)]
pub(super) struct Hub {
    clients: Mutex<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    known: HashMap<ClientId, Client>,
    next: ClientId,
}

/// What a connection needs to take part.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) id: ClientId,
    /// What is to be written; ends when the hub has given the client up.
    pub(super) queue: mpsc::Receiver<Bytes>,
    /// Cancelled when the connection is to be cut.
    pub(super) cut: CancellationToken,
}

/// What became of a client's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    /// The first `register`: answered.
    First,
    /// A further one: filters replaced in silence.
    Update,
    /// No `register`, or one with a fault: ignored in silence.
    Ignored,
}

impl Hub {
    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a client whose queue has room for `room` messages, at least `welcome` and the reply to
    /// a register.
    pub(super) fn join(&self, room: usize, welcome: &'static [u8]) -> Membership {
        let (sender, queue) = mpsc::channel(room.clamp(2, ROOM_MAX));
        // A fresh queue has room.
        let _ = sender.try_send(Bytes::from_static(welcome));
        let cut = CancellationToken::new();
        let mut clients = self.clients();
        let id = clients.next;
        clients.next += 1;
        let client = Client {
            queue: sender,
            filters: None,
            cut: cut.clone(),
        };
        clients.known.insert(id, client);
        Membership { id, queue, cut }
    }

    /// Removes a client.
    pub(super) fn leave(&self, id: ClientId) {
        self.clients().known.remove(&id);
    }

    /// Acts on a client's message.
    pub(super) fn received(&self, id: ClientId, message: &[u8]) -> Registration {
        let Some(register) = Register::read(message) else {
            return Registration::Ignored;
        };
        let mut clients = self.clients();
        let Some(client) = clients.known.get_mut(&id) else {
            // Given up as too slow: the filters no longer matter.
            return Registration::Update;
        };
        if client.filters.is_some() {
            client.filters = Some(register.into_filters());
            return Registration::Update;
        }
        // Queued before the filters are set, so no event can come before it; the queue holds
        // nothing but the welcome yet, if that.
        let _ = client.queue.try_send(register.reply().into());
        client.filters = Some(register.into_filters());
        Registration::First
    }

    /// Gives an event to everybody whose filters let it through, bytes as they are.
    pub(super) fn feed(&self, event: &Bytes) -> Result<(), NoEvent> {
        let facts = Facts::read(event)?;
        self.clients().known.retain(|_, client| {
            let Some(filters) = &client.filters else {
                return true;
            };
            if !facts.decide(filters).passes() {
                return true;
            }
            client.queue.try_send(event.clone()).is_ok()
        });
        Ok(())
    }

    /// Number of clients, and how many of them have registered.
    pub(super) fn count(&self) -> (usize, usize) {
        let clients = self.clients();
        let registered = clients
            .known
            .values()
            .filter(|client| client.filters.is_some());
        (clients.known.len(), registered.count())
    }

    /// Cuts everybody, without close frames.
    pub(super) fn cut_all(&self) {
        for (_, client) in self.clients().known.drain() {
            client.cut.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(membership: &mut Membership) -> Option<String> {
        let message = membership.queue.try_recv().ok()?;
        Some(String::from_utf8(message.to_vec()).unwrap())
    }

    fn registered(hub: &Hub, room: usize, filters: &str) -> Membership {
        let mut membership = hub.join(room, b"welcome");
        let message = format!(r#"{{"type":"register","filters":{filters}}}"#);
        assert_eq!(
            hub.received(membership.id, message.as_bytes()),
            Registration::First
        );
        assert_eq!(text(&mut membership).unwrap(), "welcome");
        assert!(
            text(&mut membership)
                .unwrap()
                .ends_with(r#""type":"registered"}"#)
        );
        membership
    }

    fn feed(hub: &Hub, event: &'static str) {
        hub.feed(&Bytes::from_static(event.as_bytes())).unwrap();
    }

    #[test]
    fn events_before_the_register_are_lost() {
        let hub = Hub::default();
        let mut client = hub.join(4, b"welcome");
        feed(&hub, "{}");
        assert_eq!(
            hub.received(client.id, b"{\"type\":\"register\"}"),
            Registration::First
        );
        feed(&hub, "{\"n\":2}");
        assert_eq!(text(&mut client).unwrap(), "welcome");
        assert!(text(&mut client).unwrap().contains("registered"));
        assert_eq!(text(&mut client).unwrap(), "{\"n\":2}");
        assert_eq!(text(&mut client), None);
    }

    #[test]
    fn filters_are_replaced_in_silence() {
        let hub = Hub::default();
        let mut client = registered(&hub, 4, r#"{"types":["payment"]}"#);
        feed(&hub, r#"{"type":"trade"}"#);
        let update = br#"{"type":"register","filters":{"types":["trade"]}}"#;
        assert_eq!(hub.received(client.id, update), Registration::Update);
        let faulty = br#"{"type":"register","filters":{"types":"payment"}}"#;
        assert_eq!(hub.received(client.id, faulty), Registration::Ignored);
        feed(&hub, r#"{"type":"payment"}"#);
        feed(&hub, r#"{ "type":"trade" }"#);
        assert_eq!(text(&mut client).unwrap(), r#"{ "type":"trade" }"#);
        assert_eq!(text(&mut client), None);
    }

    #[test]
    fn a_full_queue_ends_the_membership_but_not_what_is_queued() {
        let hub = Hub::default();
        let mut client = registered(&hub, 2, "{}");
        let mut other = registered(&hub, 8, "{}");
        for event in ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}"] {
            feed(&hub, event);
        }
        assert_eq!(text(&mut client).unwrap(), "{\"n\":1}");
        assert_eq!(text(&mut client).unwrap(), "{\"n\":2}");
        assert_eq!(
            client.queue.try_recv(),
            Err(mpsc::error::TryRecvError::Disconnected)
        );
        assert_eq!(std::iter::from_fn(|| text(&mut other)).count(), 4);
        assert_eq!(hub.count(), (1, 1));
    }

    #[test]
    fn what_is_no_event_reaches_nobody() {
        let hub = Hub::default();
        let mut client = registered(&hub, 2, "{}");
        for event in ["[1,2]", "\"str\"", "not json"] {
            assert!(hub.feed(&Bytes::from_static(event.as_bytes())).is_err());
        }
        assert_eq!(text(&mut client), None);
    }
}
