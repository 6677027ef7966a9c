//! Who the connection says it is, and what the upgrade asked for besides.
//!
//! The server reads the id from a header whose name is its own setting; there is no default, and
//! the documentation's example is `X-User-ID`. A second connection with the same id (and group)
//! is turned away, so an inspector must not come with a real user's id.

use super::Settings;
use crate::frame::Opening;
use crate::protocol::{Fact, Outbox};

/// Ids that contain this are plainly not a user's.
pub const MARK: &str = "wspect";
/// Longest id shown, bytes.
const SHOWN: usize = 120;

/// What the upgrade request says of us. Filled in by whoever dials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Value of the id header, if it is sent.
    pub id: Option<String>,
    /// Value of the group header, if it is sent.
    pub group: Option<String>,
    /// Value of `Origin`, if it is sent.
    pub origin: Option<String>,
    /// True if subprotocols are asked for.
    pub subprotocols: bool,
}

impl Identity {
    /// Reads it from the headers of the request; the first of a name counts, as for the server.
    #[must_use]
    pub fn of(headers: &[(String, String)], subprotocols: bool, settings: &Settings) -> Self {
        let value = |name: &str| {
            let mut named = headers
                .iter()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name));
            Some(named.next()?.1.trim().to_owned())
        };
        Self {
            id: value(&settings.id_header),
            group: value(&settings.group_header),
            origin: value("Origin"),
            subprotocols,
        }
    }
}

/// What is worth telling once of the identity.
pub(super) fn warning(settings: &Settings) -> Option<String> {
    let header = &settings.id_header;
    match settings.identity.as_ref()?.id.as_deref() {
        None => Some(format!(
            "no {header} header was sent: for the server the id is empty, which works for one connection of a group and blocks every other without an id; set the header, or name the server's own with raccoon.id_header"
        )),
        Some("") => Some(format!(
            "the {header} header is empty: that works for one connection of a group and blocks every other without an id; give it a unique value"
        )),
        Some(id) if !id.to_ascii_lowercase().contains(MARK) => Some(format!(
            "the id in {header} is not marked as wspect's: while this connection lives, whoever else comes with {} is turned away; use an id with {MARK:?} in it unless that is meant",
            shown(id)
        )),
        Some(_) => None,
    }
}

/// What a Raccoon server would not have answered to the upgrade.
pub(super) fn odd_upgrade(settings: &Settings, opening: &Opening, out: &mut Outbox) {
    if let Some(subprotocol) = &opening.subprotocol {
        out.note(format!(
            "the subprotocol {subprotocol:?} was granted, and a Raccoon server never grants one: something else answered"
        ));
    } else if settings
        .identity
        .as_ref()
        .is_some_and(|ours| ours.subprotocols)
    {
        out.note("a subprotocol was asked for and not granted: a Raccoon server never grants one, and a strict client library may abort for that; ask for none");
    }
    if let Some(extensions) = opening.header("Sec-WebSocket-Extensions") {
        let extensions = extensions.to_owned();
        out.note(format!(
            "the extension {extensions:?} was granted, and a Raccoon server never grants one: a proxy or something else answered"
        ));
    }
}

pub(super) fn facts(settings: &Settings, facts: &mut Vec<Fact>) {
    let Some(identity) = &settings.identity else {
        return;
    };
    let header = &settings.id_header;
    let (text, warning) = match identity.id.as_deref() {
        None => (format!("none: no {header} header"), true),
        Some("") => (format!("empty: {header} has no value"), true),
        Some(id) if id.to_ascii_lowercase().contains(MARK) => {
            (format!("{header}: {}", shown(id)), false)
        }
        Some(id) => (
            format!("{header}: {}, not marked as wspect's", shown(id)),
            true,
        ),
    };
    facts.push(Fact::new("identity", "id", text).warning(warning));
    let group = match (settings.group_header.as_str(), identity.group.as_deref()) {
        ("", _) => "the server's default (raccoon.group_header names no header)".to_owned(),
        (header, None | Some("")) => format!("the server's default: {header} has no value"),
        (header, Some(group)) => format!("{header}: {}", shown(group)),
    };
    facts.push(Fact::new("identity", "group", group));
}

/// The start of a text somebody else may have chosen.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(headers: &[(&str, &str)]) -> Settings {
        let mut settings = Settings {
            group_header: "X-User-Group".to_owned(),
            ..Settings::default()
        };
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        settings.identity = Some(Identity::of(&headers, false, &settings));
        settings
    }

    #[test]
    fn the_first_header_of_the_name_counts_without_blanks() {
        let settings = with(&[("x-user-id", " wspect-1 "), ("X-User-ID", "other")]);
        let identity = settings.identity.as_ref().unwrap();
        assert_eq!(identity.id.as_deref(), Some("wspect-1"));
        assert_eq!(warning(&settings), None);
    }

    #[test]
    fn an_id_that_is_missing_empty_or_unmarked_is_warned_of() {
        for (settings, part) in [
            (with(&[]), "no X-User-ID header"),
            (with(&[("X-User-ID", " ")]), "is empty"),
            (with(&[("X-User-ID", "user-1")]), "user-1 is turned away"),
        ] {
            let text = warning(&settings).unwrap();
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(warning(&Settings::default()), None, "nothing is known");
    }

    #[test]
    fn client_library_asks_for_a_subprotocol_or_compression_which_is_never_granted() {
        let mut settings = with(&[]);
        settings.identity.as_mut().unwrap().subprotocols = true;
        let mut out = Outbox::default();
        odd_upgrade(&settings, &Opening::default(), &mut out);
        assert!(out.notes[0].0.contains("strict client library"), "{out:?}");
        let granted = Opening {
            subprotocol: Some("v1".to_owned()),
            headers: vec![(
                "sec-websocket-extensions".to_owned(),
                "permessage-deflate".to_owned(),
            )],
            ..Opening::default()
        };
        let mut out = Outbox::default();
        odd_upgrade(&settings, &granted, &mut out);
        assert_eq!(out.notes.len(), 2);
    }

    #[test]
    fn the_group_is_told_with_its_header() {
        let mut all = Vec::new();
        facts(
            &with(&[("X-User-Group", "blue"), ("X-User-ID", "wspect")]),
            &mut all,
        );
        assert_eq!(all[1].value, "X-User-Group: blue");
        assert!(!all[0].warning);
    }
}
