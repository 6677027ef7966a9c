//! Answers to the upgrade that are no 101, in this server's own terms.

use super::Settings;
use crate::frame::Opening;
use crate::protocol::url;

/// The one path the server upgrades on.
const PATH: &str = "/api/v1/events";

/// What the answer means; `None` where HTTP's own words say it.
pub(super) fn explain(settings: &Settings, answer: &Opening) -> Option<String> {
    let path = url::path(&answer.url);
    let origin = settings
        .identity
        .as_ref()
        .and_then(|ours| ours.origin.as_deref());
    Some(match answer.status {
        400 => "A Raccoon server answers 400 when headers of the upgrade are missing or changed: look for a proxy in between that does not pass Connection and Upgrade on".to_owned(),
        401 | 407 => "A Raccoon server has no authentication: this comes from a gateway in front of it".to_owned(),
        403 => match origin {
            Some(origin) => format!(
                "A Raccoon server refuses an Origin whose host and port are not those of the Host header, CORS settings notwithstanding, and {origin:?} was sent: leave the header out, match it, or set SERVER_WEBSOCKET_CHECK_ORIGIN=false"
            ),
            None => "A Raccoon server answers 403 only to an Origin that does not match, and none was sent: this comes from a proxy or gateway in front of it".to_owned(),
        },
        404 if path == PATH => "A Raccoon server does upgrade on this path, so something else answered: is the port right (8080 for WebSocket and REST)?".to_owned(),
        404 => format!(
            "A Raccoon server upgrades on {PATH} alone, in this letter case and without a slash at the end; this was {path}"
        ),
        405 => format!(
            "A Raccoon server takes GET for an upgrade on {PATH}: something in between changed the method"
        ),
        301 | 308 => format!("A Raccoon server redirects paths with doubled slashes; dial {PATH}"),
        415 => "This is Raccoon's gRPC port (8081 by default); WebSocket is on 8080".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    fn answered(status: u16, path: &str, origin: Option<&str>) -> Option<String> {
        let settings = Settings {
            identity: Some(Identity {
                origin: origin.map(str::to_owned),
                ..Identity::default()
            }),
            ..Settings::default()
        };
        let opening = Opening {
            url: format!("ws://h:8080{path}"),
            status,
            ..Opening::default()
        };
        explain(&settings, &opening)
    }

    #[test]
    fn http_403_on_upgrade_is_an_origin_mismatch() {
        let text = answered(403, PATH, Some("http://app")).unwrap();
        assert!(text.contains("\"http://app\" was sent"), "{text}");
        let text = answered(403, PATH, None).unwrap();
        assert!(text.contains("none was sent"), "{text}");
    }

    #[test]
    fn the_other_statuses_name_what_to_change() {
        for (status, path, part) in [
            (400, PATH, "Connection and Upgrade"),
            (401, PATH, "gateway"),
            (404, "/api/v1/events/", "without a slash"),
            (404, PATH, "is the port right"),
            (405, PATH, "changed the method"),
            (301, "//api/v1/events", "doubled slashes"),
            (415, PATH, "gRPC port"),
        ] {
            let text = answered(status, path, None).unwrap();
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(answered(503, PATH, None), None);
    }
}
