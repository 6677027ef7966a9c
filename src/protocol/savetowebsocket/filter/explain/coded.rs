//! The server's own verdict in words.

use super::super::super::Columns;
use super::super::coded::Found;
use super::super::{Facts, Reasoner, Step};
use super::{Verdict, fix, quoted};

const ACCOUNT_FIELDS: &str = "buyer_account_id, seller_account_id";

pub(super) fn verdict(reasoner: &Reasoner, facts: &Facts<'_>, columns: &Columns<'_>) -> Verdict {
    match reasoner.coded(facts) {
        Step::Unfiltered => unfiltered(reasoner),
        Step::Type => kind(reasoner, facts),
        Step::Accounts => accounts(reasoner, facts, columns),
        Step::Asset => asset(reasoner, facts),
        Step::Matched {
            type_unread: true, ..
        } => unread("types", "type", &facts.kind),
        Step::Matched {
            asset_unread: true, ..
        } => unread("asset_codes", "asset_code", &facts.asset),
        // As coded neither decides: the bytes were an event, and amounts are never read.
        Step::Matched { .. } | Step::NoEvent | Step::Amount => matched(reasoner, facts),
    }
}

fn unfiltered(reasoner: &Reasoner) -> Verdict {
    let filters = reasoner.filters();
    let why = match (filters.min_amount.is_empty(), &filters.custom) {
        (true, None) => "no filter is set, so everything comes",
        (false, None) => {
            "only min_amount is set, and the server never compares it: everything comes"
        }
        (true, Some(_)) => "only custom is set, and the server never reads it: everything comes",
        (false, Some(_)) => {
            "only min_amount and custom are set, and the server looks at neither: everything comes"
        }
    };
    Verdict::passed(why)
}

/// Two of the filters let through what they cannot read.
fn unread(filter: &'static str, field: &'static str, found: &Found<'_>) -> Verdict {
    let why = match found {
        Found::Other(kind) => format!(
            "`{field}` is a JSON {}, and {filter} only drops strings that are not listed: anything else passes",
            kind.go_name()
        ),
        _ => format!(
            "the event has no `{field}`, and {filter} only drops strings that are not listed: it passes"
        ),
    };
    let found = match found {
        Found::Other(kind) => Some(kind.go_name()),
        _ => None,
    };
    let verdict = Verdict::passed(why).by(filter).at(field, found);
    Verdict {
        unread: true,
        ..verdict
    }
}

fn matched(reasoner: &Reasoner, facts: &Facts<'_>) -> Verdict {
    let filters = reasoner.filters();
    let mut verdict = Verdict::passed("every filter the server looks at matches");
    let mut matches = Vec::new();
    if let Some(kind) = facts.kind.text().filter(|_| !filters.types.is_empty()) {
        matches.push(format!("`type` is {}", quoted(kind)));
        verdict = verdict.by("types").at("type", Some(kind));
    }
    let listed = [
        ("buyer_account_id", &facts.buyer),
        ("seller_account_id", &facts.seller),
    ];
    let is_listed = |text: &&str| reasoner.accounts.contains(*text);
    let account = listed
        .iter()
        .find_map(|(field, found)| Some((*field, found.text().filter(is_listed)?)));
    if let Some((field, text)) = account {
        matches.push(format!("`{field}` is {}", quoted(text)));
        verdict = verdict.by("account_ids").at(field, Some(text));
    }
    if let Some(code) = facts
        .asset
        .text()
        .filter(|_| !filters.asset_codes.is_empty())
    {
        matches.push(format!("`asset_code` is {}", quoted(code)));
        verdict = verdict.by("asset_codes").at("asset_code", Some(code));
    }
    if !matches.is_empty() {
        verdict.why = format!("{}: listed", matches.join(", "));
    }
    if !filters.min_amount.is_empty() {
        verdict.why.push_str("; min_amount is never compared");
    }
    verdict
}

fn kind(reasoner: &Reasoner, facts: &Facts<'_>) -> Verdict {
    let kind = facts.kind.text().unwrap_or_default();
    let why = format!("`type` is {}, which is not in types", quoted(kind));
    Verdict::dropped("types", why)
        .at("type", Some(kind))
        .fixed(fix::kind(kind, &reasoner.filters().types))
}

fn asset(reasoner: &Reasoner, facts: &Facts<'_>) -> Verdict {
    let code = facts.asset.text().unwrap_or_default();
    let why = format!(
        "`asset_code` is {}, which is not in asset_codes",
        quoted(code)
    );
    Verdict::dropped("asset_codes", why)
        .at("asset_code", Some(code))
        .fixed(fix::asset(code, &reasoner.filters().asset_codes))
}

fn accounts(reasoner: &Reasoner, facts: &Facts<'_>, columns: &Columns<'_>) -> Verdict {
    let texts: Vec<&str> = [&facts.buyer, &facts.seller]
        .iter()
        .filter_map(|found| found.text())
        .collect();
    let found = (!texts.is_empty()).then(|| texts.join(", "));
    let why = match (facts.buyer.text(), facts.seller.text()) {
        (None, None) => {
            "the event has neither `buyer_account_id` nor `seller_account_id`, the only members account_ids is compared with".to_owned()
        }
        (Some(buyer), None) => format!("`buyer_account_id` is {}: not in account_ids", quoted(buyer)),
        (None, Some(seller)) => format!("`seller_account_id` is {}: not in account_ids", quoted(seller)),
        (Some(buyer), Some(seller)) => format!(
            "`buyer_account_id` is {}, `seller_account_id` is {}: neither is in account_ids",
            quoted(buyer),
            quoted(seller)
        ),
    };
    let listed = reasoner.wanted.account(columns);
    let slip = || {
        texts
            .iter()
            .find_map(|text| fix::slip(text, &reasoner.filters().account_ids))
    };
    let fix = match listed {
        Some(account) => format!(
            "{} stands in `{}`, which the server never compares: leave account_ids empty and filter here, by the documented meaning",
            quoted(&account.text),
            account.field
        ),
        None if texts.is_empty() => format!(
            "leave account_ids empty, it drops all that comes from {}: filter here, by the documented meaning",
            columns.shape.processor()
        ),
        None => slip().unwrap_or_else(|| match texts.iter().find(|text| !text.is_empty()) {
            Some(text) => format!("add {} to account_ids", quoted(text)),
            None => "the server was not told the account: it is the transaction's source, which this event does not name".to_owned(),
        }),
    };
    Verdict::dropped("account_ids", why)
        .at(ACCOUNT_FIELDS, found)
        .fixed(fix)
}
