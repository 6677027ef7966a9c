//! Where a session's calls go: the REST and gRPC twins of its target.
//!
//! Their addresses are told by the profile, or follow from the target's. Their clients are made
//! when first needed and live as long as the session, so connections are kept alive across calls.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::plan::Plan;
use crate::frame::Opening;
use crate::profile::secret;
use crate::protocol::{Call, Route};
use crate::transport::{
    Answer, CallError, Connection, Dial, DialError, Grpc, Request, Rest, connect,
};

/// Where a server listens for gRPC unless it is told otherwise.
const GRPC_PORT: u16 = 8081;
/// Where a Raccoon says that it is alive.
const PING: &str = "/ping";

/// The two twins of one session.
#[derive(Debug)]
pub(super) struct Twins {
    rest: Twin<Rest>,
    grpc: Twin<Grpc>,
    /// What the session itself is connected over.
    own: Own,
}

/// What a target's scheme says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    WebSocket,
    Rest,
    Grpc,
}

impl Own {
    /// What a session with this URL is connected over.
    fn of(url: &str) -> Self {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Self::Rest,
            "grpc" | "grpcs" => Self::Grpc,
            _ => Self::WebSocket,
        }
    }
}

/// One twin: its address and, once it was needed, its client.
#[derive(Debug)]
struct Twin<C> {
    place: Option<Place>,
    client: Option<C>,
}

/// Where a twin is.
#[derive(Clone, Debug)]
struct Place {
    dial: Dial,
    /// True if nobody told the address.
    is_derived: bool,
}

/// A client of either twin.
#[derive(Clone, Debug)]
pub(super) enum Client {
    Rest(Box<Rest>),
    Grpc(Box<Grpc>),
}

/// What an open session holds on to.
pub(super) enum Link {
    Socket(Box<Connection>),
    /// No WebSocket; fires with the reason when the connection under the calls ends, if that can
    /// be known.
    Calls(Option<oneshot::Receiver<String>>),
}

/// A session's connection under way.
pub(super) type Dialing = Pin<Box<dyn Future<Output = Result<(Link, Opening), DialError>> + Send>>;

impl<C: Clone> Twin<C> {
    fn at(place: Option<Place>) -> Self {
        Self {
            place,
            client: None,
        }
    }

    /// The client, and where nobody told the address and this is its first use, that; `None` if
    /// there is no address.
    fn client(
        &mut self,
        make: impl FnOnce(&Dial) -> Result<C, CallError>,
    ) -> Result<Option<(C, Option<String>)>, CallError> {
        if let Some(client) = &self.client {
            return Ok(Some((client.clone(), None)));
        }
        let Some(place) = &self.place else {
            return Ok(None);
        };
        let client = self.client.insert(make(&place.dial)?).clone();
        let derived = place.is_derived.then(|| place.dial.shown_url.clone());
        Ok(Some((client, derived)))
    }
}

impl Client {
    /// What will be sent for `call`.
    pub(super) fn request(&self, call: &Call, limit: Duration) -> Request {
        match self {
            Self::Rest(rest) => rest.post(&call.content_type, Bytes::clone(&call.body), limit),
            Self::Grpc(grpc) => grpc.unary(&call.method, Bytes::clone(&call.body), limit),
        }
    }

    /// Sends it and waits.
    pub(super) async fn call(&self, request: Request) -> Result<Answer, CallError> {
        match self {
            Self::Rest(rest) => rest.call(request).await,
            Self::Grpc(grpc) => grpc.call(request).await,
        }
    }
}

impl Twins {
    pub(super) fn new(plan: &Plan) -> Self {
        let settings = &plan.settings.raccoon;
        let place = |url: Option<String>, is_derived| {
            url.map(|url| Place {
                dial: Dial {
                    shown_url: secret::mask_url(&url),
                    url,
                    ..plan.dial.clone()
                },
                is_derived,
            })
        };
        let target = &plan.dial.url;
        let own = Own::of(target);
        let itself = |kind| (own == kind).then(|| target.clone());
        let rest = place(itself(Own::Rest), false)
            .or_else(|| place(settings.rest_url.clone(), false))
            .or_else(|| place(derived_rest(target), true));
        let grpc = place(itself(Own::Grpc), false)
            .or_else(|| place(settings.grpc_url.clone(), false))
            .or_else(|| place(derived_grpc(target), true));
        Self {
            rest: Twin::at(rest),
            grpc: Twin::at(grpc),
            own,
        }
    }

    /// The client for calls over `route`; `note` takes what the user should know of it.
    pub(super) fn client(
        &mut self,
        route: Route,
        note: impl FnOnce(String),
    ) -> Result<Client, String> {
        let (client, derived) = match route {
            Route::Rest => self.rest.client(Rest::new).map(|found| {
                found.map(|(client, derived)| (Client::Rest(Box::new(client)), derived))
            }),
            Route::Grpc => self.grpc.client(Grpc::new).map(|found| {
                found.map(|(client, derived)| (Client::Grpc(Box::new(client)), derived))
            }),
        }
        .map_err(|error| error.to_string())?
        .ok_or_else(|| absent(route))?;
        if let Some(url) = derived {
            note(told(route, &url));
        }
        Ok(client)
    }

