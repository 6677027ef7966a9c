//! The sample server's HTTP API: a `POST` becomes a request to the page it names.
//!
//! `POST /api/{click,input,navigate,getText,screenshot,getPageSource}` with
//! `{sessionId, selector?, text?, url?, params?}` asks the page's connection for `browser.click` and
//! so on, and waits 20 s. A reply of type `error` is still a 200.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::body::reencoded;
use super::message::{Message, kind};
use super::rpc::{Rpc, Unanswered};
use crate::schema::gojson::{Kind, Value, quote, same_name};
use crate::server::gojson::{self, Cursor};
use crate::server::http::{Channel, Head, Response};

/// Largest body read. The real server has no limit.
const BODY_MAX: usize = 8 << 20;

const ROUTES: [(&str, &str); 6] = [
    ("/api/click", "browser.click"),
    ("/api/input", "browser.input"),
    ("/api/navigate", "browser.navigate"),
    ("/api/getText", "browser.getText"),
    ("/api/screenshot", "browser.screenshot"),
    ("/api/getPageSource", "browser.getPageSource"),
];

/// The procedure a path stands for.
pub(super) fn procedure(path: &str) -> Option<&'static str> {
    let found = ROUTES.iter().find(|(route, _)| *route == path);
    found.map(|(_, procedure)| *procedure)
}

/// An answer of the API.
#[derive(Debug, Default)]
struct Reply {
    status: u16,
    message: &'static str,
    /// JSON text; empty is left out.
    data: Vec<u8>,
    error: String,
}

impl Reply {
    fn refused(status: u16, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            ..Self::default()
        }
    }

    fn response(self) -> Response {
        let success = self.error.is_empty();
        let mut json = format!("{{\"success\":{success}").into_bytes();
        let mut text = |name: &str, value: &[u8]| {
            if !value.is_empty() {
                json.extend_from_slice(format!(",\"{name}\":").as_bytes());
                json.extend_from_slice(value);
            }
        };
        text("message", &quoted(self.message));
        text("data", &self.data);
        text("error", &quoted(&self.error));
        json.extend_from_slice(b"}\n");
        Response::empty(self.status)
            .with("Content-Type", "application/json")
            .body(json)
    }
}

/// A string in JSON, nothing for an empty one.
fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    if !text.is_empty() {
        quote(text, &mut out);
    }
    out
}

/// Answers a request for `procedure`.
pub(super) async fn answer(
    server: &super::Server,
    rpc: &Arc<Rpc>,
    channel: &mut Channel<TcpStream>,
    head: &Head,
    procedure: &str,
) -> Response {
    if head.method != "POST" {
        return Reply::refused(405, "Method not allowed").response();
    }
    let wanted = match channel.body(head, BODY_MAX).await {
        Ok(body) => Wanted::read(&body),
        Err(error) => Err(error.to_string()),
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(why) => {
            return Reply::refused(400, format!("Invalid JSON payload: {why}")).response();
        }
    };
    if wanted.page.is_empty() {
        return Reply::refused(400, "sessionId is required").response();
    }
    let Some(client) = rpc.client_of(&wanted.page) else {
        let text = "Client session not found or not active for PageSessionID: ";
        return Reply::refused(404, format!("{text}{}", wanted.page)).response();
    };
    let patience = server.settings.request_timeout;
    match rpc.request(&client, procedure, wanted.body, patience).await {
        Ok(reply) => answered(&reply),
        Err(why) => unanswered(why),
    }
    .response()
}

fn answered(reply: &Message) -> Reply {
    let data = match reply.json() {
        b"null" => Vec::new(),
        json => json.to_vec(),
    };
    if reply.kind == kind::ERROR {
        return Reply {
            status: 200,
            message: "Action resulted in an error on the client",
            error: complaint(reply),
            data,
        };
    }
    Reply {
        status: 200,
        message: "Action executed successfully",
        data,
        error: String::new(),
    }
}

/// What the API makes of a client's error: one of two members, or the whole body, if it is text.
fn complaint(reply: &Message) -> String {
    let body = reply.value();
    let member = |name| body.and_then(|body| body.member(name)?.string());
    let text = member("error")
        .or_else(|| member("message"))
        .filter(|text| !text.is_empty())
        .or_else(|| body.and_then(Value::string));
    text.unwrap_or_else(|| "Unknown error from client execution".to_owned())
}

fn unanswered(why: Unanswered) -> Reply {
    let (status, error) = match why {
        Unanswered::TimedOut => (504, "Action timed out on client"),
        Unanswered::NotFound => (404, "Client disconnected or not found by broker"),
        Unanswered::Write => (500, "Failed to send action to client (connection issue)"),
    };
    Reply {
        status,
        data: quoted(&format!("Details: {why}")),
        error: error.to_owned(),
        ..Reply::default()
    }
}

