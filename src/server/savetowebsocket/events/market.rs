//! Offers, prices and statistics of assets.

use serde_json::{Value, json};

use super::cast::Asset;
use super::scene::{Scene, float};

const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// `TransformToAppTrade`: an offer, in spite of its name; the buyer is never known.
pub(super) fn trade(scene: &mut Scene) -> Value {
    let (sell, buy) = legs(scene);
    let amount = scene.money().decimal();
    let id = if scene.dice.chance(50) {
        "0".to_owned()
    } else {
        scene.number(1_400_000_000, 1_500_000_000).text()
    };
    json!({
        "timestamp": scene.unix(), "seller_id": scene.account().address, "buyer_id": "",
        "sell_asset": sell.canonical(), "buy_asset": buy.canonical(), "sell_amount": amount,
        "buy_amount": amount, "price": float(scene.price(0.3125)), "type": "trade",
        "orderbook_id": id, "sell_asset_details": details(&sell),
        "buy_asset_details": details(&buy),
    })
}

/// `MarketMetricsProcessor`: the same `type` as an offer, another shape.
pub(super) fn metrics(scene: &mut Scene) -> Value {
    let (base, counter) = legs(scene);
    let (open, close) = (scene.price(0.31), scene.price(0.31));
    let (high, low) = (open.max(close), open.min(close));
    json!({
        "trade_pair": format!("{}/{}", base.canonical(), counter.canonical()), "period": "24h",
        "base_asset": base.canonical(), "counter_asset": counter.canonical(),
        "open_price": float(open), "close_price": float(close), "high_price": float(high),
        "low_price": float(low), "volume": scene.number(100, 90_000).number(),
        "trade_count": scene.number(1, 400).number(),
        "price_change": float((close - open) / open * 100.0), "timestamp": scene.time(),
        "bid_volume": 0, "ask_volume": 0, "spread": float(high - low),
        "spread_mid_point": float(f64::midpoint(high, low)), "type": "trade",
    })
}

/// `TransformToTokenPrice`
pub(super) fn token_price(scene: &mut Scene) -> Value {
    let (base, quote) = legs(scene);
    let price = scene.price(0.3125);
    let plain = |asset: &Asset| match asset.issuer {
        None => "native",
        Some(_) => asset.code,
    };
    json!({
        "timestamp": scene.time(), "base_asset": plain(&base),
        "base_issuer": base.issuer.clone().unwrap_or_default(), "quote_asset": plain(&quote),
        "quote_issuer": quote.issuer.clone().unwrap_or_default(), "price": float(price),
        "volume_24h": scene.number(10, 90_000).number(), "num_trades_24h": 0,
        "high_price_24h": float(price), "low_price_24h": float(scene.price(0.29).min(price)),
        "price_change_24h": 0, "type": "token_price",
    })
}

/// `TransformToAssetStats`: members in alphabetical order, the code without issuer.
pub(super) fn asset_stats(scene: &mut Scene) -> Value {
    let asset = scene.asset();
    let holders = scene.number(10, 9_000).number();
    let supply = scene.number(1_000, 9_000_000).number();
    let code = asset.issuer.as_ref().map_or("", |_| asset.code);
    json!({
        "accounts_authorized": holders, "accounts_unauthorized": 0, "asset_code": code,
        "asset_issuer": asset.issuer.clone().unwrap_or_default(), "asset_type": asset.class(),
        "balance_authorized": 0, "balance_unauthorized": 0, "circulating_supply": supply,
        "num_holders": holders, "operation_type": "asset_stats", "timestamp": scene.time(),
        "total_supply": supply, "type": "asset_stats",
    })
}

/// `TransformToMarketCapProcessor`: asset statistics, and a price that is never found.
pub(super) fn market_cap(scene: &mut Scene) -> Value {
    let asset = scene.issued();
    let holders = scene.number(10, 9_000).number();
    let supply = scene.number(1_000, 9_000_000).number();
    json!({
        "accounts_authorized": holders, "accounts_unauthorized": 0, "asset_code": asset.code,
        "asset_issuer": asset.issuer, "asset_type": asset.class(), "balance_authorized": 0,
        "balance_unauthorized": 0, "circulating_supply": supply,
        "last_updated": scene.moment_later(), "market_cap": 0, "num_holders": holders,
        "operation_type": "asset_stats", "price": 0, "timestamp": scene.time(),
        "total_supply": supply, "type": "asset_stats",
    })
}

/// `TransformToTickerOrderbook`: has no `type`.
pub(super) fn order_book(scene: &mut Scene) -> Value {
    let (base, quote) = legs(scene);
    let price = float(scene.price(0.3125));
    let spelled = |asset: &Asset| {
        format!(
            "{}:{}",
            asset.code,
            asset.issuer.clone().unwrap_or_default()
        )
    };
    json!({
        "base_asset": spelled(&base), "quote_asset": spelled(&quote), "bid_count": 0,
        "bid_volume": 0, "bid_max": price, "ask_count": 0, "ask_volume": 0, "ask_min": price,
        "spread": 0, "spread_mid": price, "last_modified": scene.moment_later(),
    })
}

/// `TransformToTickerAsset`: its `type` is that of the operation.
pub(super) fn ticker_asset(scene: &mut Scene) -> Value {
    let asset = scene.issued();
    let kind = *scene.dice.pick(&["payment", "change_trust"]);
    let amount = match kind {
        "payment" => scene.money().text(),
        _ => String::new(),
    };
    let seen = scene.moment_later();
    json!({
        "code": asset.code, "issuer": asset.issuer, "asset_type": asset.class(),
        "amount": amount, "auth_required": false, "auth_revocable": false,
        "auth_immutable": false, "auth_clawback": false, "is_valid": true,
        "validation_error": "", "last_valid": seen, "last_checked": seen,
        "first_seen_ledger": scene.sequence(), "display_decimals": 7, "home_domain": "",
        "name": "", "description": scene.filler(), "conditions": "", "is_asset_anchored": false,
        "fixed_number": 0, "max_number": 0, "is_unlimited": false,
        "redemption_instructions": "", "collateral_addresses": "",
        "collateral_address_signatures": "", "countries": "", "status": "", "type": kind,
        "operation_type": kind,
    })
}

/// Two assets that differ, one of them often the native one.
fn legs(scene: &mut Scene) -> (Asset, Asset) {
    let issued = scene.issued();
    let mut other = scene.asset();
    if other.code == issued.code {
        other = scene.cast.assets[0].clone();
    }
    if scene.dice.chance(50) {
        (other, issued)
    } else {
        (issued, other)
    }
}

fn details(asset: &Asset) -> Value {
    match &asset.issuer {
        Some(issuer) => json!({
            "code": asset.code, "issuer": issuer, "type": asset.class(), "timestamp": ZERO_TIME,
        }),
        None => json!({ "code": asset.code, "type": "native", "timestamp": ZERO_TIME }),
    }
}
