//! Whose output an event is.
//!
//! `type` does not tell: `payment` has five shapes, `trade` and `contract` two each, and half of
//! the processors write no `type` at all. The members do: every shape has a few that, together,
//! no other one has.

mod defects;
mod key;
mod signature;

pub(super) use key::{Fields, Key};

/// A shape of events, named after the processor that writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// A payment, as seen by its buyer and seller.
    FilterPayments,
    /// The same without memo and ledger.
    Blank,
    /// A payment with source and destination swapped.
    AppPayment,
    /// The same struct with source and destination in their places, and hardly filled.
    AppAccountPayment,
    /// An account that came to be.
    CreateAccount,
    /// A trustline, or its flags.
    AppTrustline,
    /// One line per transaction of an account.
    AccountTransaction,
    /// What a transaction did to an account.
    AccountEffect,
    /// Running totals of an account's year.
    AccountYear,
    /// An offer.
    AppTrade,
    /// Figures of a trading pair over 24 hours.
    MarketMetrics,
    /// The price of an asset over 24 hours.
    TokenPrice,
    /// The order book of a pair.
    TickerOrderbook,
    /// An asset that was seen in an operation.
    TickerAsset,
    /// Holders and supply of an asset.
    AssetStats,
    /// Its input with figures of market capitalisation.
    MarketCap,
    /// Figures of one ledger.
    AppMetrics,
    /// A contract event, raw and decoded.
    ContractEvent,
    /// A contract event of which only the id is left.
    GetEventsRpc,
    /// All contract events of one transaction.
    StellarContractEvent,
    /// A new pair of the exchange.
    SoroswapPair,
    /// The reserves of a pair.
    SoroswapSync,
    /// A swap, or liquidity added or removed.
    SoroswapRouter,
    /// An entry of a contract's storage.
    ContractData,
    /// A call of a contract.
    ContractInvocation,
    /// One event of a call.
    ContractInvocationV2,
    /// All events of one transaction's calls.
    ContractInvocationV2Bundle,
    /// A call with its graph and events.
    ContractInvocationV3,
    /// A call that a filter let through.
    FilteredContractInvocation,
    /// A call with its arguments extracted by a schema.
    ContractInvocationExtractor,
    /// A contract that came to be.
    ContractCreation,
    /// Running totals of a farming block.
    Kale,
    /// A ledger with its figures.
    LatestLedger,
    /// The number of the newest ledger, as a poll found it.
    LatestLedgerRpc,
    /// A transaction with its whole ledger around it.
    LedgerReader,
    /// A ledger entry that changed.
    LedgerChanges,
    /// A ledger as JSON.
    LedgerToJson,
    /// A ledger's head, and its XDR.
    Passthrough,
    /// None of these.
    Unknown,
}

impl Shape {
    /// The shape of an event, by its members; total, one walk over the top level. Of shapes that
    /// share members, the one that needs more of them is meant.
    #[must_use]
    pub fn of(event: &[u8]) -> Self {
        Fields::read(event).shape()
    }

    /// The name of the processor that writes it; `an unknown processor` for [`Self::Unknown`].
    #[must_use]
    pub const fn processor(self) -> &'static str {
        match self {
            Self::FilterPayments => "FilterPayments",
            Self::Blank => "BlankProcessor",
            Self::AppPayment => "TransformToAppPayment",
            Self::AppAccountPayment => "TransformToAppAccount",
            Self::CreateAccount => "CreateAccount",
            Self::AppTrustline => "TransformToAppTrustline",
            Self::AccountTransaction => "AccountTransaction",
            Self::AccountEffect => "AccountEffect",
            Self::AccountYear => "AccountYearAnalytics",
            Self::AppTrade => "TransformToAppTrade",
            Self::MarketMetrics => "MarketMetricsProcessor",
            Self::TokenPrice => "TransformToTokenPrice",
            Self::TickerOrderbook => "TransformToTickerOrderbook",
            Self::TickerAsset => "TransformToTickerAsset",
            Self::AssetStats => "TransformToAssetStats",
            Self::MarketCap => "TransformToMarketCapProcessor",
            Self::AppMetrics => "TransformToAppMetrics",
            Self::ContractEvent => "ContractEvent",
            Self::GetEventsRpc => "GetEventsRPC",
            Self::StellarContractEvent => "StellarContractEvent",
            Self::SoroswapPair | Self::SoroswapSync => "Soroswap",
            Self::SoroswapRouter => "SoroswapRouter",
            Self::ContractData => "ContractData",
            Self::ContractInvocation => "ContractInvocation",
            Self::ContractInvocationV2 | Self::ContractInvocationV2Bundle => "ContractInvocationV2",
            Self::ContractInvocationV3 => "ContractInvocationV3",
            Self::FilteredContractInvocation => "FilteredContractInvocation",
            Self::ContractInvocationExtractor => "ContractInvocationExtractor",
            Self::ContractCreation => "ContractCreation",
            Self::Kale => "Kale",
            Self::LatestLedger => "LatestLedger",
            Self::LatestLedgerRpc => "LatestLedgerRPC",
            Self::LedgerReader => "LedgerReader",
            Self::LedgerChanges => "LedgerChanges",
            Self::LedgerToJson => "LedgerToJSON",
            Self::Passthrough => "Passthrough",
            Self::Unknown => "an unknown processor",
        }
    }

    /// What it tells of, in parentheses: the label of an event without a `type`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::FilterPayments | Self::Blank | Self::AppPayment | Self::AppAccountPayment => {
                "(payment)"
            }
            Self::CreateAccount => "(account created)",
            Self::AppTrustline => "(trustline)",
            Self::AccountTransaction => "(account transaction)",
            Self::AccountEffect => "(account effect)",
            Self::AccountYear => "(account year)",
            Self::AppTrade => "(offer)",
            Self::MarketMetrics => "(market metrics)",
            Self::TokenPrice => "(token price)",
            Self::TickerOrderbook => "(orderbook)",
            Self::TickerAsset => "(asset)",
            Self::AssetStats => "(asset stats)",
            Self::MarketCap => "(market cap)",
            Self::AppMetrics => "(ledger metrics)",
            Self::ContractEvent | Self::GetEventsRpc => "(contract event)",
            Self::StellarContractEvent => "(contract events)",
            Self::SoroswapPair => "(new pair)",
            Self::SoroswapSync => "(reserves)",
            Self::SoroswapRouter => "(swap)",
            Self::ContractData => "(contract data)",
            Self::ContractInvocation
            | Self::ContractInvocationV3
            | Self::FilteredContractInvocation
            | Self::ContractInvocationExtractor => "(contract invocation)",
            Self::ContractInvocationV2 => "(invocation event)",
            Self::ContractInvocationV2Bundle => "(invocation events)",
            Self::ContractCreation => "(contract creation)",
            Self::Kale => "(kale block)",
            Self::LatestLedger | Self::LatestLedgerRpc | Self::LedgerToJson | Self::Passthrough => {
                "(ledger)"
            }
            Self::LedgerReader => "(ledger transaction)",
            Self::LedgerChanges => "(ledger change)",
            Self::Unknown => "(no type)",
        }
    }
}

#[cfg(test)]
mod tests;
