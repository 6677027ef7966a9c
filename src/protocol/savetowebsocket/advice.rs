//! What filters will not do although they look as if: said while they are typed, before they are
//! sent, and beside the register that carries them.

mod values;

use super::{Filters, vocabulary};
use crate::nearest;

/// Names that stand in guides and in other members of events, and the type they are looked for
/// under; `None` if events of that name have no `type` at all.
const OTHER_NAMES: [(&str, Option<&str>); 12] = [
    ("account_created", None),
    ("account_credited", None),
    ("account_debited", None),
    ("contract_data", None),
    ("contract_event", Some("contract")),
    ("contract_events", Some("contract")),
    ("contract_invocation", None),
    ("event", Some("contract")),
    ("ledger", None),
    ("path_payment", Some("path_payment_strict_send")),
    ("stellar_contract_events", None),
    ("transfer", Some("contract")),
];

/// What a filter does instead of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// No event can match it.
    NeverMatches,
    /// It drops events it should not, those it cannot read.
    FailsClosed,
    /// It lets through events it should not, those it cannot read.
    FailsOpen,
    /// The server never looks at it.
    Ignored,
    /// It can match, but hardly what was meant.
    Suspicious,
}

impl Effect {
    /// The effect in two or three words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeverMatches => "never matches",
            Self::FailsClosed => "fails closed",
            Self::FailsOpen => "fails open",
            Self::Ignored => "ignored",
            Self::Suspicious => "suspicious",
        }
    }
}

/// One thing to know about a filter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The filter's name: `types`, `account_ids`, `asset_codes`, `min_amount` or `custom`.
    pub filter: &'static str,
    /// The value it is about, if it is about one of several.
    pub value: Option<String>,
    /// What happens instead.
    pub effect: Effect,
    /// One sentence, without a full stop.
    pub why: String,
    /// What to write instead.
    pub fix: Option<String>,
}

impl Advice {
    fn new(filter: &'static str, effect: Effect, why: impl Into<String>) -> Self {
        Self {
            filter,
            value: None,
            effect,
            why: why.into(),
            fix: None,
        }
    }

    fn about(mut self, value: &str) -> Self {
        self.value = Some(value.to_owned());
        self
    }

    fn fixed(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Both sentences as one.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.fix {
            Some(fix) => format!("{}: {fix}", self.why),
            None => self.why.clone(),
        }
    }

    /// False for what holds of every filter of its kind and needs no note each time.
    #[must_use]
    pub fn is_remarkable(&self) -> bool {
        self.effect != Effect::FailsOpen
    }
}

/// The members of `filters` the server knows.
const NAMES: [&str; 5] = [
    "types",
    "account_ids",
    "asset_codes",
    "min_amount",
    "custom",
];

/// What becomes of a member of `filters` that the server does not know, as a sentence.
#[must_use]
pub fn unknown(name: &str) -> String {
    let ignored = format!("the server knows no filter `{name}` and ignores it");
    match nearest::one(name, NAMES) {
        Some(near) => format!("{ignored}: did you mean `{near}`?"),
        None => ignored,
    }
}

/// The type that was meant by one no processor emits.
#[must_use]
pub fn meant(kind: &str) -> Option<&'static str> {
    let known = OTHER_NAMES.iter().find(|(name, _)| *name == kind);
    known.map_or_else(
        || nearest::one(kind.trim(), vocabulary::names()),
        |(_, meant)| *meant,
    )
}

/// All there is to say about these filters, filter by filter.
#[must_use]
pub fn advice(filters: &Filters) -> Vec<Advice> {
    let mut all = Vec::new();
    types(filters, &mut all);
    accounts(filters, &mut all);
    assets(filters, &mut all);
    all.extend(values::amount(&filters.min_amount));
    if !filters.min_amount.is_empty() {
        all.push(
            Advice::new(
                "min_amount",
                Effect::Ignored,
                "min_amount is echoed but never compared with anything",
            )
            .about(&filters.min_amount)
            .fixed("filter here, by the documented meaning"),
        );
    }
    if filters.custom.is_some() {
        let why = "custom is echoed but never evaluated, and the guide gives it no meaning";
        all.push(Advice::new("custom", Effect::Ignored, why));
    }
    all
}

