//! The kinds of events there are: one row per shape a processor makes.

use serde_json::Value;

use super::scene::Scene;
use super::{contracts, invocations, ledger, market, payments};

type Make = fn(&mut Scene) -> Value;

/// A family of kinds, to choose them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Payments,
    Accounts,
    Market,
    Contracts,
    Invocations,
    Ledgers,
}

impl Family {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("payments", Self::Payments),
        ("accounts", Self::Accounts),
        ("market", Self::Market),
        ("contracts", Self::Contracts),
        ("invocations", Self::Invocations),
        ("ledgers", Self::Ledgers),
    ];
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// What it is called in a mix: the processor's name, in kebab case.
    pub(super) name: &'static str,
    pub(super) family: Family,
    /// How often it comes when all kinds come, in parts of the sum. Zero: once a ledger.
    pub(super) weight: u64,
    pub(super) make: Make,
}

const fn kind(family: Family, weight: u64, name: &'static str, make: Make) -> Kind {
    Kind {
        name,
        family,
        weight,
        make,
    }
}

/// All of them. Names begin like the processor's, so far as it has only one shape.
pub(super) const KINDS: [Kind; 42] = [
    kind(Family::Ledgers, 0, "latest-ledger", ledger::latest),
    kind(Family::Ledgers, 0, "network-metrics", ledger::metrics),
    kind(Family::Payments, 56, "filter-payments", payments::filtered),
    kind(Family::Payments, 8, "blank", payments::blank),
    kind(Family::Payments, 20, "app-payment", payments::app),
    kind(Family::Payments, 4, "app-account", payments::account),
    kind(
        Family::Accounts,
        6,
        "create-account",
        payments::create_account,
    ),
    kind(Family::Accounts, 10, "trustline", payments::trustline),
    kind(
        Family::Accounts,
        4,
        "trustline-flags",
        payments::trustline_flags,
    ),
    kind(Family::Accounts, 12, "account-effect", payments::effect),
    kind(
        Family::Accounts,
        10,
        "account-transaction",
        payments::transaction,
    ),
    kind(Family::Accounts, 1, "account-year", payments::year),
    kind(Family::Market, 24, "app-trade", market::trade),
    kind(Family::Market, 4, "market-metrics", market::metrics),
    kind(Family::Market, 4, "token-price", market::token_price),
    kind(Family::Market, 4, "asset-stats", market::asset_stats),
    kind(Family::Market, 2, "market-cap", market::market_cap),
    kind(Family::Market, 4, "ticker-orderbook", market::order_book),
    kind(Family::Market, 2, "ticker-asset", market::ticker_asset),
    kind(Family::Contracts, 12, "contract-event", contracts::transfer),
    kind(
        Family::Contracts,
        6,
        "contract-event-swap",
        contracts::swap_event,
    ),
    kind(Family::Contracts, 2, "contract-event-mint", contracts::mint),
    kind(
        Family::Contracts,
        1,
        "contract-event-diagnostics",
        contracts::with_diagnostics,
    ),
    kind(Family::Contracts, 12, "soroswap-router", contracts::router),
    kind(Family::Contracts, 10, "soroswap-sync", contracts::sync),
    kind(
        Family::Contracts,
        2,
        "soroswap-new-pair",
        contracts::new_pair,
    ),
    kind(Family::Contracts, 2, "get-events-rpc", contracts::from_rpc),
    kind(
        Family::Contracts,
        1,
        "stellar-contract-event",
        invocations::stellar_events,
    ),
    kind(Family::Contracts, 1, "contract-data", invocations::data),
    kind(
        Family::Contracts,
        1,
        "contract-creation",
        invocations::creation,
    ),
    kind(Family::Contracts, 1, "kale", invocations::kale),
    kind(
        Family::Invocations,
        4,
        "contract-invocation",
        invocations::plain,
    ),
    kind(
        Family::Invocations,
        1,
        "contract-invocation-v2",
        invocations::second,
    ),
    kind(
        Family::Invocations,
        1,
        "contract-invocation-v2-bundle",
        invocations::bundle,
    ),
    kind(
        Family::Invocations,
        1,
        "contract-invocation-v3",
        invocations::third,
    ),
    kind(
        Family::Invocations,
        2,
        "filtered-contract-invocation",
        invocations::filtered,
    ),
    kind(
        Family::Invocations,
        1,
        "contract-invocation-extractor",
        invocations::extracted,
    ),
    kind(Family::Ledgers, 1, "latest-ledger-rpc", ledger::latest_rpc),
    kind(Family::Ledgers, 1, "ledger-reader", ledger::reader),
    kind(Family::Ledgers, 2, "ledger-changes", ledger::changes),
    kind(Family::Ledgers, 1, "ledger-to-json", ledger::to_json),
    kind(Family::Ledgers, 1, "passthrough", ledger::passthrough),
];
