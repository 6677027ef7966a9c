//! The member names that tell shapes apart or hold something comparable.

use memchr::memmem;

use super::{Shape, signature};
use crate::schema::scan;

macro_rules! keys {
    ($($key:ident $name:literal,)*) => {
        /// A known top-level member of events.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in super::super) enum Key {
            $($key,)*
        }

        const COUNT: usize = [$(Key::$key),*].len();

        const ALL: [Key; COUNT] = [$(Key::$key),*];

        const NAMES: [&str; COUNT] = [$(match std::str::from_utf8($name) {
            Ok(name) => name,
            Err(_) => panic!("names of members are ASCII"),
        }),*];

        impl Key {
            /// The key of exactly that spelling.
            fn exact(name: &[u8]) -> Option<Self> {
                match name {
                    $($name => Some(Self::$key),)*
                    _ => None,
                }
            }
        }
    };
}

keys! {
    Account b"account",
    AccountId b"account_id",
    AccountsAuthorized b"accounts_authorized",
    Action b"action",
    ActiveAccounts b"active_accounts",
    Amount b"amount",
    AmountA b"amount_a",
    AmountB b"amount_b",
    AskMin b"ask_min",
    AssetCode b"asset_code",
    AssetIssuer b"asset_issuer",
    BaseAsset b"base_asset",
    BaseIssuer b"base_issuer",
    BidCount b"bid_count",
    BidMax b"bid_max",
    BlockHeight b"block_height",
    BlockIndex b"block_index",
    BuyAmount b"buy_amount",
    BuyAsset b"buy_asset",
    BuyerAccountId b"buyer_account_id",
    BuyerId b"buyer_id",
    BuyingLiabilities b"buying_liabilities",
    CallNodeId b"call_node_id",
    ChangeType b"change_type",
    ClosePrice b"close_price",
    CloseTime b"close_time",
    ClosedAt b"closed_at",
    Code b"code",
    ContractData b"contract_data",
    ContractId b"contract_id",
    CounterAsset b"counter_asset",
    CounterpartyId b"counterparty_id",
    CreatedAt b"created_at",
    CreatorAccount b"creator_account",
    Data b"data",
    DataDecoded b"data_decoded",
    DestinationAccountId b"destination_account_id",
    Details b"details",
    DisplayDecimals b"display_decimals",
    EffectType b"effect_type",
    ChangedEntry b"entry_key",
    EntryType b"entry_type",
    EventCount b"event_count",
    EventIndex b"event_index",
    EventType b"event_type",
    Events b"events",
    ExecutorAccount b"executor_account",
    FailedTransactionCount b"failed_transaction_count",
    Farmers b"farmers",
    FeePayer b"fee_payer",
    FirstSeenLedger b"first_seen_ledger",
    FunctionName b"function_name",
    Funder b"funder",
    Hash b"hash",
    HighPrice b"high_price",
    HighestTransactionCount b"highest_transaction_count",
    HighestTransactionCountDate b"highest_transaction_count_date",
    Id b"id",
    InvokingAccount b"invoking_account",
    Issuer b"issuer",
    LastChecked b"last_checked",
    LastModified b"last_modified",
    LastUpdated b"last_updated",
    Ledger b"ledger",
    LedgerHash b"ledger_hash",
    LedgerSeq b"ledger_seq",
    LedgerSeqNum b"ledger_seq_num",
    LedgerSequence b"ledger_sequence",
    LedgerVersion b"ledger_version",
    Limit b"limit",
    LowPrice b"low_price",
    MarketCap b"market_cap",
    Memo b"memo",
    MessageType b"message_type",
    NewReserve0 b"new_reserve_0",
    NewReserve1 b"new_reserve_1",
    NumHolders b"num_holders",
    NumTrades24h b"num_trades_24h",
    Operation b"operation",
    OperationCount b"operation_count",
    OperationType b"operation_type",
    PairAddress b"pair_address",
    Participants b"participants",
    PreviousLedgerHash b"previous_ledger_hash",
    Price b"price",
    ProcessorName b"processor_name",
    ProcessorVersion b"processor_version",
    ProjectId b"project_id",
    QuoteAsset b"quote_asset",
    QuoteIssuer b"quote_issuer",
    ReaderCloseTime b"CloseTime",
    ReaderSequence b"LedgerSeqNum",
    ReaderTransaction b"Transaction",
    Recipient b"recipient",
    SchemaName b"schema_name",
    SellAmount b"sell_amount",
    SellAsset b"sell_asset",
    SellerAccountId b"seller_account_id",
    SellerId b"seller_id",
    Sequence b"sequence",
    SourceAccountId b"source_account_id",
    StartingBalance b"starting_balance",
    Successful b"successful",
    SuccessfulTxCount b"successful_tx_count",
    SuccessfulTransactionCount b"successful_transaction_count",
    Timestamp b"timestamp",
    Toid b"toid",
    Token0 b"token_0",
    Token1 b"token_1",
    TokenA b"token_a",
    TokenB b"token_b",
    TopicDecoded b"topic_decoded",
    TotalCoins b"total_coins",
    TotalStaked b"total_staked",
    TotalSupply b"total_supply",
    TotalTransactions b"total_transactions",
    TradeCount b"trade_count",
    TradePair b"trade_pair",
    TransactionCount b"transaction_count",
    TransactionHash b"transaction_hash",
    TransactionIndex b"transaction_index",
    TransactionStatus b"transaction_status",
    TxHash b"tx_hash",
    TxSetSizeBytes b"tx_set_size_bytes",
    Type b"type",
    Volume b"volume",
}

