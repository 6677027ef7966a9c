//! Values that have the right type and still cannot be meant.

use std::time::Duration;

use super::check::{check_header, check_url, is_token, json, query_value};
use super::format::Profile;
use super::places::Path;
use super::secret;
use super::template;
use crate::nearest;
use crate::protocol::websocketmq::{self, CLIENT_ID_MIN, Dialect};
use crate::protocol::{PROTOCOLS, System};

/// Largest `limits.message`: what one message may cost at most.
const MESSAGE_MAX: usize = 1 << 30;
/// Shorter delays between dials or pings would be a busy loop.
const DELAY_MIN: Duration = Duration::from_millis(10);
/// A broker asked more often for its clients would be busy with that.
const CLIENTS_EVERY_MIN: Duration = Duration::from_millis(100);

/// One remark on a value.
pub(super) struct Finding {
    pub(super) path: Path,
    pub(super) what: String,
}

/// All remarks on a profile.
#[derive(Default)]
pub(super) struct Findings {
    /// It cannot be used.
    pub(super) problems: Vec<Finding>,
    /// It can, but probably is not what was meant.
    pub(super) warnings: Vec<Finding>,
}

impl Findings {
    fn wrong(&mut self, path: &[&str], what: impl Into<String>) {
        self.problems.push(finding(path, what));
    }

    fn warn(&mut self, path: &[&str], what: impl Into<String>) {
        self.warnings.push(finding(path, what));
    }

    fn check(&mut self, path: &[&str], result: Result<(), String>) {
        if let Err(what) = result {
            self.wrong(path, what);
        }
    }
}

fn finding(path: &[&str], what: impl Into<String>) -> Finding {
    Finding {
        path: path.iter().map(|&step| step.to_owned()).collect(),
        what: what.into(),
    }
}

/// Looks at everything that follows from the profile alone; files it names are not opened.
pub(super) fn profile(profile: &Profile) -> Findings {
    let mut found = Findings::default();
    endpoint(profile, &mut found);
    headers(profile, &mut found);
    timing(profile, &mut found);
    types(profile, &mut found);
    raccoon(profile, &mut found);
    websocketmq(profile, &mut found);
    generic(profile, &mut found);
    if let Some(custom) = &profile.savetowebsocket.filters.custom {
        let path = ["savetowebsocket", "filters", "custom"];
        found.check(&path, json(custom));
    }
    found
}