fn types(filters: &Filters, all: &mut Vec<Advice>) {
    if filters.types.is_empty() {
        return;
    }
    for kind in &filters.types {
        all.extend(unemitted(kind).map(|advice| advice.about(kind)));
    }
    all.push(Advice::new(
        "types",
        Effect::FailsOpen,
        "events without a string `type` (effects, ledgers, invocations, order books) come whatever types says",
    ));
}

fn unemitted(kind: &str) -> Option<Advice> {
    if vocabulary::names().any(|name| name == kind) {
        return None;
    }
    if kind.is_empty() {
        let why = "an empty type matches only events whose `type` is empty, which AccountTransaction alone emits";
        return Some(Advice::new("types", Effect::Suspicious, why).fixed("leave it out"));
    }
    let why = format!("no known processor emits the type `{kind}`");
    let advice = Advice::new("types", Effect::NeverMatches, why);
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == kind);
    Some(match (other, meant(kind)) {
        (Some(_), None) => advice.fixed("such events have no `type`: leave types empty"),
        (_, Some(meant)) if meant.eq_ignore_ascii_case(kind) => {
            advice.fixed(format!("letter case counts, write `{meant}`"))
        }
        (_, Some(meant)) if meant == kind.trim() => {
            advice.fixed(format!("without white space: `{meant}`"))
        }
        (Some(_), Some(meant)) => advice.fixed(format!("such events say `{meant}`")),
        (None, Some(meant)) => advice.fixed(format!("did you mean `{meant}`?")),
        (None, None) => advice,
    })
}

fn accounts(filters: &Filters, all: &mut Vec<Advice>) {
    let Filters {
        types, account_ids, ..
    } = filters;
    if account_ids.is_empty() {
        return;
    }
    all.extend(account_ids.iter().filter_map(|id| values::account(id)));
    if account_ids.iter().any(String::is_empty) {
        let why = "an empty account matches events whose seller is not named, which is very common";
        let advice = Advice::new("account_ids", Effect::Suspicious, why);
        all.push(advice.about("").fixed("leave it out"));
    }
    if !types.is_empty() && !types.iter().any(|kind| kind == "payment") {
        let why = "account_ids lets through payments only, and types does not: together they let nothing through";
        let advice = Advice::new("account_ids", Effect::NeverMatches, why);
        all.push(
            advice.fixed("leave account_ids empty and filter here, by the documented meaning"),
        );
        return;
    }
    all.push(
        Advice::new(
            "account_ids",
            Effect::FailsClosed,
            "account_ids drops every event without buyer_account_id or seller_account_id, whatever other accounts it names",
        )
        .fixed("only FilterPayments and BlankProcessor emit these; for others filter here, by the documented meaning"),
    );
}

fn assets(filters: &Filters, all: &mut Vec<Advice>) {
    if filters.asset_codes.is_empty() {
        return;
    }
    for code in &filters.asset_codes {
        let advice = |effect, why: String| Advice::new("asset_codes", effect, why).about(code);
        if let Some(wrong) = values::asset(code) {
            all.push(wrong);
        } else if code == "XLM" {
            let why = "payments in lumens carry the asset code `native`, not `XLM`";
            all.push(advice(Effect::Suspicious, why.to_owned()).fixed("write `native`"));
        } else if code != "native" && !code.contains(':') {
            let why = format!(
                "asset code `{code}` has no issuer: payments carry CODE:ISSUER and are compared as a whole"
            );
            all.push(advice(Effect::Suspicious, why).fixed(format!("write `{code}:G…`")));
        }
    }
    all.push(Advice::new(
        "asset_codes",
        Effect::FailsOpen,
        "events without a string `asset_code` (trades, ticker assets, contract events, ledgers) come whatever asset_codes says",
    ));
}

#[cfg(test)]
mod tests;
