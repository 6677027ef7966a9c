//! The members each shape is known by.

use super::Shape;
use super::key::{Key, Keys};

/// A shape, the members it must have, and those that would make it another one.
struct Signature {
    shape: Shape,
    has: Keys,
    lacks: Keys,
}

const fn has(shape: Shape, has: &[Key]) -> Signature {
    Signature {
        shape,
        has: Keys::of(has),
        lacks: Keys::of(&[]),
    }
}

impl Signature {
    const fn lacks(self, keys: &[Key]) -> Self {
        Self {
            lacks: Keys::of(keys),
            ..self
        }
    }
}

/// First the shape that adds to another's members, then the plainer one.
const SIGNATURES: [Signature; 40] = [
    has(
        Shape::FilterPayments,
        &[Key::BuyerAccountId, Key::SellerAccountId, Key::LedgerSeqNum],
    ),
    has(
        Shape::MarketCap,
        &[Key::MarketCap, Key::Price, Key::LastUpdated],
    ),
    has(
        Shape::Blank,
        &[Key::BuyerAccountId, Key::SellerAccountId, Key::Amount],
    ),
    has(
        Shape::AppPayment,
        &[
            Key::SourceAccountId,
            Key::DestinationAccountId,
            Key::LedgerHash,
        ],
    ),
    has(
        Shape::AppPayment,
        &[
            Key::SourceAccountId,
            Key::DestinationAccountId,
            Key::ClosedAt,
        ],
    ),
    has(
        Shape::AppAccountPayment,
        &[Key::SourceAccountId, Key::DestinationAccountId, Key::Amount],
    ),
    has(
        Shape::CreateAccount,
        &[Key::Funder, Key::Account, Key::StartingBalance],
    ),
    has(
        Shape::AppTrustline,
        &[
            Key::AccountId,
            Key::BuyingLiabilities,
            Key::Limit,
            Key::Action,
        ],
    ),
    has(
        Shape::AccountTransaction,
        &[Key::AccountId, Key::Operation, Key::TransactionStatus],
    ),
    has(
        Shape::AccountEffect,
        &[Key::EffectType, Key::AccountId, Key::Details],
    ),
    has(
        Shape::AccountYear,
        &[
            Key::AccountId,
            Key::TotalTransactions,
            Key::HighestTransactionCount,
        ],
    ),
    has(
        Shape::AppTrade,
        &[Key::SellerId, Key::BuyerId, Key::SellAsset, Key::BuyAsset],
    ),
    has(
        Shape::MarketMetrics,
        &[Key::TradePair, Key::BaseAsset, Key::CounterAsset],
    ),
    has(
        Shape::TokenPrice,
        &[Key::BaseAsset, Key::QuoteAsset, Key::NumTrades24h],
    ),
    has(
        Shape::TickerOrderbook,
        &[Key::BaseAsset, Key::QuoteAsset, Key::BidCount, Key::AskMin],
    ),
    has(
        Shape::TickerAsset,
        &[Key::Code, Key::Issuer, Key::DisplayDecimals],
    ),
    has(
        Shape::AssetStats,
        &[Key::AccountsAuthorized, Key::AssetCode, Key::NumHolders],
    ),
    has(
        Shape::AppMetrics,
        &[
            Key::LedgerSequence,
            Key::ActiveAccounts,
            Key::TxSetSizeBytes,
        ],
    ),
    has(
        Shape::ContractEvent,
        &[Key::ContractId, Key::EventType, Key::TopicDecoded],
    )
    .lacks(&[Key::ProcessorVersion]),
    has(
        Shape::GetEventsRpc,
        &[Key::Id, Key::Type, Key::Data, Key::CreatedAt],
    )
    .lacks(&[Key::ContractId]),
    has(
        Shape::ContractData,
        &[Key::ContractData, Key::ContractId, Key::MessageType],
    ),
    has(
        Shape::StellarContractEvent,
        &[Key::Events, Key::ProcessorName, Key::MessageType],
    ),
    has(
        Shape::ContractInvocationV2Bundle,
        &[Key::Events, Key::EventCount, Key::TransactionHash],
    ),
    has(
        Shape::SoroswapPair,
        &[Key::PairAddress, Key::Token0, Key::Token1],
    ),
    has(Shape::SoroswapSync, &[Key::NewReserve0, Key::NewReserve1]),
    has(
        Shape::SoroswapRouter,
        &[Key::TokenA, Key::TokenB, Key::AmountA, Key::AmountB],
    ),
    has(
        Shape::ContractInvocationV2,
        &[Key::CallNodeId, Key::ContractId],
    ),
    has(
        Shape::ContractInvocationExtractor,
        &[Key::Toid, Key::SchemaName, Key::ContractId],
    ),
    has(
        Shape::ContractInvocationV3,
        &[
            Key::TransactionIndex,
            Key::InvokingAccount,
            Key::ProcessorVersion,
        ],
    ),
    has(
        Shape::ContractInvocation,
        &[Key::TransactionIndex, Key::InvokingAccount, Key::ContractId],
    ),
    has(
        Shape::FilteredContractInvocation,
        &[Key::InvokingAccount, Key::ContractId],
    ),
    has(
        Shape::ContractCreation,
        &[Key::ContractId, Key::CreatorAccount],
    ),
    has(
        Shape::Kale,
        &[Key::BlockIndex, Key::TotalStaked, Key::Farmers],
    ),
    has(
        Shape::LatestLedger,
        &[Key::Sequence, Key::Hash, Key::SuccessfulTxCount],
    ),
    has(
        Shape::LedgerToJson,
        &[Key::Sequence, Key::PreviousLedgerHash, Key::TotalCoins],
    ),
    has(Shape::LatestLedgerRpc, &[Key::Sequence, Key::ClosedAt]).lacks(&[
        Key::SuccessfulTxCount,
        Key::LedgerHash,
        Key::ContractId,
    ]),
    has(
        Shape::LedgerReader,
        &[Key::ReaderTransaction, Key::ReaderSequence],
    ),
    has(
        Shape::LedgerReader,
        &[Key::ReaderTransaction, Key::ReaderCloseTime],
    ),
    has(
        Shape::LedgerChanges,
        &[Key::ChangeType, Key::EntryType, Key::ChangedEntry],
    ),
    has(
        Shape::Passthrough,
        &[Key::LedgerVersion, Key::LedgerHash, Key::CloseTime],
    ),
];

/// The first shape these keys are enough for.
pub(super) fn shape(keys: Keys) -> Shape {
    SIGNATURES
        .iter()
        .find(|known| keys.has_all(known.has) && !keys.has_any(known.lacks))
        .map_or(Shape::Unknown, |known| known.shape)
}
