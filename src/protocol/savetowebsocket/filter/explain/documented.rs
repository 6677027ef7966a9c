//! The guide's verdict in words.

use super::super::super::{Amount, Columns, Named, Unit};
use super::super::documented::Minimum;
use super::super::{Reasoner, Step};
use super::{Verdict, fix, quoted};

/// Most members a sentence lists.
const LISTED: usize = 6;

pub(super) fn verdict(reasoner: &Reasoner, step: Step, columns: &Columns<'_>) -> Verdict {
    let mut verdict = match step {
        Step::Unfiltered | Step::NoEvent => {
            Verdict::passed("no filter is set, so everything comes")
        }
        Step::Type => kind(reasoner, columns),
        Step::Accounts => accounts(reasoner, columns),
        Step::Asset => asset(reasoner, columns),
        Step::Amount => amount(reasoner, columns),
        Step::Matched { .. } => matched(reasoner, columns),
    };
    if reasoner.filters().custom.is_some() {
        verdict
            .why
            .push_str("; custom is not in the guide and decides nothing");
    }
    verdict
}

fn missing(filter: &'static str, what: &str) -> String {
    format!("the event has no {what}, so {filter} cannot match, and every filter that is set must")
}

fn kind(reasoner: &Reasoner, columns: &Columns<'_>) -> Verdict {
    let Some(kind) = columns.kind.as_deref() else {
        return Verdict::dropped("types", missing("types", "string `type`"))
            .at("type", None::<String>)
            .fixed("leave types empty: no type can match this event".to_owned());
    };
    let why = format!("`type` is {}, which is not in types", quoted(kind));
    Verdict::dropped("types", why)
        .at("type", Some(kind))
        .fixed(fix::kind(kind, &reasoner.filters().types))
}

/// `path` `text`, … of all members looked at.
fn tell(all: &[&Named<'_>]) -> String {
    let mut told: Vec<String> = all
        .iter()
        .take(LISTED)
        .map(|named| format!("`{}` {}", named.field, quoted(&named.text)))
        .collect();
    if all.len() > LISTED {
        told.push(format!("{} more", all.len() - LISTED));
    }
    told.join(", ")
}

fn join<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.take(LISTED).collect::<Vec<_>>().join(", ")
}

/// A verdict that drops because none of `all` is listed.
fn unlisted(filter: &'static str, what: &str, all: &[&Named<'_>]) -> Verdict {
    if all.is_empty() {
        return Verdict::dropped(filter, missing(filter, what));
    }
    let why = match all {
        [only] => format!("{} is not in {filter}", tell(&[*only])),
        all => format!("none of {} is in {filter}", tell(all)),
    };
    Verdict::dropped(filter, why).at(
        join(all.iter().map(|named| &*named.field)),
        Some(join(all.iter().map(|named| &*named.text))),
    )
}

fn accounts(reasoner: &Reasoner, columns: &Columns<'_>) -> Verdict {
    let all: Vec<&Named<'_>> = columns.accounts.iter().collect();
    let list = &reasoner.filters().account_ids;
    let slip = all.iter().find_map(|named| fix::slip(&named.text, list));
    let add = || {
        let named = all.iter().find(|named| !named.text.is_empty())?;
        Some(format!("add {} to account_ids", quoted(&named.text)))
    };
    let fix = slip.or_else(add);
    unlisted("account_ids", "member that names an account", &all).fixed(fix)
}

fn asset(reasoner: &Reasoner, columns: &Columns<'_>) -> Verdict {
    let all: Vec<&Named<'_>> = columns.assets.iter().collect();
    let list = &reasoner.filters().asset_codes;
    let fix = all
        .iter()
        .find(|named| !named.text.is_empty())
        .map(|named| fix::asset(&named.text, list));
    unlisted("asset_codes", "member that names an asset", &all).fixed(fix)
}

fn told(amount: &Amount<'_>) -> String {
    let unit = match amount.unit {
        Unit::Units => "",
        Unit::Stroops => " stroops",
        Unit::Token => " of the token's smallest units, of which 10,000,000 are taken to make one",
        Unit::Unknown => ", of no known unit and taken as whole ones",
    };
    format!("`{}` is {}{unit}", amount.field, quoted(&amount.text))
}

fn amount(reasoner: &Reasoner, columns: &Columns<'_>) -> Verdict {
    let minimum = &reasoner.filters().min_amount;
    if *reasoner.wanted.minimum() == Minimum::NoNumber {
        let why = format!(
            "min_amount is {}, which is no decimal number: nothing can reach it",
            quoted(minimum)
        );
        return Verdict::dropped("min_amount", why)
            .fixed("write a number like `100` or `0.5`".to_owned());
    }
    let all = &columns.amounts;
    if all.is_empty() {
        return Verdict::dropped("min_amount", missing("min_amount", "amount"));
    }
    let figures: Vec<String> = all.iter().take(LISTED).map(told).collect();
    let why = format!("{}: less than min_amount {minimum}", figures.join(", "));
    Verdict::dropped("min_amount", why).at(
        join(all.iter().map(|amount| amount.field)),
        Some(join(all.iter().map(|amount| &*amount.text))),
    )
}

fn matched(reasoner: &Reasoner, columns: &Columns<'_>) -> Verdict {
    let mut verdict = Verdict::passed("every filter that is set matches");
    let mut matches = Vec::new();
    if let Some(kind) = columns
        .kind
        .as_deref()
        .filter(|_| !reasoner.filters().types.is_empty())
    {
        matches.push(format!("`type` is {}", quoted(kind)));
        verdict = verdict.by("types").at("type", Some(kind));
    }
    let named = [
        ("account_ids", reasoner.wanted.account(columns)),
        ("asset_codes", reasoner.wanted.asset(columns)),
    ];
    for (filter, named) in named {
        if let Some(named) = named {
            matches.push(format!("`{}` is {}", named.field, quoted(&named.text)));
            verdict = verdict.by(filter).at(&*named.field, Some(&*named.text));
        }
    }
    if let Some(amount) = reasoner.wanted.amount(columns) {
        matches.push(format!(
            "{}, not less than min_amount {}",
            told(amount),
            reasoner.filters().min_amount
        ));
        verdict = verdict
            .by("min_amount")
            .at(amount.field, Some(&*amount.text));
    }
    if !matches.is_empty() {
        verdict.why = matches.join(", ");
    }
    verdict
}
