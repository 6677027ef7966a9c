//! An event in one line: who, to whom, how much of which asset, in which ledger.
//!
//! Accounts are shortened to their ends, assets to their code, amounts lose superfluous zeros;
//! the tree keeps everything as it stands. Where a shape has its members swapped the gist has
//! them right.

mod contracts;
mod ledgers;
mod markets;
mod payments;

use std::fmt::Write as _;

use super::amount::Unit;
use super::asset::Asset;
use super::decimal::Decimal;
use super::shape::{Fields, Key, Shape};

/// The most of an event that is read for its gist: what the known shapes tell stands before it,
/// and a screen full of events of many megabytes stays fluid.
const READ_MAX: usize = 64 * 1024;

/// Longest piece of foreign text in a gist, in characters.
const TEXT_MAX: usize = 40;

/// What an event tells, in one line; `None` if nothing of it is known. Texts from the event are
/// in it as they came, so it must be sanitised before a terminal sees it.
#[must_use]
pub fn gist(event: &[u8]) -> Option<String> {
    let fields = Fields::glance(event, READ_MAX);
    let mut line = Line::default();
    match fields.shape() {
        Shape::FilterPayments
        | Shape::Blank
        | Shape::AppPayment
        | Shape::AppAccountPayment
        | Shape::CreateAccount
        | Shape::AppTrustline
        | Shape::AccountTransaction
        | Shape::AccountEffect
        | Shape::AccountYear => payments::tell(&fields, &mut line),
        Shape::AppTrade
        | Shape::MarketMetrics
        | Shape::TokenPrice
        | Shape::TickerOrderbook
        | Shape::TickerAsset
        | Shape::AssetStats
        | Shape::MarketCap
        | Shape::SoroswapPair
        | Shape::SoroswapSync
        | Shape::SoroswapRouter => markets::tell(&fields, &mut line),
        Shape::ContractEvent
        | Shape::GetEventsRpc
        | Shape::StellarContractEvent
        | Shape::ContractData
        | Shape::ContractInvocation
        | Shape::ContractInvocationV2
        | Shape::ContractInvocationV2Bundle
        | Shape::ContractInvocationV3
        | Shape::FilteredContractInvocation
        | Shape::ContractInvocationExtractor
        | Shape::ContractCreation => contracts::tell(&fields, &mut line),
        Shape::AppMetrics
        | Shape::Kale
        | Shape::LatestLedger
        | Shape::LatestLedgerRpc
        | Shape::LedgerReader
        | Shape::LedgerChanges
        | Shape::LedgerToJson
        | Shape::Passthrough => ledgers::tell(&fields, &mut line),
        Shape::Unknown => {}
    }
    if let Some(ledger) = fields.ledger() {
        line.part(format_args!("ledger {ledger}"));
    }
    (!line.0.is_empty()).then_some(line.0)
}

/// The line so far; its parts stand two spaces apart.
#[derive(Default)]
struct Line(String);

impl Line {
    fn part(&mut self, part: impl std::fmt::Display) {
        let gap = if self.0.is_empty() { "" } else { "  " };
        let before = self.0.len();
        // Writing to a `String` does not fail.
        let _ = write!(self.0, "{gap}{part}");
        if self.0.len() == before + gap.len() {
            self.0.truncate(before);
        }
    }

    /// `from → to`; an unknown end is a `?`.
    fn passage(&mut self, from: Option<&str>, to: Option<&str>) {
        if from.is_some() || to.is_some() {
            let end = |end: Option<&str>| end.map_or_else(|| "?".to_owned(), account);
            self.part(format_args!("{} → {}", end(from), end(to)));
        }
    }

    /// `12.5 USDC`, as far as it is known.
    fn amount(&mut self, value: Option<&str>, unit: Unit, asset: Option<&Asset<'_>>) {
        let code = asset.map(|asset| cut(&asset.code)).unwrap_or_default();
        match value.filter(|value| !value.is_empty()) {
            Some(value) => {
                let value = figure(value, unit);
                let gap = if code.is_empty() { "" } else { " " };
                self.part(format_args!("{value}{gap}{code}"));
            }
            None => self.part(code),
        }
    }
}

/// `GCA3…TE64`; what is no address is shown as it is, if it is short.
fn account(text: &str) -> String {
    let is_address = text.len() >= 56 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_address {
        format!("{}…{}", &text[..4], &text[text.len() - 4..])
    } else {
        cut(text)
    }
}

/// A number without superfluous zeros, in whole units; text that is no number as it is.
fn figure(text: &str, unit: Unit) -> String {
    Decimal::parse(text).map_or_else(|| cut(text), |number| unit.whole(number).to_string())
}

/// The start of a text, with `…` if there is more.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `USDC (GBQL…)`: code and the start of the issuer.
fn issued(asset: &Asset<'_>) -> String {
    let code = cut(&asset.code);
    match asset.issuer.as_deref().and_then(|issuer| issuer.get(..4)) {
        Some(start) => format!("{code} ({start}…)"),
        None => code,
    }
}

/// Figures members hold, read for a gist.
impl Fields<'_> {
    /// The number in a member without superfluous zeros.
    fn figure(&self, key: Key) -> Option<String> {
        self.numeral(key).map(|text| figure(&text, Unit::Unknown))
    }

    /// True if the member is the literal `false`.
    fn is_false(&self, key: Key) -> bool {
        self.raw(key) == Some(b"false")
    }
}

#[cfg(test)]
mod tests;
