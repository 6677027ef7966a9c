//! A conversation at the end of a headless run: members of the `summary` line, or a sentence.

use std::fmt::Write as _;

use super::picture::{CallState, Client, Clients, Picture, Subscription, Topic};
use crate::body::write_json_string;
use crate::schema::json;

/// Topics and clients told one by one; the others are in the counts.
const TOLD_MAX: usize = 100;
/// Topics in a sentence.
const NAMED_MAX: usize = 3;

impl Picture {
    /// Appends topics, clients and calls as members of a JSON object, each with its comma; what
    /// there is none of is left out.
    pub fn write_json(&self, out: &mut String) {
        if !self.topics.is_empty() {
            out.push_str(",\"topics\":{");
            for (index, topic) in self.topics.iter().take(TOLD_MAX).enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_topic(topic, out);
            }
            out.push('}');
            let untold = self.topics.len().saturating_sub(TOLD_MAX) as u64 + self.topics_forgotten;
            if untold > 0 {
                let _ = write!(out, ",\"topics_untold\":{untold}");
            }
        }
        if let Some(clients) = &self.clients {
            write_clients(clients, out);
        }
        if !self.calls.is_empty() {
            out.push_str(",\"calls\":{");
            let mut first = true;
            for state in CALL_STATES {
                let count = self
                    .calls
                    .iter()
                    .filter(|call| call.state.name() == state)
                    .count();
                if count > 0 {
                    let comma = if first { "" } else { "," };
                    let _ = write!(out, "{comma}\"{state}\":{count}");
                    first = false;
                }
            }
            out.push('}');
        }
    }

    /// Topics and clients in a few words; `None` if there are none.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.topics.is_empty() {
            let named: Vec<String> = self
                .topics
                .iter()
                .take(NAMED_MAX)
                .map(|topic| {
                    format!(
                        "{} ↓{} ↑{} {:.1}/s",
                        topic.name, topic.received, topic.sent, topic.rate
                    )
                })
                .collect();
            let all = self.topics.len() as u64 + self.topics_forgotten;
            let more = all.saturating_sub(NAMED_MAX as u64);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            parts.push(format!("topics: {}{more}", named.join(", ")));
        }
        if let Some(clients) = &self.clients {
            parts.push(format!(
                "clients {} (arrived {}, left {})",
                present(clients).count() as u64 + clients.forgotten,
                clients.arrived,
                clients.left
            ));
        }
        if !self.calls.is_empty() {
            parts.push(format!("calls {}", self.calls.len()));
        }
        (!parts.is_empty()).then(|| parts.join(" · "))
    }
}

impl Subscription {
    /// The word used in JSON lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Asked => "asked",
            Self::Held => "held",
            Self::Unacknowledged => "unacknowledged",
            Self::Refused => "refused",
            Self::Ending => "ending",
            Self::Ended => "ended",
            Self::Assumed => "assumed",
            Self::Local => "local",
            Self::Owed => "owed",
        }
    }
}

const CALL_STATES: [&str; 6] = ["held", "planned", "answered", "silent", "expired", "cut"];

impl CallState {
    /// The word used in JSON lines.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Planned(_) => "planned",
            Self::Answered(_) => "answered",
            Self::Silent => "silent",
            Self::Expired => "expired",
            Self::Cut => "cut",
        }
    }
}

fn write_topic(topic: &Topic, out: &mut String) {
    write_json_string(&topic.name, out);
    let _ = write!(
        out,
        ":{{\"subscription\":\"{}\",\"received\":{},\"sent\":{},\"rate\":{:.1}",
        topic.subscription.name(),
        topic.received,
        topic.sent,
        topic.rate
    );
    if topic.echoes > 0 {
        let _ = write!(out, ",\"echoes\":{}", topic.echoes);
    }
    if let Some(latency) = topic.latency {
        let _ = write!(out, ",\"ack_us\":{}", latency.as_micros());
    }
    if topic.received > 0 {
        let _ = write!(out, ",\"size\":{},\"last\":", topic.size);
        match json::tree(&topic.last, 0) {
            Ok(tree) if !topic.cut => tree.write_json(out),
            _ => write_json_string(&String::from_utf8_lossy(&topic.last), out),
        }
        if topic.cut {
            out.push_str(",\"cut\":true");
        }
    }
    if let Some(hint) = &topic.hint {
        out.push_str(",\"hint\":");
        write_json_string(hint, out);
    }
    out.push('}');
}

fn present(clients: &Clients) -> impl Iterator<Item = &Client> {
    clients.rows.iter().filter(|client| client.gone.is_none())
}

fn write_clients(clients: &Clients, out: &mut String) {
    let _ = write!(
        out,
        ",\"clients\":{{\"present\":{},\"arrived\":{},\"left\":{}",
        present(clients).count() as u64 + clients.forgotten,
        clients.arrived,
        clients.left
    );
    if clients.missing_self {
        out.push_str(",\"missing_self\":true");
    }
    if let Some(error) = &clients.error {
        out.push_str(",\"error\":");
        write_json_string(error, out);
    }
    out.push_str(",\"list\":[");
    for (index, client) in present(clients).take(TOLD_MAX).enumerate() {
        out.push_str(if index > 0 { ",{" } else { "{" });
        let members = [
            ("id", &client.id),
            ("name", &client.name),
            ("type", &client.kind),
            ("url", &client.url),
        ];
        for (index, (name, value)) in members.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(out, "{comma}\"{name}\":");
            write_json_string(value, out);
        }
        if client.own {
            out.push_str(",\"own\":true");
        }
        out.push('}');
    }
    out.push_str("]}");
}