/// What a call asks for.
struct Wanted {
    page: String,
    /// Body of the request to the page.
    body: Vec<u8>,
}

impl Wanted {
    /// Reads the first JSON value of `text` as Go's decoder does; the error is Go's.
    fn read(text: &[u8]) -> Result<Self, String> {
        if text.trim_ascii().is_empty() {
            return Err("EOF".to_owned());
        }
        let text = first_value(text);
        gojson::check(text).map_err(|why| match why.as_str() {
            "unexpected end of JSON input" => "unexpected EOF".to_owned(),
            _ => why,
        })?;
        let value = Value::parse(text).map_err(|why| why.to_string())?;
        let wrong = |value: Value<'_>, place: &str| {
            let kind = value.kind().go_name();
            format!("json: cannot unmarshal {kind} into Go {place}")
        };
        if !matches!(value.kind(), Kind::Object | Kind::Null) {
            return Err(wrong(value, "value of type api.RequestPayload"));
        }
        let mut texts = [
            ("sessionId", String::new()),
            ("selector", String::new()),
            ("text", String::new()),
            ("url", String::new()),
        ];
        let mut parameters = None;
        for (name, value) in value.members() {
            if value.kind() == Kind::Null {
                continue;
            }
            if same_name(&name, "params") {
                if value.kind() != Kind::Object {
                    let place =
                        "struct field RequestPayload.params of type map[string]interface {}";
                    return Err(wrong(value, place));
                }
                parameters = Some(value);
            }
            for (field, place) in &mut texts {
                if same_name(&name, field) {
                    *place = value.string().ok_or_else(|| {
                        let place = format!("struct field RequestPayload.{field} of type string");
                        wrong(value, &place)
                    })?;
                }
            }
        }
        let [(_, page), texts @ ..] = texts;
        Ok(Self {
            page,
            body: body(&texts, parameters)?,
        })
    }
}

/// The text up to the end of the first value, if anything but that is wrong with it: what follows
/// stays unread.
fn first_value(text: &[u8]) -> &[u8] {
    match gojson::check(text) {
        Err(why) if why.ends_with("after top-level value") => Cursor::new(text).skip(),
        _ => text,
    }
}

/// The parameters of a call in one object; those under `params` win.
fn body(texts: &[(&str, String)], parameters: Option<Value<'_>>) -> Result<Vec<u8>, String> {
    let mut members: Vec<Vec<u8>> = Vec::new();
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        members.push([&quoted(name), &b":"[..], &quoted(text)].concat());
    }
    for (name, value) in parameters.into_iter().flat_map(Value::members) {
        let mut member = Vec::new();
        quote(&name, &mut member);
        member.push(b':');
        member.extend_from_slice(value.raw());
        members.push(member);
    }
    let object = [&b"{"[..], &members.join(&b","[..]), &b"}"[..]].concat();
    let value = Value::parse(&object).map_err(|why| why.to_string())?;
    reencoded(value).ok_or_else(|| "json: cannot unmarshal number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> Result<(String, String), String> {
        let wanted = Wanted::read(text.as_bytes())?;
        Ok((wanted.page, String::from_utf8(wanted.body).unwrap()))
    }

    #[test]
    fn parameters_are_merged_and_sorted() {
        let text =
            r##"{"sessionId":"p","text":"t","selector":"#a","params":{"a":1.0,"text":"u"}}"##;
        assert_eq!(
            wanted(text),
            Ok((
                "p".to_owned(),
                r##"{"a":1,"selector":"#a","text":"u"}"##.to_owned()
            ))
        );
        assert_eq!(wanted("{} x{"), Ok((String::new(), "{}".to_owned())));
    }

    #[test]
    fn complaints_are_those_of_go() {
        for (text, complaint) in [
            ("", "EOF"),
            ("{", "unexpected EOF"),
            ("x", "invalid character 'x' looking for beginning of value"),
            (
                r#"{"sessionId":7}"#,
                "json: cannot unmarshal number into Go struct field RequestPayload.sessionId of type string",
            ),
            (
                "[]",
                "json: cannot unmarshal array into Go value of type api.RequestPayload",
            ),
        ] {
            assert_eq!(wanted(text), Err(complaint.to_owned()), "{text}");
        }
    }

    #[test]
    fn errors_of_clients_are_found_in_two_places() {
        for (body, expected) in [
            (r#"{"error":"boom"}"#, "boom"),
            (r#"{"message":"boom"}"#, "boom"),
            (r#""boom""#, "boom"),
            (
                r#"{"error":{"message":"boom"}}"#,
                "Unknown error from client execution",
            ),
            ("null", "Unknown error from client execution"),
        ] {
            let reply = Message {
                body: body.as_bytes().to_vec(),
                ..Message::default()
            };
            assert_eq!(complaint(&reply), expected, "{body}");
        }
    }
}
