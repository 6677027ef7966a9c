//! What single members really hold.

use std::borrow::Cow;

use jiff::Timestamp;

use super::units;
use crate::body::{Node, Value};
use crate::protocol::savetowebsocket::shape::Shape;

/// The digits of a number, or a text.
fn written(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Number(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The hint for a top-level member of an event of this shape.
pub(super) fn hint(shape: Shape, node: &Node) -> Option<Cow<'static, str>> {
    let written = written(node).unwrap_or_default();
    if let Some(hint) = misleading(shape, &node.name, written) {
        return Some(hint.into());
    }
    if let Some(units) = figure(shape, &node.name, written) {
        return Some(units);
    }
    time(shape, &node.name, written)
        .map(Cow::Owned)
        .or_else(|| text(written).map(Cow::Borrowed))
}

/// What members seem to say and do not.
fn misleading(shape: Shape, name: &str, written: &str) -> Option<&'static str> {
    Some(match (shape, name) {
        (Shape::FilterPayments | Shape::Blank, "buyer_account_id") => "the receiver",
        (Shape::FilterPayments | Shape::Blank, "seller_account_id") => {
            sender(written, "the sender")
        }
        (Shape::AppPayment, "source_account_id") => "swapped: really the receiver",
        (Shape::AppPayment, "destination_account_id") => "swapped: really the sender",
        (Shape::AppPayment, "successful") => "always true, also if it failed",
        (Shape::AppAccountPayment, "source_account_id") if written.is_empty() => {
            sender(written, "")
        }
        (Shape::AppAccountPayment, "ledger_sequence" | "successful" | "memo")
        | (Shape::AppMetrics, "ledger_closetime" | "fee_charged") => "never filled",
        (Shape::CreateAccount, "funder") if written.is_empty() => sender(written, ""),
        (Shape::AppTrade, "buyer_id") => "always empty",
        (Shape::AppTrade, "buy_amount") => "always what sell_amount is",
        (Shape::AppTrade, "orderbook_id") if written == "0" => "the offer's id: a new one",
        (Shape::AppTrade, "orderbook_id") => "the offer's id",
        (Shape::MarketMetrics, "bid_volume" | "ask_volume") => "always 0",
        (Shape::MarketMetrics, "spread") => "highest less lowest price",
        (Shape::MarketMetrics, "price_change") => "per cent",
        (Shape::AppMetrics, "max_fee") => "really the most transactions a ledger may have",
        (Shape::AppMetrics, "tx_set_size_bytes") => "a count, not bytes",
        (Shape::GetEventsRpc, "data") => "always null: the reply it is made of has none",
        (Shape::LatestLedgerRpc, "closed_at")
        | (Shape::TickerOrderbook, "last_modified")
        | (Shape::TickerAsset, "last_valid" | "last_checked")
        | (Shape::MarketCap, "last_updated")
        | (Shape::ContractInvocationExtractor, "processed_at") => {
            "the server's clock, not the ledger's"
        }
        (Shape::MarketCap, "price" | "market_cap") if written == "0" => {
            "0 for want of a last_price in its input"
        }
        (Shape::AssetStats | Shape::MarketCap, "asset_code") if written.is_empty() => {
            "lumens (XLM)"
        }
        (Shape::AssetStats | Shape::MarketCap, _) if is_wrapped(written) => {
            "below zero: the counter wrapped"
        }
        (Shape::LedgerChanges | Shape::ContractEvent, "operation_index") if written == "-1" => {
            "of the transaction, not of one operation"
        }
        _ => return None,
    })
}

fn sender(written: &str, otherwise: &'static str) -> &'static str {
    if written.is_empty() {
        "the transaction's account, which is not told"
    } else {
        otherwise
    }
}

/// True for a counter that was counted down below 0.
fn is_wrapped(written: &str) -> bool {
    written.len() == 20 && written.starts_with("18446744073709")
}

/// The human reading of figures in stroops and smallest units.
fn figure(shape: Shape, name: &str, written: &str) -> Option<Cow<'static, str>> {
    let is_stroops = match shape {
        Shape::AppTrustline => matches!(
            name,
            "balance" | "buying_liabilities" | "selling_liabilities" | "limit" | "previous_limit"
        ),
        Shape::TickerAsset => name == "amount",
        Shape::AppMetrics => matches!(
            name,
            "payment_volume" | "fee_volume" | "average_fee_paid" | "max_fee_charged" | "base_fee"
        ),
        Shape::LatestLedger => {
            matches!(
                name,
                "total_fee_charged" | "base_fee" | "total_soroban_fees"
            )
        }
        Shape::LedgerToJson => matches!(
            name,
            "base_fee" | "base_reserve" | "fee_pool" | "total_coins"
        ),
        Shape::Passthrough => matches!(name, "base_fee" | "base_reserve"),
        Shape::SoroswapSync => {
            return low_bits(name.starts_with("new_reserve_"), written);
        }
        Shape::SoroswapRouter => return low_bits(name.starts_with("amount_"), written),
        _ => false,
    };
    if !is_stroops {
        return None;
    }
    if written == NO_LIMIT {
        return Some(Cow::Borrowed("no limit"));
    }
    units(written).map(Cow::Owned)
}

/// The highest trustline there is.
const NO_LIMIT: &str = "9223372036854775807";

fn low_bits(is_one: bool, written: &str) -> Option<Cow<'static, str>> {
    let units = is_one.then(|| units(written))??;
    Some(Cow::Owned(format!(
        "{units}, with 7 decimals; low 64 bits only"
    )))
}

/// The moment in a member that counts it from 1970, and the date that stands for none.
fn time(shape: Shape, name: &str, written: &str) -> Option<String> {
    let number = || written.parse::<i64>().ok();
    let moment = match (shape, name) {
        (Shape::LedgerToJson, "closed_at") => Timestamp::from_millisecond(number()?),
        (_, "timestamp" | "CloseTime" | "close_time") => Timestamp::from_second(number()?),
        _ => return None,
    };
    moment.ok().map(|moment| moment.to_string())
}

/// What is remarkable about a text wherever it stands.
pub(super) fn text(text: &str) -> Option<&'static str> {
    if text.starts_with("0001-01-01T") {
        return Some("no date");
    }
    if text == "native" {
        return Some("XLM");
    }
    if text.ends_with('\0') {
        return Some("padded with NUL, which no filter value matches");
    }
    None
}

/// The hint for a member of `parent`.
pub(super) fn nested(parent: &Node, node: &Node) -> Option<String> {
    let text = written(node)?;
    if let Value::Text(text) = &node.value
        && let Some(hint) = self::text(text)
    {
        return Some(hint.to_owned());
    }
    match (parent.name.as_str(), node.name.as_str()) {
        ("details", "amount" | "starting_balance" | "limit" | "old_limit")
        | ("contract_data", "balance")
            if text == NO_LIMIT =>
        {
            Some("no limit".to_owned())
        }
        ("details", "amount" | "starting_balance" | "limit" | "old_limit")
        | ("contract_data", "balance") => units(text),
        (_, "value") if is_wide(parent) && text.len() > SHORT => {
            Some(format!("{}, with 7 decimals", units(text)?))
        }
        _ => None,
    }
}

/// Longest number that is hardly an amount.
const SHORT: usize = 3;

/// True for a decoded number of 128 bits, which is how contracts count tokens.
fn is_wide(node: &Node) -> bool {
    let kind = node.child("type").map(|kind| &kind.value);
    matches!(kind, Some(Value::Text(kind)) if matches!(kind.as_str(), "i128" | "u128"))
}