impl Key {
    /// The key of a raw member name as [`scan::members`] gives it, escapes as written.
    #[inline]
    pub(in super::super) fn of(raw: &[u8]) -> Option<Self> {
        Self::exact(raw).or_else(|| Self::escaped(raw))
    }

    /// A key spelled with escapes, which the server reads as the plain one.
    #[cold]
    fn escaped(raw: &[u8]) -> Option<Self> {
        if !raw.contains(&b'\\') {
            return None;
        }
        ALL.into_iter().find(|key| scan::key_is(raw, key.name()))
    }

    /// The member's name.
    pub(in super::super) const fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Keys(u128);

impl Keys {
    /// The set of these.
    pub(in super::super) const fn of(keys: &[Key]) -> Self {
        let mut set = Self(0);
        let mut at = 0;
        while at < keys.len() {
            set.0 |= 1 << keys[at] as u32;
            at += 1;
        }
        set
    }

    pub(in super::super) const fn insert(&mut self, key: Key) {
        self.0 |= 1 << key as u32;
    }

    pub(in super::super) const fn has(self, key: Key) -> bool {
        self.0 >> key as u32 & 1 == 1
    }

    /// True if all of `keys` are in it.
    pub(in super::super) const fn has_all(self, keys: Self) -> bool {
        self.0 & keys.0 == keys.0
    }

    /// True if one of `keys` is in it.
    pub(in super::super) const fn has_any(self, keys: Self) -> bool {
        self.0 & keys.0 != 0
    }
}

/// Length from which a ledger reader's event is read from its end, in bytes.
const LONG: usize = 32 * 1024;

/// Bytes at the end of such an event in which the members behind the transaction stand.
const BEHIND: usize = 256;

/// The known members of an event and their raw values; of a repeated one the last, which is the
/// one the server goes by.
pub(in super::super) struct Fields<'a> {
    keys: Keys,
    values: [&'a [u8]; COUNT],
}

impl<'a> Fields<'a> {
    /// The fields of `event`. Total; what is no object has none. A ledger reader's long event is
    /// read from its end.
    pub(in super::super) fn read(event: &'a [u8]) -> Self {
        Self::behind_the_ledger(event).unwrap_or_else(|| Self::walk(event))
    }

