//! Offers, prices, assets and the exchange.

use super::{Line, account, cut, figure, issued};
use crate::protocol::savetowebsocket::amount::Unit;
use crate::protocol::savetowebsocket::asset::Asset;
use crate::protocol::savetowebsocket::shape::{Fields, Key, Shape};

pub(super) fn tell(fields: &Fields<'_>, line: &mut Line) {
    match fields.shape() {
        Shape::AppTrade => offer(fields, line),
        Shape::MarketMetrics => {
            pair(fields, Key::BaseAsset, Key::CounterAsset, line);
            price(fields, Key::ClosePrice, line);
            span(fields, Key::LowPrice, Key::HighPrice, line);
            told(fields, Key::TradeCount, "trades", line);
        }
        Shape::TokenPrice => {
            pair(fields, Key::BaseAsset, Key::QuoteAsset, line);
            price(fields, Key::Price, line);
            told(fields, Key::NumTrades24h, "trades in 24 h", line);
        }
        Shape::TickerOrderbook => {
            pair(fields, Key::BaseAsset, Key::QuoteAsset, line);
            let side = |key| fields.figure(key).unwrap_or_else(|| "?".to_owned());
            line.part(format_args!(
                "bid {} / ask {}",
                side(Key::BidMax),
                side(Key::AskMin)
            ));
        }
        Shape::TickerAsset => seen(fields, line),
        Shape::AssetStats | Shape::MarketCap => {
            let code = fields.text(Key::AssetCode).unwrap_or_default();
            let issuer = fields.filled(Key::AssetIssuer).unwrap_or_default();
            line.part(issued(&Asset::of(&code, &issuer)));
            told(fields, Key::NumHolders, "holders", line);
            if let Some(supply) = fields.figure(Key::TotalSupply) {
                line.part(format_args!("supply {supply}"));
            }
        }
        Shape::SoroswapPair => {
            tokens(fields, Key::Token0, Key::Token1, line);
            if let Some(address) = fields.filled(Key::PairAddress) {
                line.part(format_args!("pair {}", account(&address)));
            }
        }
        Shape::SoroswapSync => {
            if let Some(pair) = fields.filled(Key::ContractId) {
                line.part(format_args!("pair {}", account(&pair)));
            }
            let reserve = |key| {
                let text = fields.numeral(key);
                text.map_or_else(|| "?".to_owned(), |text| figure(&text, Unit::Token))
            };
            let (one, other) = (reserve(Key::NewReserve0), reserve(Key::NewReserve1));
            line.part(format_args!("reserves {one} / {other}"));
        }
        _ => router(fields, line),
    }
}

fn seen(fields: &Fields<'_>, line: &mut Line) {
    let code = fields.filled(Key::Code).unwrap_or_default();
    let issuer = fields.filled(Key::Issuer).unwrap_or_default();
    line.part(issued(&Asset::of(&code, &issuer)));
    if let Some(amount) = fields.numeral(Key::Amount) {
        line.part(figure(&amount, Unit::Stroops));
    }
    if let Some(operation) = fields.filled(Key::OperationType) {
        line.part(format_args!("seen in {}", cut(&operation)));
    }
}

fn offer(fields: &Fields<'_>, line: &mut Line) {
    if let Some(seller) = fields.filled(Key::SellerId) {
        line.part(format_args!("{} offers", account(&seller)));
    }
    let sold = fields.filled(Key::SellAsset);
    let amount = fields.numeral(Key::SellAmount);
    let asset = sold.as_deref().map(Asset::parse);
    line.amount(amount.as_deref(), Unit::Units, asset.as_ref());
    if let Some(bought) = fields.filled(Key::BuyAsset) {
        line.part(format_args!("for {}", cut(&Asset::parse(&bought).code)));
    }
    price(fields, Key::Price, line);
}

/// `XLM/USDC`
fn pair(fields: &Fields<'_>, base: Key, quote: Key, line: &mut Line) {
    let code = |key| {
        fields
            .filled(key)
            .map(|text| cut(&Asset::parse(&text).code))
    };
    if let (Some(base), Some(quote)) = (code(base), code(quote)) {
        line.part(format_args!("{base}/{quote}"));
    }
}

fn price(fields: &Fields<'_>, key: Key, line: &mut Line) {
    if let Some(price) = fields.figure(key) {
        line.part(format_args!("at {price}"));
    }
}

fn span(fields: &Fields<'_>, low: Key, high: Key, line: &mut Line) {
    if let (Some(low), Some(high)) = (fields.figure(low), fields.figure(high)) {
        line.part(format_args!("{low} – {high}"));
    }
}

/// A count and what is counted.
fn told(fields: &Fields<'_>, key: Key, what: &str, line: &mut Line) {
    if let Some(count) = fields.figure(key) {
        line.part(format_args!("{count} {what}"));
    }
}

fn tokens(fields: &Fields<'_>, one: Key, other: Key, line: &mut Line) {
    if let (Some(one), Some(other)) = (fields.filled(one), fields.filled(other)) {
        line.part(format_args!("{} / {}", account(&one), account(&other)));
    }
}

/// A swap takes one token for the other; liquidity goes in or out in both.
fn router(fields: &Fields<'_>, line: &mut Line) {
    if let Some(who) = fields.filled(Key::Account) {
        line.part(account(&who));
    }
    let side = |token, amount| {
        let token = fields.filled(token).map(|token| account(&token));
        let amount = fields
            .numeral(amount)
            .map(|text| figure(&text, Unit::Token));
        format!(
            "{} {}",
            amount.unwrap_or_default(),
            token.unwrap_or_default()
        )
    };
    let one = side(Key::TokenA, Key::AmountA);
    let other = side(Key::TokenB, Key::AmountB);
    let sign = match fields.filled(Key::Type).as_deref() {
        Some("swap") => "→",
        _ => "+",
    };
    line.part(format_args!("{one} {sign} {other}"));
}