    /// Where the server says that it is alive: as told, else beside the REST address. `None` if
    /// that is not known, or not wanted.
    pub(super) fn ping(&self, plan: &Plan) -> Option<Dial> {
        let url = match &plan.settings.raccoon.health {
            Some(told) if told.is_empty() => return None,
            Some(told) => told.clone(),
            None => {
                let rest = &self.rest.place.as_ref()?.dial.url;
                let after_scheme = rest.find("://")? + 3;
                let authority = rest[after_scheme..].find(['/', '?', '#']);
                let end = authority.map_or(rest.len(), |at| after_scheme + at);
                format!("{}{PING}", &rest[..end])
            }
        };
        Some(Dial {
            shown_url: secret::mask_url(&url),
            url,
            ..plan.dial.clone()
        })
    }

    /// True if the session is connected over nothing but REST requests.
    pub(super) fn is_rest_alone(&self) -> bool {
        self.own == Own::Rest
    }

    /// Connects the session itself: the upgrade; or, without a WebSocket, the first sign of life
    /// of the server calls go to.
    pub(super) fn dial(&mut self, dial: &Dial) -> Dialing {
        match self.own {
            Own::WebSocket => {
                let dial = dial.clone();
                Box::pin(async move {
                    let (connection, opening) = connect(&dial).await?;
                    Ok((Link::Socket(Box::new(connection)), opening))
                })
            }
            Own::Rest => {
                let client = self.rest.client(Rest::new);
                let limit = dial.connect_timeout;
                Box::pin(async move {
                    let (client, _) = client?.ok_or_else(nowhere)?;
                    let opening = client.reach(PING, limit).await?;
                    Ok((Link::Calls(None), opening))
                })
            }
            Own::Grpc => {
                let client = self.grpc.client(Grpc::new);
                Box::pin(async move {
                    let (client, _) = client?.ok_or_else(nowhere)?;
                    let (opening, ended) = client.reach().await?;
                    Ok((Link::Calls(Some(ended)), opening))
                })
            }
        }
    }
}

/// A session always has an address for what it is connected over.
fn nowhere() -> DialError {
    DialError::Url {
        url: String::new(),
        why: "it is no address for calls".to_owned(),
    }
}

/// The notice about an address nobody told.
fn told(route: Route, url: &str) -> String {
    let key = match route {
        Route::Rest => "rest_url",
        Route::Grpc => "grpc_url",
    };
    format!(
        "{}s go to {url}: the address follows from the target's; set `{key}` under [raccoon] if it is \
         another",
        route.name()
    )
}

fn absent(route: Route) -> String {
    let (key, example) = match route {
        Route::Rest => ("rest_url", "http://HOST:8080/api/v1/events"),
        Route::Grpc => ("grpc_url", "grpc://HOST:8081"),
    };
    format!(
        "where to send a {} is not known; set `{key} = \"{example}\"` under [raccoon] in the profile",
        route.name()
    )
}

/// The REST address of the server behind a WebSocket address: the same, over HTTP.
fn derived_rest(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    match scheme.to_ascii_lowercase().as_str() {
        "ws" => Some(format!("http://{rest}")),
        "wss" => Some(format!("https://{rest}")),
        _ => None,
    }
}

/// The gRPC address of the server behind a WebSocket address: the same host, the default port.
fn derived_grpc(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "ws" => "grpc",
        "wss" => "grpcs",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let after_userinfo = authority.rfind('@').map_or(0, |at| at + 1);
    let host_end = match authority[after_userinfo..].find(']') {
        Some(bracket) => after_userinfo + bracket + 1,
        None => authority[after_userinfo..]
            .find(':')
            .map_or(authority.len(), |colon| after_userinfo + colon),
    };
    Some(format!("{scheme}://{}:{GRPC_PORT}", &authority[..host_end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_websocket_address() {
        for (url, rest, grpc) in [
            (
                "ws://h:8080/api/v1/events",
                "http://h:8080/api/v1/events",
                "grpc://h:8081",
            ),
            ("wss://h/x?y=1", "https://h/x?y=1", "grpcs://h:8081"),
            (
                "ws://me:pw@[::1]:80/e",
                "http://me:pw@[::1]:80/e",
                "grpc://me:pw@[::1]:8081",
            ),
        ] {
            assert_eq!(derived_rest(url).as_deref(), Some(rest));
            assert_eq!(derived_grpc(url).as_deref(), Some(grpc));
        }
        assert_eq!(derived_rest("grpc://h:1"), None);
        assert_eq!(derived_grpc("http://h:1"), None);
    }
}
