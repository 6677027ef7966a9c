//! The topics the broker serves itself: `system:register`, `system:list_clients`, `system:proxy`.

use super::super::dialect::Dialect;
use super::super::handlers::Reply;
use super::super::payload::{Holds, Shape};
use super::super::time::rfc3339;
use super::{Broker, Member, not_found};
use crate::sanitise::line;
use crate::schema::gojson::{Value, quote};
use crate::transport::clock;

const REGISTRATION: Shape = Shape {
    name: "ClientRegistration",
    fields: &[
        ("clientId", Holds::Text),
        ("clientName", Holds::Text),
        ("clientType", Holds::Text),
        ("clientUrl", Holds::Text),
    ],
};
const LIST: Shape = Shape {
    name: "ListClientsRequest",
    fields: &[("clientType", Holds::Text)],
};
const PROXY: Shape = Shape {
    name: "ProxyRequest",
    fields: &[
        ("targetId", Holds::Text),
        ("topic", Holds::Text),
        ("payload", Holds::Any),
    ],
};

impl Broker {
    pub(super) fn register(&self, member: &Member, payload: Option<Value<'_>>) -> Reply {
        let fields = match REGISTRATION.read(payload) {
            Ok(fields) => fields,
            Err(complaint) => return Reply::refused(complaint),
        };
        let mut registry = self.registry();
        let Some(client) = registry.client_mut(member.link) else {
            return Reply::failed("client is not connected");
        };
        client.update(
            &fields.text("clientName"),
            &fields.text("clientType"),
            &fields.text("clientUrl"),
        );
        tracing::info!(
            "client {} registered as {} (type: {}, URL: {})",
            line(&client.id),
            line(&client.name),
            line(&client.kind),
            line(&client.url)
        );
        let mut json = b"{\"serverAssignedId\":".to_vec();
        quote(&client.id, &mut json);
        json.extend_from_slice(b",\"clientName\":");
        quote(&client.name, &mut json);
        let time = rfc3339(clock::now());
        json.extend_from_slice(format!(",\"serverTime\":\"{time}\"}}").as_bytes());
        Reply::Payload(json)
    }

    pub(super) fn list(&self, payload: Option<Value<'_>>) -> Reply {
        let wanted = match LIST.read(payload) {
            Ok(fields) => fields.text("clientType"),
            Err(complaint) => return Reply::refused(complaint),
        };
        let mut json = b"{\"clients\":".to_vec();
        let registry = self.registry();
        let found = registry
            .clients()
            .filter(|client| wanted.is_empty() || client.kind == wanted);
        let mut first = true;
        for client in found {
            json.push(if first { b'[' } else { b',' });
            first = false;
            for (name, text) in [
                ("{\"id\":", &client.id),
                (",\"name\":", &client.name),
                (",\"clientType\":", &client.kind),
                (",\"clientUrl\":", &client.url),
            ] {
                json.extend_from_slice(name.as_bytes());
                quote(text, &mut json);
            }
            json.push(b'}');
        }
        json.extend_from_slice(if first { b"null}" } else { b"]}" });
        Reply::Payload(json)
    }

    pub(super) async fn proxy(&self, proxied: &Proxied) -> Reply {
        let Proxied {
            target,
            topic,
            payload,
        } = proxied;
        if target.is_empty() && self.settings.dialect >= Dialect::V2_3 {
            return Reply::failed("proxy request missing target client ID");
        }
        let Some(peer) = self.registry().find(target) else {
            return Reply::failed(format!("proxy target client: {}", not_found(target)));
        };
        let patience = self.settings.request_timeout;
        let asked = peer.ask(topic, Some(payload), self.settings.write_timeout, patience);
        match asked.await {
            Ok(payload) => Reply::Payload(payload.unwrap_or_else(|| b"null".to_vec())),
            Err(text) => Reply::failed(format!("proxy target error: {text}")),
        }
    }
}

/// What a `system:proxy` request asks for.
pub(super) struct Proxied {
    target: String,
    topic: String,
    payload: Vec<u8>,
}

impl Proxied {
    pub(super) fn read(payload: Option<Value<'_>>) -> Result<Self, Reply> {
        let fields = PROXY.read(payload).map_err(Reply::refused)?;
        Ok(Self {
            target: fields.text("targetId"),
            topic: fields.text("topic"),
            payload: fields
                .value("payload")
                .map_or(&b"null"[..], Value::raw)
                .to_vec(),
        })
    }
}
