//! How to converse with a `WebSocketMQ` broker, on a command line.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;

use crate::duration;
use crate::nearest;
use crate::protocol::websocketmq::{Dialect, Generation, Responder, Settings, Speak};

/// Query parameter a broker of generation 2 takes for the connection's identity.
const CLIENT_ID: &str = "client_id";

/// How to converse with a `WebSocketMQ` broker. Topics and answers stand before those of the
/// profile; everything else replaces the profile's.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "WebSocketMQ")]
pub struct BrokerFlags {
    /// Wire format: auto (seen from what comes), probe (asks the broker), or 1.0 … 1.3, 2.0 … 2.3.
    #[arg(long, value_name = "auto|probe|N", value_parser = speak)]
    pub generation: Option<Speak>,
    /// Identity of the connection (generation 2), at least 8 bytes; goes into the URL. Two
    /// connections with one id disturb each other.
    #[arg(long, value_name = "ID", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub client_id: Option<String>,
    /// Name given in the registration.
    #[arg(long, value_name = "NAME")]
    pub client_name: Option<String>,
    /// Type given in the registration.
    #[arg(long, value_name = "TYPE")]
    pub client_type: Option<String>,
    /// Page session id given in the registration (generation 1).
    #[arg(long, value_name = "ID")]
    pub page_session_id: Option<String>,
    /// Topic to subscribe to on every opening; exact, there are no patterns; may be given again.
    #[arg(long, value_name = "TOPIC", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub subscribe: Vec<String>,
    /// Answer to calls of the broker on that topic (exact, or with * and ?), without =JSON a
    /// success without a payload; may be given again, the first that fits counts.
    #[arg(long, value_name = "TOPIC=JSON", value_parser = responder)]
    pub respond: Vec<Responder>,
    /// Keep calls nothing answers for an answer by hand, instead of refusing them at once.
    #[arg(long)]
    pub hold_calls: bool,
    /// Ask for the broker's clients that often, to see who comes and goes; 0 for once only.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub clients_every: Option<Duration>,
    /// Do not register, and ask for nothing: the connection is usable all the same.
    #[arg(long)]
    pub no_register: bool,
}

impl BrokerFlags {
    /// The first flag that is given.
    #[must_use]
    pub fn given(&self) -> Option<&'static str> {
        [
            ("--generation", self.generation.is_some()),
            ("--client-id", self.client_id.is_some()),
            ("--client-name", self.client_name.is_some()),
            ("--client-type", self.client_type.is_some()),
            ("--page-session-id", self.page_session_id.is_some()),
            ("--subscribe", !self.subscribe.is_empty()),
            ("--respond", !self.respond.is_empty()),
            ("--hold-calls", self.hold_calls),
            ("--clients-every", self.clients_every.is_some()),
            ("--no-register", self.no_register),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }

    /// The profile's settings with these in place of theirs. Fails if a flag means nothing in the
    /// generation told.
    pub fn over(&self, profile: Settings) -> Result<Settings, String> {
        let mut settings = profile;
        if let Some(speak) = self.generation {
            settings.generation = speak;
        }
        let told = match settings.generation {
            Speak::Told(dialect) => Some(dialect),
            Speak::Auto | Speak::Probe => None,
        };
        if let (Some(dialect), Some(_)) = (told, &self.client_id)
            && dialect.generation() == Generation::One
        {
            return Err(format!(
                "--client-id is for generation 2, and generation {} is to be spoken: there the broker makes the id, and a page is told by --page-session-id",
                dialect.name()
            ));
        }
        for (given, kept) in [
            (&self.client_name, &mut settings.client_name),
            (&self.client_type, &mut settings.client_type),
            (&self.page_session_id, &mut settings.page_session_id),
        ] {
            if let Some(given) = given {
                kept.clone_from(given);
            }
        }
        let mut topics = self.subscribe.clone();
        topics.append(&mut settings.subscribe);
        settings.subscribe = topics;
        let mut responders = self.respond.clone();
        responders.append(&mut settings.responders);
        settings.responders = responders;
        settings.hold_calls |= self.hold_calls;
        settings.clients_every = self.clients_every.unwrap_or(settings.clients_every);
        settings.register &= !self.no_register;
        Ok(settings)
    }

    /// The URL with `--client-id` in its query, in place of the one that is there.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        self.client_id
            .as_deref()
            .map_or_else(|| url.to_owned(), |id| with_client_id(url, id))
    }

    /// The same on a command line, but for `--client-id`: what is written is for another
    /// connection, and two with one id disturb each other.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut add = |flag: &str, value: &str| out.extend([flag.to_owned(), value.to_owned()]);
        if let Some(speak) = self.generation {
            add("--generation", speak_name(speak));
        }
        for (flag, value) in [
            ("--client-name", &self.client_name),
            ("--client-type", &self.client_type),
            ("--page-session-id", &self.page_session_id),
        ] {
            if let Some(value) = value {
                add(flag, value);
            }
        }
        for topic in &self.subscribe {
            add("--subscribe", topic);
        }
        for responder in &self.respond {
            let topic = &responder.topic;
            match &responder.reply {
                Some(reply) => add("--respond", &format!("{topic}={reply}")),
                None => add("--respond", topic),
            }
        }
        if let Some(every) = self.clients_every {
            add("--clients-every", &duration::show(every));
        }
        for (flag, given) in [
            ("--hold-calls", self.hold_calls),
            ("--no-register", self.no_register),
        ] {
            if given {
                out.push(flag.to_owned());
            }
        }
        out
    }
}

