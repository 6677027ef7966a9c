//! The answer to the upgrade, in this server's own terms.

use crate::frame::Opening;
use crate::protocol::{Fact, url};

/// The path the server upgrades on unless it is configured otherwise.
const PATH: &str = "/ws";
const GROUP: &str = "upgrade";

/// What an answer that is no 101 means; `None` where HTTP's own words say it.
pub(super) fn explain(answer: &Opening) -> Option<String> {
    let path = url::path(&answer.url);
    Some(match answer.status {
        400 => "This server answers 400 when the upgrade is not whole: no Connection: Upgrade or Upgrade: websocket (look for a proxy in between that does not pass them on), a Sec-WebSocket-Version other than 13, or a key that is not base64 of 16 bytes (the curl command of its guide has one of 13)".to_owned(),
        404 if path == PATH => "The server upgrades on one path alone, and here it is not /ws: look for `path` in its configuration (a simplified configuration loses it and serves /ws), and whether the port is right (`port` must be a text there; a number is ignored and 8080 taken)".to_owned(),
        404 => format!(
            "The server upgrades on one path alone, compared as a whole; this was {path}. Try {PATH}, which is its default, without a slash at the end"
        ),
        405 => "The server upgrades on GET alone: something in between changed the method".to_owned(),
        401 | 403 | 407 => "This server has no authentication and takes any Origin: this comes from a proxy or gateway in front of it".to_owned(),
        502..=504 => "This comes from a proxy or gateway: the server itself cannot be reached behind it. A pipeline that has ended no longer listens".to_owned(),
        _ => return None,
    })
}

/// What there is to say of a 101.
pub(super) fn facts(opening: &Opening, facts: &mut Vec<Fact>) {
    if opening.status != 101 {
        return;
    }
    let extra: Vec<&str> = opening
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !is_plain(name))
        .collect();
    let text = match (
        &opening.subprotocol,
        opening.header("Sec-WebSocket-Extensions"),
    ) {
        (None, None) => "no sub-protocol, no compression".to_owned(),
        (subprotocol, extensions) => format!(
            "sub-protocol {}, extensions {}: the known server has neither",
            subprotocol.as_deref().unwrap_or("none"),
            extensions.unwrap_or("none")
        ),
    };
    let odd = opening.subprotocol.is_some() || opening.header("Sec-WebSocket-Extensions").is_some();
    facts.push(Fact::new(GROUP, "negotiated", text).warning(odd));
    if let Some(text) = ignored(opening) {
        facts.push(Fact::new(GROUP, "offered in vain", text));
    }
    if !extra.is_empty() {
        let text = format!(
            "{}: the known server adds none, so something stands in between",
            extra.join(", ")
        );
        facts.push(Fact::new(GROUP, "further headers", text));
    }
}

/// What was offered and not taken.
pub(super) fn ignored(opening: &Opening) -> Option<String> {
    if opening.offered.is_empty() || opening.subprotocol.is_some() {
        return None;
    }
    Some(format!(
        "sub-protocol {}: the server ignores what is offered (a browser then fails the connection)",
        opening.offered.join(", ")
    ))
}

/// The three headers every upgrade needs.
fn is_plain(name: &str) -> bool {
    ["upgrade", "connection", "sec-websocket-accept"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, path: &str) -> Option<String> {
        explain(&Opening {
            url: format!("ws://h:8080{path}"),
            status,
            ..Opening::default()
        })
    }

    #[test]
    fn each_status_names_what_to_change() {
        for (status, path, part) in [
            (400, "/ws", "a key that is not base64 of 16 bytes"),
            (404, "/ws/", "Try /ws"),
            (404, "/events", "Try /ws"),
            (404, "/ws", "look for `path`"),
            (405, "/ws", "changed the method"),
            (401, "/ws", "no authentication"),
            (502, "/ws", "no longer listens"),
        ] {
            let text = answered(status, path).unwrap();
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(answered(429, "/ws"), None);
    }

    #[test]
    fn the_bare_101_and_what_is_no_part_of_it() {
        let told = |opening: &Opening| {
            let mut found = Vec::new();
            facts(opening, &mut found);
            let lines = found
                .iter()
                .map(|fact| format!("{}: {}\n", fact.name, fact.value));
            lines.collect::<String>()
        };
        let bare = Opening {
            status: 101,
            headers: vec![("Upgrade".into(), "websocket".into())],
            ..Opening::default()
        };
        assert_eq!(told(&bare), "negotiated: no sub-protocol, no compression\n");
        let offered = Opening {
            offered: vec!["v1.stellar".into()],
            headers: vec![("Server".into(), "nginx".into())],
            ..bare.clone()
        };
        let text = told(&offered);
        assert!(text.contains("sub-protocol v1.stellar: the server ignores"));
        assert!(text.contains("further headers: Server"));
        let taken = Opening {
            subprotocol: Some("v1".into()),
            ..bare
        };
        assert!(told(&taken).contains("sub-protocol v1, extensions none"));
    }
}
