//! The answer to the upgrade where it is no 101, in the terms of either generation.

use crate::frame::Opening;
use crate::protocol::url;

/// What the answer means; `None` where HTTP's own words say it.
pub(super) fn explain(answer: &Opening) -> Option<String> {
    let path = url::path(&answer.url);
    let body = String::from_utf8_lossy(&answer.body);
    Some(match answer.status {
        200 => format!(
            "This is a page, not the socket: the broker upgrades on /wsmq or /ws, and this was {path}"
        ),
        301 | 302 | 307 | 308 if path == "/wsmq" => "/wsmq is the directory of the scripts in generation 1, whose socket is on /ws in all samples; in generation 2 it is the socket itself".to_owned(),
        301 | 302 | 307 | 308 => format!("The server redirects {path}: dial the address it names, as a WebSocket cannot follow"),
        400 if body.contains("permessage-deflate") => "A server of generation 1 refuses an offer of permessage-deflate with a parameter it does not know (server_max_window_bits), even if a plain offer follows: offer none, or none with parameters".to_owned(),
        400 => "A broker answers 400 to a Sec-WebSocket-Version other than 13, or a key that is missing, repeated or not base64 of 16 bytes: something in between changed the upgrade".to_owned(),
        401 | 407 => "Neither generation has any authentication: this comes from a gateway in front of the broker".to_owned(),
        403 => refused_origin(&body),
        404 if path.len() > 1 && path.ends_with('/') => format!(
            "The broker upgrades on one path alone, compared as a whole: leave out the slash at the end of {path}{}",
            if path == "/wsmq/" { " (in generation 1 that is the directory of the scripts, and the socket is on /ws)" } else { "" }
        ),
        404 => {
            let other = if path == "/wsmq" { "/ws" } else { "/wsmq or /ws" };
            format!("The broker upgrades on one path alone, compared as a whole; this was {path}. Try {other}: generation 2 has /wsmq by default, samples of both have /ws")
        }
        405 => "The broker upgrades on GET alone: something in between changed the method".to_owned(),
        426 => "The upgrade came to the broker without Connection: Upgrade and Upgrade: websocket, or below HTTP/1.1: look for a proxy in between that does not pass them on".to_owned(),
        503 if body.contains("shutting down") => "The broker is shutting down and takes no more connections: dial again later".to_owned(),
        502..=504 => "This comes from a proxy or gateway: the broker behind it cannot be reached".to_owned(),
        _ => return None,
    })
}

/// Generation 1 quotes the whole origin, generation 2 its host.
fn refused_origin(body: &str) -> String {
    if body.contains("is not a valid URL with a host") {
        return "The broker refuses an Origin that is no URL with a host, such as null: send none, which is always allowed".to_owned();
    }
    if !body.contains("is not authorized for Host") {
        return "The broker answers 403 to an Origin that is neither its own host nor among its patterns, and says so; this answer does not, so it comes from a gateway in front of it".to_owned();
    }
    let generation = if body.contains("://") { "1" } else { "2" };
    format!(
        "The broker (generation {generation}, by its words) takes no Origin but that of its own Host and of the patterns it was told, such as localhost:*, which does not fit 127.0.0.1 or localhost without a port: send no Origin header, which is always allowed, or one that equals the host dialed"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, path: &str, body: &str) -> String {
        let opening = Opening {
            url: format!("ws://h:8090{path}"),
            status,
            body: body.as_bytes().to_vec(),
            ..Opening::default()
        };
        explain(&opening).unwrap_or_default()
    }

    #[test]
    fn each_answer_names_what_to_change() {
        for (status, path, body, part) in [
            (200, "/", "<html>", "/wsmq or /ws"),
            (301, "/wsmq", "", "directory of the scripts"),
            (302, "/x", "", "redirects /x"),
            (
                400,
                "/ws",
                "unsupported permessage-deflate parameter: \"server_max_window_bits=10\"",
                "generation 1 refuses an offer",
            ),
            (400, "/ws", "Bad Request", "other than 13"),
            (401, "/ws", "", "gateway"),
            (
                403,
                "/wsmq",
                "request Origin \"evil.example\" is not authorized for Host \"h:8090\"",
                "generation 2, by its words",
            ),
            (
                403,
                "/ws",
                "request Origin \"http://evil.example\" is not authorized for Host \"h:9000\"",
                "generation 1, by its words",
            ),
            (
                403,
                "/wsmq",
                "request Origin \"null\" is not a valid URL with a host",
                "such as null",
            ),
            (403, "/wsmq", "forbidden", "gateway"),
            (
                404,
                "/wsmq/",
                "404 page not found",
                "leave out the slash at the end of /wsmq/ (in",
            ),
            (404, "/ws/", "", "leave out the slash"),
            (404, "/wsmq", "", "Try /ws:"),
            (404, "/socket", "", "Try /wsmq or /ws"),
            (405, "/ws", "", "changed the method"),
            (426, "/ws", "", "does not pass them on"),
            (503, "/ws", "server is shutting down", "dial again later"),
            (502, "/ws", "", "cannot be reached"),
        ] {
            let text = told(status, path, body);
            assert!(text.contains(part), "{status} {path}: {text}");
        }
        assert_eq!(told(429, "/ws", ""), "");
    }
}
