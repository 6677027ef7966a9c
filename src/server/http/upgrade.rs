//! The opening handshake: 101, or a refusal in the library's own words.

use std::fmt::Write as _;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::origin::Foreign;
use super::response::{date, reason, status_line};
use super::{Channel, Head, Origins, Response};
use crate::server::wire::{Decoder, Flavour, deflate};

/// How a server upgrades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Its library.
    pub flavour: Flavour,
    /// Whether `Sec-WebSocket-Key` must be base64 of 16 bytes. gorilla 1.5.0 (Raccoon) takes any
    /// key that is not empty; later ones, and coder always, look.
    pub key_checked: bool,
    /// Who may come from a web page.
    pub origins: Origins,
    /// Largest message taken, bytes.
    pub message_limit: usize,
}

/// Upgrades, or refuses in the library's words. See [`open`] for the loop around it.
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
    mut channel: Channel<S>,
    head: &Head,
    rules: &Rules,
) -> io::Result<Outcome<S>> {
    if let Err(refusal) = check(head, rules) {
        let open = channel.respond(head, refusal).await?;
        return Ok(if open {
            Outcome::Refused(channel)
        } else {
            Outcome::Over
        });
    }
    if rules.flavour == Flavour::Gorilla && channel.has_more() {
        tracing::info!("websocket: client sent data before handshake is complete");
        return Ok(Outcome::Over);
    }
    let key = derive_accept_key(head.value("Sec-WebSocket-Key").unwrap_or_default());
    let deflates = match offered(head, rules) {
        Ok(deflates) => deflates,
        Err(refusal) => {
            // The library has set the headers of the 101 by then.
            let refusal = refusal
                .with("Connection", "Upgrade")
                .with("Upgrade", "websocket")
                .with("Sec-Websocket-Accept", &key);
            let open = channel.respond(head, refusal).await?;
            return Ok(if open {
                Outcome::Refused(channel)
            } else {
                Outcome::Over
            });
        }
    };
    let answer = switching(rules.flavour, &key, deflates);
    channel.io().write_all(answer.as_bytes()).await?;
    let (io, rest) = channel.into_parts();
    let mut decoder = Decoder::new(rules.flavour, rules.message_limit);
    if deflates {
        decoder = decoder.deflating();
    }
    decoder.buffer().extend_from_slice(&rest);
    Ok(Outcome::Open(io, decoder))
}

/// Serves requests until one of them is upgraded. `page` answers those that are not for the
/// WebSocket; `None` from it means "upgrade this". `None` from here: the connection is over.
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    rules: &Rules,
    page: impl Fn(&Head) -> Option<Response>,
) -> io::Result<Option<(S, Decoder, Head)>> {
    let mut channel = Channel::new(io);
    while let Some(head) = channel.head().await? {
        if let Some(response) = page(&head) {
            if channel.respond(&head, response).await? {
                continue;
            }
            return Ok(None);
        }
        match accept(channel, &head, rules).await? {
            Outcome::Open(io, decoder) => return Ok(Some((io, decoder, head))),
            Outcome::Refused(refused) => channel = refused,
            Outcome::Over => return Ok(None),
        }
    }
    Ok(None)
}

/// What became of a request for an upgrade.
#[derive(Debug)]
pub enum Outcome<S> {
    /// Upgraded; the decoder may hold frames already.
    Open(S, Decoder),
    /// Refused, and the answer written; the client may ask again.
    Refused(Channel<S>),
    /// The connection is over, answered or not: gorilla hangs up on a client that did not wait for
    /// the 101.
    Over,
}

/// Whether the client offers permessage-deflate to a server that takes it. The first such offer
/// decides: one with a parameter the library does not know is refused, whatever follows.
fn offered(head: &Head, rules: &Rules) -> Result<bool, Response> {
    if rules.flavour != Flavour::Nhooyr {
        return Ok(false);
    }
    let offers = head.values("Sec-WebSocket-Extensions");
    let offers = offers.flat_map(|value| value.split(|&b| b == b','));
    for offer in offers.map(String::from_utf8_lossy) {
        let mut parts = offer.split(';').map(str::trim);
        if parts.next() != Some("permessage-deflate") {
            continue;
        }
        let known = |parameter: &str| {
            matches!(
                parameter,
                "client_no_context_takeover" | "server_no_context_takeover"
            ) || parameter.starts_with("client_max_window_bits")
        };
        return match parts.find(|parameter| !known(parameter)) {
            None => Ok(true),
            Some(odd) => Err(Response::error(
                400,
                &format!("unsupported permessage-deflate parameter: {odd:?}"),
            )),
        };
    }
    Ok(false)
}

