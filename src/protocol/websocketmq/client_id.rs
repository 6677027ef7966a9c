//! The `client_id` of the URL: what is wrong with one, found before anything is dialed.

use super::dialect::{Generation, Speak};
use super::settings::Settings;
use crate::protocol::url;

/// Fewest bytes of a `client_id` the broker of generation 2 survives, once percent-decoded.
pub const CLIENT_ID_MIN: usize = 8;

/// The `client_id` in a URL, percent-decoded; the first of several counts. `None` if there is
/// none, or an empty one, for which the broker makes up an id.
#[must_use]
pub fn client_id(url: &str) -> Option<String> {
    url::query(url, "client_id").filter(|id| !id.is_empty())
}

/// Whether the address is one of a broker by the looks of it: the path is the library's own.
#[must_use]
pub fn is_usual_path(url: &str) -> bool {
    url::path(url) == "/wsmq"
}

/// What is wrong with the length of the `client_id` in `url`, as far as the settings let it
/// matter: generation 1 does not read it, and somebody may want to see what happens.
#[must_use]
pub fn too_short(url: &str, settings: &Settings) -> Option<String> {
    let first = matches!(settings.generation, Speak::Told(dialect) if dialect.generation() == Generation::One);
    if first || settings.allow_short_client_id {
        return None;
    }
    let id = client_id(url).filter(|id| id.len() < CLIENT_ID_MIN)?;
    Some(format!(
        "the client_id {id:?} has {} bytes (percent-decoded), and a broker of generation 2 goes dead on a connection with fewer than {CLIENT_ID_MIN}: it answers 101, then never reads, answers, pings or closes. Choose a longer one, leave it out, or say allow_short_client_id = true under [websocketmq] to see it for yourself",
        id.len()
    ))
}

/// What a second session with the same id at the same host comes to.
#[must_use]
pub fn shared(id: &str, with: &str) -> String {
    format!(
        "the client_id {id:?} is in use by {with} already: the newer connection takes the older one's place (calls and proxied calls go to it), and when the older one ends the broker forgets the id though the newer lives; give each its own"
    )
}

/// Host and port of a URL, in lower case: what ids must be unique at.
#[must_use]
pub fn authority(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::Dialect;
    use super::*;

    #[test]
    fn bytes_are_counted_after_decoding() {
        let settings = Settings::default();
        for (url, short) in [
            ("ws://h/wsmq?client_id=1234567", true),
            ("ws://h/wsmq?client_id=12345678", false),
            ("ws://h/wsmq?client_id=%31%32%33%34%35%36%37", true),
            ("ws://h/wsmq?client_id=%c3%a4%c3%a4%c3%a4%c3%a4", false),
            ("ws://h/wsmq?client_id=", false),
            ("ws://h/wsmq", false),
            ("ws://h/wsmq?client_id=ab&client_id=12345678", true),
        ] {
            assert_eq!(too_short(url, &settings).is_some(), short, "{url}");
        }
    }

    #[test]
    fn it_matters_to_generation_2_and_unless_allowed() {
        let url = "ws://h/wsmq?client_id=abc";
        let told = |dialect| Settings {
            generation: Speak::Told(dialect),
            ..Settings::default()
        };
        assert!(too_short(url, &told(Dialect::G2_3)).is_some());
        assert!(too_short(url, &told(Dialect::G1_3)).is_none());
        let allowed = Settings {
            allow_short_client_id: true,
            ..Settings::default()
        };
        assert!(too_short(url, &allowed).is_none());
    }

    #[test]
    fn hosts_are_compared_without_the_rest() {
        for url in [
            "ws://H:8090/wsmq?client_id=a",
            "ws://user:pw@h:8090",
            "wss://h:8090?x=/",
        ] {
            assert_eq!(authority(url), "h:8090", "{url}");
        }
    }
}
