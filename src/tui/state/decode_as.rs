//! The choice of what events of one type are decoded as.

use prost_reflect::MessageDescriptor;

use crate::schema::{Fit, Plain, Schema, json, wire};
use crate::session::SessionId;

use super::line::LineEdit;

/// The choice, while it is open. Made for the event the cursor is on, dropped when it is made or
/// left.
#[derive(Clone, Debug)]
pub struct DecodeAs {
    /// Whose events.
    pub session: SessionId,
    /// Their type.
    pub event_type: String,
    /// How they are read now: `demo.PageEvent (glob page*)`.
    pub now: String,
    /// What was typed to find a message.
    pub line: LineEdit,
    /// Which of the fitting offers is selected.
    pub selected: usize,
    /// The name of the profile to save to, while it is asked for.
    pub naming: Option<LineEdit>,
    offers: Vec<Offer>,
}

/// Something the type can be decoded as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// As a rule has it: a message's full name, `json`, `schemaless`, `raw`.
    pub word: String,
    /// As it is shown.
    pub title: String,
    /// How well the events at hand fit.
    pub remark: String,
    /// Whether that is good.
    pub verdict: Verdict,
    rank: (u8, bool, std::cmp::Reverse<usize>),
}

/// How well payloads fit an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Fits,
    /// Something is left over.
    Partly,
    /// It cannot be that.
    Misfit,
}

impl DecodeAs {
    /// The choice for `event_type`, with the best guesses for these payloads of it first.
    #[must_use]
    pub fn new(
        session: SessionId,
        event_type: String,
        schema: &Schema,
        payloads: &[Vec<u8>],
    ) -> Self {
        let rule = schema.rule_for(&event_type);
        let now = rule.map_or_else(
            || "no rule, guessed".to_owned(),
            |rule| format!("{} ({})", rule.reading().title(), rule.by()),
        );
        let mut offers = Vec::new();
        offers.extend(Plain::ALL.map(|plain| Offer::plain(plain, payloads)));
        let messages = schema.pool().all_messages();
        for message in messages.filter(|message| !message.is_map_entry()) {
            offers.push(Offer::message(schema, &message, &event_type, payloads));
        }
        offers.sort_by(|a, b| a.rank.cmp(&b.rank).then_with(|| a.word.cmp(&b.word)));
        Self {
            session,
            event_type,
            now,
            line: LineEdit::default(),
            selected: 0,
            naming: None,
            offers,
        }
    }

    /// The offers that fit what was typed.
    #[must_use]
    pub fn offers(&self) -> Vec<&Offer> {
        let wanted = self.line.text().trim().to_lowercase();
        let fits = |offer: &&Offer| offer.title.to_lowercase().contains(&wanted);
        self.offers.iter().filter(fits).collect()
    }

    /// The line that typed characters go to.
    pub fn line_mut(&mut self) -> &mut LineEdit {
        self.naming.as_mut().unwrap_or(&mut self.line)
    }

    /// The selected offer.
    #[must_use]
    pub fn chosen(&self) -> Option<&Offer> {
        self.offers().get(self.selected).copied()
    }
}

impl Offer {
    fn plain(plain: Plain, payloads: &[Vec<u8>]) -> Self {
        let (rank, verdict, remark) = match plain {
            Plain::Json => match payloads.iter().find_map(|bytes| json::tree(bytes, 0).err()) {
                _ if payloads.is_empty() => (3, Verdict::Partly, "text of its own".to_owned()),
                None => (0, Verdict::Fits, "fits".to_owned()),
                Some(error) => (6, Verdict::Misfit, error.to_string()),
            },
            Plain::Schemaless => {
                if payloads.iter().all(|bytes| wire::tree(bytes, 0).is_some()) {
                    let remark = "protobuf by its tags alone".to_owned();
                    (3, Verdict::Partly, remark)
                } else {
                    (6, Verdict::Misfit, "not protobuf".to_owned())
                }
            }
            Plain::Raw => (4, Verdict::Partly, "the bytes as they are".to_owned()),
        };
        Self {
            word: plain.word().to_owned(),
            title: plain.title().to_owned(),
            remark,
            verdict,
            rank: (rank, false, std::cmp::Reverse(0)),
        }
    }

    fn message(
        schema: &Schema,
        message: &MessageDescriptor,
        event_type: &str,
        payloads: &[Vec<u8>],
    ) -> Self {
        let mut fit = Fit::default();
        for payload in payloads {
            let one = schema.fit(message, payload);
            fit.known += one.known;
            fit.unknown += one.unknown;
            fit.broken = fit.broken.or(one.broken);
        }
        let fields = |count: usize| match count {
            1 => "1 field".to_owned(),
            _ => format!("{count} fields"),
        };
        let (rank, verdict, remark) = match &fit.broken {
            Some(error) => (6, Verdict::Misfit, error.to_string()),
            None if fit.known == 0 && fit.unknown == 0 => {
                (2, Verdict::Partly, "no payload to try it on".to_owned())
            }
            None if fit.known == 0 => (5, Verdict::Misfit, "no field in common".to_owned()),
            None if fit.unknown == 0 => (1, Verdict::Fits, format!("fits: {}", fields(fit.known))),
            None => {
                let (known, unknown) = (fields(fit.known), fit.unknown);
                (2, Verdict::Partly, format!("{known}, {unknown} unknown"))
            }
        };
        let word = message.full_name().to_owned();
        // Contracts that are always there are hardly ever what an event is.
        let is_contract = ["google.protobuf.", "raystack.raccoon."]
            .iter()
            .any(|package| word.starts_with(package));
        let unlike = !is_like(message.name(), event_type);
        let rank = rank + u8::from(is_contract && rank < 3);
        Self {
            title: word.clone(),
            word,
            remark,
            verdict,
            rank: (rank, unlike, std::cmp::Reverse(fit.known)),
        }
    }
}

/// True if a message's name and an event type have to do with one another: `PageEvent` and
/// `page-view`.
fn is_like(message: &str, event_type: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_lowercase()
    };
    let (message, event_type) = (plain(message), plain(event_type));
    let stem = message
        .trim_end_matches("event")
        .trim_end_matches("message");
    !stem.is_empty()
        && !event_type.is_empty()
        && (event_type.contains(stem) || message.contains(&event_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(event_type: &str, payload: &[u8]) -> Vec<String> {
        let session = SessionId(1);
        let payloads = [payload.to_vec()];
        let choice = DecodeAs::new(session, event_type.to_owned(), Schema::demo(), &payloads);
        let offers = choice.offers();
        offers.iter().map(|offer| offer.title.clone()).collect()
    }

    #[test]
    fn what_fits_comes_first_and_what_is_named_alike_before_it() {
        // Field 1 is a text in most of the demo's messages.
        let first = |kind| order(kind, b"\x0a\x05/home").remove(0);
        assert_eq!(first("page-view"), "demo.PageEvent");
        assert_eq!(first("click"), "demo.ClickEvent");
        assert_eq!(order("page", b"{\"url\":\"/\"}").remove(0), "json");
    }

    #[test]
    fn bytes_that_are_nothing_known_are_raw_first() {
        assert_eq!(order("blob", b"\xff\xff\xff").remove(0), "raw");
    }

    #[test]
    fn typing_narrows_the_offers() {
        let mut choice = DecodeAs::new(SessionId(1), "x".to_owned(), Schema::demo(), &[]);
        let all = choice.offers().len();
        choice.line = LineEdit::new("PURCH");
        assert_eq!(choice.chosen().unwrap().word, "demo.PurchaseEvent");
        assert!(choice.offers().len() < all);
    }
}