fn switching(flavour: Flavour, accept: &str, deflates: bool) -> String {
    let extensions = if deflates {
        format!("Sec-Websocket-Extensions: {}\r\n", deflate::ACCEPTED)
    } else {
        String::new()
    };
    let mut text = status_line(101);
    // Writing to a String cannot fail.
    let _ = match flavour {
        Flavour::Gorilla => write!(
            text,
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        ),
        Flavour::Coder | Flavour::Nhooyr => write!(
            text,
            "Connection: Upgrade\r\nSec-Websocket-Accept: {accept}\r\n{extensions}\
             Upgrade: websocket\r\nDate: {}\r\n\r\n",
            date()
        ),
    };
    text
}

/// Whether a request may be upgraded; the refusal is the whole answer.
pub fn check(head: &Head, rules: &Rules) -> Result<(), Response> {
    match rules.flavour {
        Flavour::Gorilla => check_gorilla(head, rules),
        Flavour::Coder | Flavour::Nhooyr => check_coder(head, rules),
    }
}

fn check_gorilla(head: &Head, rules: &Rules) -> Result<(), Response> {
    let refuse =
        |status| Err(Response::error(status, reason(status)).with("Sec-Websocket-Version", "13"));
    if !head.has_token("Connection", "upgrade") || !head.has_token("Upgrade", "websocket") {
        return refuse(400);
    }
    if head.method != "GET" {
        return refuse(405);
    }
    if !head.has_token("Sec-WebSocket-Version", "13") {
        return refuse(400);
    }
    if rules.origins.check(head).is_err() {
        return refuse(403);
    }
    let key = head.value("Sec-WebSocket-Key").unwrap_or_default();
    if key.is_empty() || (rules.key_checked && !is_key(key)) {
        return refuse(400);
    }
    Ok(())
}

fn check_coder(head: &Head, rules: &Rules) -> Result<(), Response> {
    let violated = |status, text: String| {
        Err(Response::error(
            status,
            &format!("WebSocket protocol violation: {text}"),
        ))
    };
    if !head.is_1_1 {
        let text = "handshake request must be at least HTTP/1.1: \"HTTP/1.0\"".to_owned();
        return violated(426, text);
    }
    for (name, token, shown) in [
        ("Connection", "Upgrade", "Upgrade"),
        ("Upgrade", "websocket", "websocket"),
    ] {
        if !head.has_token(name, token) {
            let text = format!(
                "{name} header {:?} does not contain {shown}",
                head.text(name)
            );
            return violated(426, text).map_err(|refusal| {
                refusal
                    .with("Connection", "Upgrade")
                    .with("Upgrade", "websocket")
            });
        }
    }
    if head.method != "GET" {
        let text = format!("handshake request method is not GET but {:?}", head.method);
        return violated(405, text);
    }
    let version = head.text("Sec-WebSocket-Version");
    if version != "13" {
        let text =
            format!("unsupported WebSocket protocol version (only 13 is supported): {version:?}");
        return Err(Response::error(400, &text).with("Sec-Websocket-Version", "13"));
    }
    let key = head.value("Sec-WebSocket-Key").unwrap_or_default();
    match head.values("Sec-WebSocket-Key").count() {
        0 => return violated(400, "missing Sec-WebSocket-Key".to_owned()),
        _ if rules.flavour == Flavour::Nhooyr && key.is_empty() => {
            return violated(400, "missing Sec-WebSocket-Key".to_owned());
        }
        1 => {}
        _ if rules.flavour == Flavour::Nhooyr => {}
        _ => return violated(400, "multiple Sec-WebSocket-Key headers".to_owned()),
    }
    if rules.key_checked && !is_key(key) {
        let text = format!(
            "invalid Sec-WebSocket-Key {:?}, must be a 16 byte base64 encoded string",
            head.text("Sec-WebSocket-Key")
        );
        return violated(400, text);
    }
    rules
        .origins
        .check(head)
        .map_err(|foreign| foreign_to_coder(&foreign, head, rules.flavour))
}

fn foreign_to_coder(foreign: &Foreign, head: &Head, flavour: Flavour) -> Response {
    let Foreign { origin, host } = foreign;
    let text = if flavour == Flavour::Nhooyr {
        let ours = head.text("Host");
        format!("request Origin {origin:?} is not authorized for Host {ours:?}")
    } else if host.is_empty() {
        format!("request Origin {origin:?} is not a valid URL with a host")
    } else {
        let ours = head.text("Host");
        format!("request Origin {host:?} is not authorized for Host {ours:?}")
    };
    Response::error(403, &text)
}

fn is_key(key: &[u8]) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}
