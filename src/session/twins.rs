//! Where a session's calls go: the REST and gRPC twins of its target.
//!
//! Their addresses are told by the profile, or follow from the target's. Their clients are made
//! when first needed and live as long as the session, so connections are kept alive across calls.

use std::time::Duration;

use bytes::Bytes;

use super::plan::Plan;
use crate::profile::secret;
use crate::protocol::{Call, Route};
use crate::transport::{Answer, CallError, Dial, Request, Rest};

/// The two twins of one session.
#[derive(Debug)]
pub(super) struct Twins {
    rest: Twin<Rest>,
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
    Rest(Rest),
}

impl Client {
    /// What will be sent for `call`.
    pub(super) fn request(&self, call: &Call, limit: Duration) -> Request {
        match self {
            Self::Rest(rest) => rest.post(&call.content_type, Bytes::clone(&call.body), limit),
        }
    }

    /// Sends it and waits.
    pub(super) async fn call(&self, request: Request) -> Result<Answer, CallError> {
        match self {
            Self::Rest(rest) => rest.call(request).await,
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
        let own = |schemes: [&str; 2]| {
            let scheme = target.split_once("://").map(|(scheme, _)| scheme);
            scheme
                .is_some_and(|scheme| schemes.iter().any(|own| scheme.eq_ignore_ascii_case(own)))
                .then(|| target.clone())
        };
        let rest = place(own(["http", "https"]), false)
            .or_else(|| place(settings.rest_url.clone(), false))
            .or_else(|| place(derived_rest(target), true));
        Self {
            rest: Twin {
                place: rest,
                client: None,
            },
        }
    }

    /// The client for calls over `route`; `note` takes what the user should know of it.
    pub(super) fn client(
        &mut self,
        route: Route,
        note: impl FnOnce(String),
    ) -> Result<Client, String> {
        match route {
            Route::Rest => {
                let twin = &mut self.rest;
                if let Some(client) = &twin.client {
                    return Ok(Client::Rest(client.clone()));
                }
                let place = twin.place.as_ref().ok_or_else(|| absent(route))?;
                let client = Rest::new(&place.dial).map_err(|error| error.to_string())?;
                if place.is_derived {
                    note(told(route, &place.dial.shown_url));
                }
                Ok(Client::Rest(twin.client.insert(client).clone()))
            }
            Route::Grpc => Err(absent(route)),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_a_websocket_address() {
        for (url, rest) in [
            ("ws://h:8080/api/v1/events", "http://h:8080/api/v1/events"),
            ("wss://h/x?y=1", "https://h/x?y=1"),
            ("ws://me:pw@[::1]:80/e", "http://me:pw@[::1]:80/e"),
        ] {
            assert_eq!(derived_rest(url).as_deref(), Some(rest));
        }
        assert_eq!(derived_rest("grpc://h:1"), None);
    }
}
