//! What can only be a mistake about topics that match exactly.

use std::borrow::Cow;

use super::Topics;

/// Bytes of a name within a sentence.
const SHORT: usize = 80;

impl Topics {
    /// Why nothing may ever come on a topic that is being subscribed to.
    pub(super) fn mistaken(&self, topic: &str) -> Option<String> {
        if topic.contains(['*', '#', '>']) {
            return Some(format!(
                "topics match exactly, there are no patterns: only messages on a topic spelled `{}` will come",
                short(topic)
            ));
        }
        if topic.trim() != topic {
            return Some(
                "topics match exactly, and this one has blanks at its ends: nothing on the topic without them will come"
                    .to_owned(),
            );
        }
        self.lookalike(topic)
    }

    /// Another known topic that differs in nothing a person would notice.
    pub(super) fn lookalike(&self, topic: &str) -> Option<String> {
        let plain = topic.trim();
        let alike = self.rows.iter().find(|row| {
            let other = row.name.trim();
            *row.name != *topic && other.eq_ignore_ascii_case(plain)
        })?;
        let how = if alike.name.trim() == plain {
            "blanks"
        } else {
            "letter case"
        };
        Some(format!(
            "topics match exactly: `{}` is known here too and differs in {how} alone",
            short(&alike.name)
        ))
    }
}

/// A topic within a sentence.
pub(super) fn short(topic: &str) -> Cow<'_, str> {
    if topic.len() <= SHORT {
        return Cow::Borrowed(topic);
    }
    Cow::Owned(format!("{}…", &topic[..topic.floor_char_boundary(SHORT)]))
}