fn speak_name(speak: Speak) -> &'static str {
    match speak {
        Speak::Auto => "auto",
        Speak::Probe => "probe",
        Speak::Told(dialect) => dialect.name(),
    }
}

fn speak(text: &str) -> Result<Speak, String> {
    Speak::from_name(text).ok_or_else(|| {
        let known = Dialect::ALL.map(Dialect::name);
        let words = ["auto", "probe"].into_iter().chain(known);
        nearest::one(text, words.clone()).map_or_else(
            || format!("known are {}", words.collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        )
    })
}

/// `TOPIC=JSON`.
fn responder(text: &str) -> Result<Responder, String> {
    Responder::parse(text).map_err(|error| error.to_string())
}

/// Puts an id into a URL's query; the other parameters stay as they are spelled.
fn with_client_id(url: &str, id: &str) -> String {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let is_other = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && name != CLIENT_ID
    };
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(is_other)
        .map(str::to_owned)
        .collect();
    pairs.push(format!("{CLIENT_ID}={}", encode(id)));
    format!("{before}?{}", pairs.join("&"))
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: BrokerFlags,
    }

    fn flags(words: &[&str]) -> Result<BrokerFlags, String> {
        let line = Line::try_parse_from([&["test"], words].concat());
        line.map(|line| line.flags)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        let words = [
            "--generation",
            "1.3",
            "--client-name",
            "me",
            "--client-type",
            "cli",
            "--page-session-id",
            "page-1",
            "--subscribe",
            "a",
            "--subscribe",
            "b c",
            "--respond",
            "t={\"a\":\"=\"}",
            "--clients-every",
            "5s",
            "--hold-calls",
            "--no-register",
        ];
        let given = flags(&words).unwrap();
        assert_eq!(given.arguments(), words);
        assert_eq!(given.given(), Some("--generation"));
        assert_eq!(BrokerFlags::default().given(), None);
        assert!(BrokerFlags::default().arguments().is_empty());
    }

    #[test]
    fn an_identity_is_not_given_to_a_second_connection() {
        let given = flags(&["--client-id", "somebody-1"]).unwrap();
        assert_eq!(given.given(), Some("--client-id"));
        assert!(given.arguments().is_empty());
    }

    #[test]
    fn topics_and_answers_stand_before_the_profile_s() {
        let answer = |topic: &str| Responder {
            topic: topic.to_owned(),
            reply: Some("1".to_owned()),
            ..Responder::default()
        };
        let profile = Settings {
            subscribe: vec!["p".to_owned()],
            responders: vec![answer("p")],
            client_name: "profile".to_owned(),
            hold_calls: true,
            ..Settings::default()
        };
        let given = flags(&["--subscribe=f", "--respond=f=1", "--client-type=cli"]).unwrap();
        let over = given.over(profile.clone()).unwrap();
        assert_eq!(over.subscribe, ["f", "p"]);
        assert_eq!(over.responders, [answer("f"), answer("p")]);
        assert_eq!((&*over.client_name, &*over.client_type), ("profile", "cli"));
        assert!(over.hold_calls && over.register);
        assert!(
            !flags(&["--no-register"])
                .unwrap()
                .over(profile)
                .unwrap()
                .register
        );
    }

    #[test]
    fn the_id_goes_into_the_query() {
        for (url, id, expected) in [
            ("ws://h/ws", "abcdefgh", "ws://h/ws?client_id=abcdefgh"),
            (
                "ws://h/ws?",
                "a b&c=d/é",
                "ws://h/ws?client_id=a%20b%26c%3Dd%2F%C3%A9",
            ),
            (
                "ws://h/ws?x=%20&client_id=old&client_id&y",
                "newer-id",
                "ws://h/ws?x=%20&y&client_id=newer-id",
            ),
        ] {
            let given = flags(&["--client-id", id]).unwrap();
            assert_eq!(given.url(url), expected);
        }
        assert_eq!(
            BrokerFlags::default().url("ws://h?client_id=x"),
            "ws://h?client_id=x"
        );
    }

    #[test]
    fn an_id_of_generation_2_means_nothing_in_generation_1() {
        let given = flags(&["--client-id", "somebody-1", "--generation", "1.3"]).unwrap();
        let error = given.over(Settings::default()).unwrap_err();
        assert!(error.contains("--page-session-id"), "{error}");
    }

    #[test]
    fn wrong_values_are_told() {
        for (words, part) in [
            (["--generation", "newest"], "known are auto, probe"),
            (["--generation", "prob"], "did you mean probe?"),
            (["--respond", "=1"], "`topic` must name"),
            (["--respond", "t=text"], "JSON"),
            (["--subscribe", ""], "value is required"),
            (["--clients-every", "often"], "often"),
        ] {
            let error = flags(&words).unwrap_err();
            assert!(error.contains(part), "{words:?}: {error}");
        }
    }
}
