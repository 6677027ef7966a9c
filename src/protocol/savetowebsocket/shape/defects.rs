//! What is known to be wrong with each shape.

use super::Shape;

impl Shape {
    /// Sentences about what this shape's members say although it is not so. Empty where nothing
    /// is known to be wrong.
    #[must_use]
    pub fn defects(self) -> &'static [&'static str] {
        let known = DEFECTS.iter().find(|(shape, _)| *shape == self);
        known.map_or(&[], |(_, defects)| defects)
    }

    /// The one of them that is about the whole event rather than about single members.
    #[must_use]
    pub fn caution(self) -> Option<&'static str> {
        WHOLE
            .contains(&self)
            .then(|| self.defects().first().copied())
            .flatten()
    }
}

/// The shapes whose first defect is about the whole event.
const WHOLE: [Shape; 11] = [
    Shape::AccountTransaction,
    Shape::AccountYear,
    Shape::AppTrade,
    Shape::AssetStats,
    Shape::GetEventsRpc,
    Shape::Kale,
    Shape::LatestLedgerRpc,
    Shape::LedgerReader,
    Shape::MarketMetrics,
    Shape::Passthrough,
    Shape::TickerAsset,
];

static DEFECTS: [(Shape, &[&str]); 32] = [
    (
        Shape::FilterPayments,
        &[
            "buyer_account_id is the receiver and seller_account_id the sender; the sender is empty where the operation takes its transaction's account, which is common",
        ],
    ),
    (
        Shape::Blank,
        &[
            "buyer_account_id is the receiver and seller_account_id the sender; the sender is empty where the operation takes its transaction's account, which is common",
        ],
    ),
    (
        Shape::AppPayment,
        &[
            "source and destination are swapped: source_account_id holds the receiver",
            "successful is always true, also for failed transactions",
        ],
    ),
    (
        Shape::AppAccountPayment,
        &[
            "ledger_sequence, successful and memo are never filled: always 0, false and empty",
            "source_account_id is empty where the operation takes its transaction's account",
        ],
    ),
    (
        Shape::CreateAccount,
        &["funder is empty where the operation takes its transaction's account"],
    ),
    (
        Shape::AppTrustline,
        &[
            "asset_code is padded with NUL to 4 or 12 characters",
            "limits and balances are in stroops, and the balance is nearly always 0",
        ],
    ),
    (
        Shape::AccountTransaction,
        &["one line per transaction: of several operations only the last is told"],
    ),
    (Shape::AccountEffect, &["amounts in details are in stroops"]),
    (
        Shape::AccountYear,
        &["running totals, sent again for every ledger that changed them"],
    ),
    (
        Shape::AppTrade,
        &[
            "an offer, not a trade that took place: buyer_id is always empty, both amounts are the same, and orderbook_id is the offer's id",
        ],
    ),
    (
        Shape::MarketMetrics,
        &[
            "bid and ask volumes are always 0, and spread is the highest less the lowest price of the period",
        ],
    ),
    (
        Shape::TickerOrderbook,
        &["last_modified is the server's clock, not the ledger's"],
    ),
    (
        Shape::TickerAsset,
        &[
            "an asset's record, not a payment: type is that of the operation in which it was seen",
            "amount is in stroops",
        ],
    ),
    (
        Shape::AssetStats,
        &[
            "sent again for every asset on every ledger",
            "counters that fall below zero wrap to 18446744073709551615",
            "asset_code is empty for lumens",
        ],
    ),
    (
        Shape::MarketCap,
        &[
            "price and market_cap are 0 wherever the input has no last_price, and asset_stats have none",
            "counters that fall below zero wrap to 18446744073709551615",
        ],
    ),
    (
        Shape::AppMetrics,
        &[
            "max_fee is the ledger's limit of transactions, and tx_set_size_bytes a count, not bytes",
            "payment_volume is in stroops, of all assets together; ledger_closetime and fee_charged are never filled",
        ],
    ),
    (
        Shape::ContractEvent,
        &[
            "topic and data are dumps of the raw values; topic_decoded and data_decoded say the same for people",
        ],
    ),
    (
        Shape::GetEventsRpc,
        &[
            "only id and type are left: the reply of the RPC server has no data or created_at, so these are always null and the zero date, and the rest is lost",
        ],
    ),
    (
        Shape::StellarContractEvent,
        &["topics are mostly empty objects"],
    ),
    (
        Shape::SoroswapSync,
        &["reserves hold the low 64 bits of a 128-bit number only"],
    ),
    (
        Shape::SoroswapRouter,
        &["amounts hold the low 64 bits of a 128-bit number only"],
    ),
    (
        Shape::ContractData,
        &["asset and balance are inside contract_data, where no filter looks"],
    ),
    (
        Shape::ContractInvocation,
        &["raw values are dumps; arguments_decoded says the same for people"],
    ),
    (
        Shape::ContractInvocationV2,
        &["raw values are dumps; arguments_decoded says the same for people"],
    ),
    (
        Shape::ContractInvocationV2Bundle,
        &["raw values are dumps; arguments_decoded says the same for people"],
    ),
    (
        Shape::ContractInvocationV3,
        &["raw values are dumps; arguments_decoded says the same for people"],
    ),
    (
        Shape::ContractInvocationExtractor,
        &["processed_at is the server's clock, not the ledger's"],
    ),
    (
        Shape::Kale,
        &["running totals, sent again whenever they change"],
    ),
    (
        Shape::LatestLedgerRpc,
        &[
            "closed_at is the server's clock at the poll, not the ledger's time",
            "repeated at every poll, also when no new ledger has closed",
        ],
    ),
    (
        Shape::LedgerReader,
        &["the whole ledger is in every one of its transactions"],
    ),
    (
        Shape::LedgerToJson,
        &["closed_at is in milliseconds since 1970"],
    ),
    (
        Shape::Passthrough,
        &["all numbers went through a double: beyond 2^53 they are rounded"],
    ),
];