    /// Like [`Self::read`], but no more than the first `limit` bytes of another long event, where
    /// known shapes have told themselves by then.
    pub(in super::super) fn glance(event: &'a [u8], limit: usize) -> Self {
        Self::behind_the_ledger(event)
            .unwrap_or_else(|| Self::walk(&event[..event.len().min(limit)]))
    }

    /// Walks the top level once.
    fn walk(event: &'a [u8]) -> Self {
        let mut fields = Self {
            keys: Keys::default(),
            values: [&[]; COUNT],
        };
        for (name, value) in scan::members(event) {
            if let Some(key) = Key::of(name) {
                fields.keys.insert(key);
                fields.values[key as usize] = value;
            }
        }
        fields
    }

    /// The fields of a long event that begins with a ledger reader's transaction, which is nearly
    /// all of it; `None` if it does not.
    pub(in super::super) fn behind_the_ledger(event: &'a [u8]) -> Option<Self> {
        let inside = event.trim_ascii_start().strip_prefix(b"{")?;
        let name = format!("\"{}\"", Key::ReaderTransaction.name());
        if event.len() <= LONG || !inside.trim_ascii_start().starts_with(name.as_bytes()) {
            return None;
        }
        let end = &event[event.len() - BEHIND..];
        let mut fields = Self {
            keys: Keys::of(&[Key::ReaderTransaction]),
            values: [&[]; COUNT],
        };
        for key in [Key::ReaderCloseTime, Key::ReaderSequence] {
            let name = format!("\"{}\":", key.name());
            let at = memmem::rfind(end, name.as_bytes())? + name.len();
            let value = end[at..].trim_ascii_start();
            let digits = value.iter().take_while(|byte| byte.is_ascii_digit());
            fields.values[key as usize] = &value[..digits.count()];
            fields.keys.insert(key);
        }
        Some(fields)
    }

    pub(in super::super) const fn keys(&self) -> Keys {
        self.keys
    }

    /// Whose output the event is.
    pub(in super::super) fn shape(&self) -> Shape {
        signature::shape(self.keys)
    }

    /// The raw value.
    pub(in super::super) const fn raw(&self, key: Key) -> Option<&'a [u8]> {
        if self.keys.has(key) {
            Some(self.values[key as usize])
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = assert!(COUNT <= 128, "a set of keys has 128 bits");

    #[test]
    fn every_key_is_found_by_its_name() {
        for key in ALL {
            assert_eq!(Key::of(key.name().as_bytes()), Some(key));
        }
        assert_eq!(Key::of(b"Amount"), None);
        assert_eq!(Key::of(b""), None);
    }

    #[test]
    fn escaped_names_are_read_as_plain_ones_and_the_last_value_counts() {
        let fields = Fields::read(br#"{"amount":1,"\u0061mount":2,"x\\y":3}"#);
        assert_eq!(fields.raw(Key::Amount), Some(&b"2"[..]));
        assert_eq!(fields.keys(), Keys::of(&[Key::Amount]));
        assert_eq!(fields.raw(Key::Memo), None);
    }

    #[test]
    fn of_a_long_ledger_only_the_end_is_read() {
        let ledger = "[1,".repeat(LONG);
        let event = format!(r#" {{"Transaction":{ledger},"CloseTime":17,"LedgerSeqNum": 42}}"#);
        let fields = Fields::glance(event.as_bytes(), LONG);
        assert_eq!(fields.shape(), Shape::LedgerReader);
        assert_eq!(fields.raw(Key::ReaderCloseTime), Some(&b"17"[..]));
        assert_eq!(fields.raw(Key::ReaderSequence), Some(&b"42"[..]));
        let other = format!(r#"{{"sequence":1,"closed_at":"","Transaction":{ledger}"#);
        let fields = Fields::glance(other.as_bytes(), LONG);
        assert_eq!(fields.shape(), Shape::LatestLedgerRpc);
        assert!(Fields::behind_the_ledger(b"").is_none());
    }
}