fn endpoint(profile: &Profile, found: &mut Findings) {
    if !template::present(&profile.url) {
        found.check(&["url"], check_url(&profile.url));
    }
    if let Some(name) = &profile.system
        && System::from_name(name).is_none()
    {
        let known = PROTOCOLS.iter().map(|row| row.name);
        let near = nearest::one(name, known.clone());
        let hint = near.map_or_else(
            || format!("known are {}", known.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        found.wrong(&["system"], format!("unknown system `{name}`; {hint}"));
    }
    for (n, name) in profile.subprotocols.iter().enumerate() {
        let at = n.to_string();
        let path = ["subprotocols", at.as_str()];
        if !template::present(name) && !is_token(name) {
            found.wrong(
                &path,
                format!("{name:?} is no subprotocol: a name has no blanks or commas"),
            );
        } else if profile.subprotocols[..n].contains(name) {
            found.wrong(&path, format!("{name:?} is offered twice"));
        }
    }
    let tls = &profile.tls;
    if tls.cert.is_some() != tls.key.is_some() {
        found.wrong(
            &["tls"],
            "a client certificate needs both `cert` and `key`; one of them is missing",
        );
    }
    if tls.insecure {
        found.warn(
            &["tls", "insecure"],
            "any certificate is trusted: whoever is in between can read and change everything",
        );
    }
}

fn headers(profile: &Profile, found: &mut Findings) {
    for (name, value) in &profile.headers {
        let path = ["headers", name.as_str()];
        let values = match value {
            toml::Value::String(text) => vec![text.as_str()],
            toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
                items.iter().filter_map(toml::Value::as_str).collect()
            }
            other => {
                let what = other.type_str();
                found.wrong(
                    &path,
                    format!("wrong type: {what}, expected a string, or an array of strings"),
                );
                continue;
            }
        };
        for value in values {
            let value = if template::present(value) { "" } else { value };
            found.check(&path, check_header(name, value));
        }
    }
}

fn timing(profile: &Profile, found: &mut Findings) {
    let policy = &profile.reconnect;
    if !(policy.factor.is_finite() && policy.factor >= 1.0) {
        let what = format!("{} must be a number of 1 or more", policy.factor);
        found.wrong(&["reconnect", "factor"], what);
    }
    if !(0.0..=1.0).contains(&policy.jitter) {
        let what = format!("{} must be a share between 0 and 1", policy.jitter);
        found.wrong(&["reconnect", "jitter"], what);
    }
    if policy.enabled && policy.base < DELAY_MIN {
        let what = "must be at least 10ms: dialing again without a pause helps nobody";
        found.wrong(&["reconnect", "base"], what);
    }
    if policy.max < policy.base {
        let what = "is shorter than `base`, the first delay";
        found.wrong(&["reconnect", "max"], what);
    }
    let ping = profile.heartbeat.ping_every;
    if ping > Duration::ZERO && ping < DELAY_MIN {
        let what = "must be at least 10ms, or 0 for no pings";
        found.wrong(&["heartbeat", "ping_every"], what);
    }
    if !profile.heartbeat.pong {
        found.warn(
            &["heartbeat", "pong"],
            "pings of the server are not answered: most servers end the connection over it",
        );
    }
    if !(1..=MESSAGE_MAX).contains(&profile.limits.message) {
        let what = format!("must be between 1 and {MESSAGE_MAX} bytes");
        found.wrong(&["limits", "message"], what);
    }
    let limits = [
        ("limits", "connect_timeout", profile.limits.connect_timeout),
        ("raccoon", "ack_timeout", profile.raccoon.ack_timeout),
        ("raccoon", "pong_wait", profile.raccoon.pong_wait),
        (
            "savetowebsocket",
            "pong_wait",
            profile.savetowebsocket.pong_wait,
        ),
        (
            "savetowebsocket",
            "register_within",
            profile.savetowebsocket.register_within,
        ),
        ("raccoon", "metrics_every", profile.raccoon.metrics_every),
        (
            "websocketmq",
            "request_timeout",
            profile.websocketmq.request_timeout,
        ),
    ];
    for (table, key, limit) in limits {
        if limit.is_zero() {
            found.wrong(&[table, key], "must be longer than 0");
        }
    }
}

fn types(profile: &Profile, found: &mut Findings) {
    for (n, rule) in profile.schema.types.iter().enumerate() {
        let texts = [&rule.event, &rule.regex, &rule.message];
        if texts
            .into_iter()
            .flatten()
            .any(|text| template::present(text))
        {
            continue;
        }
        if let Err(fault) = rule.check() {
            let at = n.to_string();
            let path = ["schema", "types", at.as_str(), fault.key];
            let depth = if fault.key.is_empty() { 3 } else { 4 };
            found.wrong(&path[..depth], fault.what);
        }
    }
}

fn raccoon(profile: &Profile, found: &mut Findings) {
    let settings = &profile.raccoon;
    for (key, name) in [
        ("id_header", &settings.id_header),
        ("group_header", &settings.group_header),
    ] {
        if !name.is_empty() && !template::present(name) && !is_token(name) {
            let what = format!("{name:?} is no name of a header");
            found.wrong(&["raccoon", key], what);
        }
    }
    if let Err((key, what)) = settings.retry.check() {
        found.wrong(&["raccoon", "retry", key], what);
    }
    if settings.health_every < DELAY_MIN {
        let what = "must be at least 10ms; `health = \"\"` checks nothing";
        found.wrong(&["raccoon", "health_every"], what);
    }
    let health = settings.health.as_ref().filter(|url| !url.is_empty());
    let urls = [
        (
            "rest_url",
            settings.rest_url.as_ref(),
            ["http://", "https://"],
        ),
        ("health", health, ["http://", "https://"]),
        (
            "grpc_url",
            settings.grpc_url.as_ref(),
            ["grpc://", "grpcs://"],
        ),
        (
            "metrics_url",
            settings.metrics_url.as_ref(),
            ["http://", "https://"],
        ),
    ];
    for (key, url, schemes) in urls {
        let Some(url) = url else { continue };
        if template::present(url) {
            continue;
        }
        if schemes.iter().any(|scheme| url.starts_with(scheme)) {
            found.check(&["raccoon", key], check_url(url));
        } else {
            let shown = secret::mask_url(url);
            let what = format!("{shown:?} must begin with {} or {}", schemes[0], schemes[1]);
            found.wrong(&["raccoon", key], what);
        }
    }
}

fn websocketmq(profile: &Profile, found: &mut Findings) {
    let settings = &profile.websocketmq;
    for (n, responder) in settings.responders.iter().enumerate() {
        let at = n.to_string();
        let path = ["websocketmq", "responders", at.as_str()];
        let mut filled = responder.clone();
        // Not known before it is filled in; it is looked at again then.
        filled.reply.take_if(|reply| template::asks_outside(reply));
        if let Err(fault) = filled.check() {
            let path = ["websocketmq", "responders", &at, fault.key];
            let depth = if fault.key.is_empty() { 3 } else { 4 };
            found.wrong(&path[..depth], fault.what);
            continue;
        }
        let earlier = &settings.responders[..n];
        if let Some(hiding) = earlier.iter().position(|other| other.hides(responder)) {
            let what = format!(
                "never answers: responder {} ({:?}) before it takes every call on {:?}",
                hiding + 1,
                earlier[hiding].topic,
                responder.topic
            );
            found.warn(&path, what);
        }
        let wait = Dialect::G2.broker_wait();
        if responder.delay >= wait {
            let what = format!(
                "the broker gives up after {}, before this answer leaves (generation 1: after what each call says)",
                crate::duration::show(wait)
            );
            found.warn(&[path[0], path[1], path[2], "delay"], what);
        }
    }
    asked_of_a_broker(settings, found);
    if profile.system.as_deref() == Some("websocketmq")
        && let Some(id) = query_value(&profile.url, "client_id")
        && !template::present(id)
        && id.len() < CLIENT_ID_MIN
    {
        found.warn(
            &["url"],
            format!(
                "the client_id has {} bytes; with fewer than {CLIENT_ID_MIN} the broker accepts \
                 the connection and then never answers",
                id.len()
            ),
        );
    }
}

/// Topics and times.
fn asked_of_a_broker(settings: &websocketmq::Settings, found: &mut Findings) {
    for (n, topic) in settings.subscribe.iter().enumerate() {
        let at = n.to_string();
        let path = ["websocketmq", "subscribe", at.as_str()];
        if topic.is_empty() {
            found.wrong(&path, "a topic must not be empty: the broker refuses it");
        } else if settings.subscribe[..n].contains(topic) {
            found.warn(&path, format!("topic {topic:?} is subscribed twice"));
        } else if topic.contains('*') || topic.trim() != topic {
            found.warn(
                &path,
                format!("topics match exactly: {topic:?} is no pattern, and blanks count"),
            );
        }
    }
    let pace = settings.clients_every;
    if !pace.is_zero() && pace < CLIENTS_EVERY_MIN {
        let what = format!("must be at least {CLIENTS_EVERY_MIN:?}, or \"0s\" to ask once only");
        found.wrong(&["websocketmq", "clients_every"], what);
    }
    if settings.request_timeout.is_zero() {
        found.wrong(&["websocketmq", "request_timeout"], "must be longer than 0");
    }
}

fn generic(profile: &Profile, found: &mut Findings) {
    for (n, step) in profile.on_open.iter().enumerate() {
        let at = n.to_string();
        let path = ["on_open", at.as_str()];
        if step.send.is_none() && step.expect.is_none() {
            found.wrong(&path, "a step must `send` or `expect` something");
        }
        if step.within.is_zero() {
            found.wrong(&[path[0], path[1], "within"], "must be longer than 0");
        }
    }
    let paths = [
        ("request", &profile.correlate.request),
        ("reply", &profile.correlate.reply),
    ];
    for (key, path) in paths {
        if !path.is_empty() && !path.starts_with('.') {
            let what = format!("{path:?} must be a path such as .reqId or .meta.id");
            found.wrong(&["correlate", key], what);
        }
    }
    let other = profile.system.as_deref().filter(|&name| name != "generic");
    if let (Some(system), false) = (other, profile.on_open.is_empty()) {
        let what = format!("steps are for generic systems; {system} introduces itself");
        found.warn(&["on_open"], what);
    }
}
