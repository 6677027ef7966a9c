//! The HTTP/1.1 upgrade, kept whole: what we asked, what came back, and why it was not 101.
//!
//! Written by hand over `httparse` because an inspector must keep what client libraries drop: the
//! headers as spelled, the body of a refusal, and the bytes read behind the head.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::clock;
use super::dial::Dial;
use super::error::DialError;
use super::stream::Stream;
use super::url::Target;
use crate::frame::{Opening, Stamp};

/// Largest response head read, bytes.
const HEAD_MAX: usize = 64 << 10;
/// Most response headers read.
const HEADERS_MAX: usize = 128;
/// Most of a refusal's body that is kept, bytes.
const BODY_MAX: usize = 64 << 10;
/// How long the body of a refusal may take.
const BODY_WAIT: Duration = Duration::from_secs(2);

/// A finished upgrade.
#[derive(Debug)]
pub(super) struct Upgraded {
    pub(super) opening: Opening,
    /// Bytes read behind the head.
    pub(super) rest: Vec<u8>,
    /// When the newest of them were read.
    pub(super) read_at: Stamp,
}

/// Asks for the upgrade and reads the answer.
pub(super) async fn upgrade(
    stream: &mut Stream,
    target: &Target,
    dial: &Dial,
) -> Result<Upgraded, DialError> {
    let key = STANDARD.encode(rand::random::<[u8; 16]>());
    let request = request(target, dial, &key)?;
    let lost = |error: std::io::Error| DialError::Silent(error.to_string());
    stream.write_all(request.as_bytes()).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;
    let (mut opening, mut rest, mut read_at) = read_head(stream).await?;
    opening.url.clone_from(&dial.shown_url);
    if opening.status != 101 {
        read_body(stream, &opening, &mut rest, &mut read_at).await;
        rest.truncate(BODY_MAX);
        opening.body = rest;
        return Err(DialError::Http(Box::new(opening)));
    }
    check(&opening, &key)?;
    Ok(Upgraded {
        opening,
        rest,
        read_at,
    })
}

fn request(target: &Target, dial: &Dial, key: &str) -> Result<String, DialError> {
    let own = |name: &str| {
        dial.headers
            .iter()
            .any(|(k, _)| k.eq_ignore_ascii_case(name))
    };
    let mut head = format!("GET {} HTTP/1.1\r\n", target.path);
    let mut add = |name: &str, value: &str| -> Result<(), DialError> {
        let legal_name = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        if !legal_name || value.bytes().any(|b| b < b' ' && b != b'\t' || b == 0x7f) {
            return Err(DialError::Header {
                name: name.to_owned(),
            });
        }
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
        Ok(())
    };
    let fixed = [
        ("Host", target.authority.as_str()),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", "13"),
    ];
    for (name, value) in fixed {
        if !own(name) {
            add(name, value)?;
        }
    }
    if !dial.subprotocols.is_empty() && !own("Sec-WebSocket-Protocol") {
        add("Sec-WebSocket-Protocol", &dial.subprotocols.join(", "))?;
    }
    if let Some(credentials) = &target.credentials
        && !own("Authorization")
    {
        add(
            "Authorization",
            &format!("Basic {}", STANDARD.encode(credentials)),
        )?;
    }
    for (name, value) in &dial.headers {
        add(name, value)?;
    }
    head.push_str("\r\n");
    Ok(head)
}

async fn read_head(stream: &mut Stream) -> Result<(Opening, Vec<u8>, Stamp), DialError> {
    let mut bytes = Vec::with_capacity(4 << 10);
    loop {
        let count = stream
            .read_buf(&mut bytes)
            .await
            .map_err(|error| DialError::Silent(error.to_string()))?;
        let read_at = clock::now();
        if count == 0 {
            return Err(DialError::NoAnswer {
                received: bytes.len(),
            });
        }
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&bytes) {
            Ok(httparse::Status::Complete(len)) => {
                let opening = Opening {
                    status: response.code.unwrap_or(0),
                    headers: response.headers.iter().map(spelled).collect(),
                    ..Opening::default()
                };
                return Ok((opening, bytes.split_off(len), read_at));
            }
            Ok(httparse::Status::Partial) if bytes.len() < HEAD_MAX => {}
            Ok(httparse::Status::Partial) => {
                return Err(DialError::NotHttp("its head exceeds 64 KiB".to_owned()));
            }
            Err(error) => {
                let start = crate::sanitise::bytes_line(&bytes[..bytes.len().min(40)]);
                return Err(DialError::NotHttp(format!(
                    "{error}; it began with `{start}`"
                )));
            }
        }
    }
}

fn spelled(header: &httparse::Header<'_>) -> (String, String) {
    (
        header.name.to_owned(),
        String::from_utf8_lossy(header.value).into_owned(),
    )
}

/// Reads what the refusal has to say, as far as it comes soon.
async fn read_body(
    stream: &mut Stream,
    opening: &Opening,
    rest: &mut Vec<u8>,
    read_at: &mut Stamp,
) {
    let announced = opening
        .header("content-length")
        .and_then(|text| text.trim().parse().ok());
    let wanted = announced.unwrap_or(BODY_MAX).min(BODY_MAX);
    let reading = async {
        while rest.len() < wanted {
            match stream.read_buf(rest).await {
                Ok(count) if count > 0 => *read_at = clock::now(),
                _ => break,
            }
        }
    };
    // A body that does not come is no reason to lose the status.
    let _ = tokio::time::timeout(BODY_WAIT, reading).await;
}

fn check(opening: &Opening, key: &str) -> Result<(), DialError> {
    let has = |name: &str, word: &str| {
        opening.header(name).is_some_and(|v| {
            v.split(',')
                .any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    if !has("upgrade", "websocket") || !has("connection", "upgrade") {
        return Err(DialError::Upgrade(
            "it lacks `Upgrade: websocket` or `Connection: Upgrade`",
        ));
    }
    if opening.header("sec-websocket-accept").map(str::trim)
        != Some(derive_accept_key(key.as_bytes()).as_str())
    {
        return Err(DialError::Upgrade(
            "its Sec-WebSocket-Accept does not fit our key",
        ));
    }
    Ok(())
}
