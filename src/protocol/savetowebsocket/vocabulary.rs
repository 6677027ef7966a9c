//! The event types there are: what each means and what emits it.

/// An event type that some processor emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The value of `type`.
    pub name: &'static str,
    /// What such an event tells, in a few words.
    pub meaning: &'static str,
    /// The processors that emit it.
    pub emitters: &'static [&'static str],
}

const fn known(
    name: &'static str,
    meaning: &'static str,
    emitters: &'static [&'static str],
) -> Known {
    Known {
        name,
        meaning,
        emitters,
    }
}

const APP_PAYMENT: &str = "TransformToAppPayment";
const TICKER: &str = "TransformToTickerAsset";
const RPC: &str = "GetEventsRPC";

/// All of them, those asked for most first.
pub static TYPES: [Known; 25] = [
    known(
        "payment",
        "a payment; with TransformToTickerAsset an asset record",
        &[
            "FilterPayments",
            "BlankProcessor",
            APP_PAYMENT,
            "TransformToAppAccount",
            TICKER,
        ],
    ),
    known(
        "contract",
        "a contract's event: transfers, mints, burns, swaps",
        &["ContractEvent", RPC],
    ),
    known(
        "trade",
        "an offer to trade, not a fill; or a market's figures",
        &["TransformToAppTrade", "MarketMetricsProcessor"],
    ),
    known(
        "create_account",
        "an account was created and funded",
        &["CreateAccount", "TransformToAppAccount"],
    ),
    known(
        "path_payment_strict_receive",
        "a payment through other assets, amount received fixed",
        &[APP_PAYMENT],
    ),
    known(
        "path_payment_strict_send",
        "a payment through other assets, amount sent fixed",
        &[APP_PAYMENT],
    ),
    known(
        "account_merge",
        "an account was merged into another",
        &[APP_PAYMENT],
    ),
    known(
        "claim_claimable_balance",
        "a claimable balance was claimed",
        &[APP_PAYMENT],
    ),
    known(
        "trustline",
        "a trustline was made or taken away; codes padded with NUL",
        &["TransformToAppTrustline"],
    ),
    known(
        "trustline_flags",
        "a trustline's flags were set",
        &["TransformToAppTrustline"],
    ),
    known(
        "stellar",
        "a transaction of one account, by its last operation",
        &["AccountTransaction"],
    ),
    known(
        "soroban",
        "a contract transaction of one account",
        &["AccountTransaction"],
    ),
    known(
        "swap",
        "a swap through the Soroswap router",
        &["SoroswapRouter"],
    ),
    known(
        "add",
        "liquidity added through the Soroswap router",
        &["SoroswapRouter"],
    ),
    known(
        "remove",
        "liquidity removed through the Soroswap router",
        &["SoroswapRouter"],
    ),
    known(
        "new_pair",
        "a new pair of the Soroswap factory",
        &["Soroswap"],
    ),
    known("sync", "the reserves of a Soroswap pair", &["Soroswap"]),
    known(
        "network_metrics",
        "one ledger's figures",
        &["TransformToAppMetrics"],
    ),
    known(
        "token_price",
        "a price and its last 24 hours",
        &["TransformToTokenPrice"],
    ),
    known(
        "asset_stats",
        "holders and supply of an asset, on every ledger",
        &["TransformToAssetStats", "TransformToMarketCapProcessor"],
    ),
    known(
        "change_trust",
        "an asset record, from a change of trust",
        &[TICKER],
    ),
    known(
        "set_trust_line_flags",
        "an asset record, from flags being set",
        &[TICKER],
    ),
    known(
        "claimable_balance",
        "an asset record, from a claimable balance",
        &[TICKER],
    ),
    known("system", "a system event of the RPC server", &[RPC]),
    known("diagnostic", "a diagnostic event of the RPC server", &[RPC]),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|known| known.name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_type_is_there_once_and_something_emits_it() {
        let distinct: HashSet<_> = names().collect();
        assert_eq!(distinct.len(), TYPES.len());
        assert!(TYPES.iter().all(|known| !known.emitters.is_empty()));
    }
}
