//! Events about the ledger itself, and what all events of a ledger share.

use serde_json::{Value, json};

use super::scene::{Scene, float};
use super::template::Slot;
use crate::server::dice::Dice;

/// A closed ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Closed {
    pub(super) sequence: u64,
    /// The sequence in digits.
    pub(super) number: String,
    pub(super) hash: String,
    /// Closing time in Unix seconds.
    pub(super) unix: String,
    /// Closing time, whole seconds.
    pub(super) time: String,
    /// Microseconds since the Unix epoch.
    pub(super) wall_us: i64,
}

impl Closed {
    /// The ledger of that number, closed at that time (microseconds since the Unix epoch).
    pub(super) fn new(sequence: u64, closed_us: i64, dice: &mut Dice) -> Self {
        let seconds = closed_us.div_euclid(1_000_000);
        Self {
            sequence,
            number: sequence.to_string(),
            hash: dice.hash(),
            unix: seconds.to_string(),
            time: rfc3339(seconds * 1_000_000),
            wall_us: closed_us,
        }
    }

    /// So many microseconds after it closed.
    pub(super) fn later(&self, us: u64) -> String {
        rfc3339(self.wall_us.saturating_add_unsigned(us))
    }
}

fn rfc3339(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us).map_or_else(
        |_| "0001-01-01T00:00:00Z".to_owned(),
        |timestamp| timestamp.to_string(),
    )
}

/// `LatestLedger`: has no `type`.
pub(super) fn latest(scene: &mut Scene) -> Value {
    let count = scene.dice.between(120, 320);
    let failed = count * scene.dice.between(20, 45) / 100;
    let soroban = scene.dice.between(5, 40);
    json!({
        "sequence": scene.sequence(), "hash": scene.ledger_hash(), "transaction_count": count,
        "operation_count": count * 2 + scene.dice.between(0, 200),
        "successful_tx_count": count - failed, "failed_tx_count": failed,
        "total_fee_charged": count * scene.dice.between(1_000, 5_000),
        "closed_at": scene.time(), "base_fee": 100, "soroban_tx_count": soroban,
        "total_soroban_fees": soroban * scene.dice.between(20_000, 60_000),
        "total_resource_instructions": soroban * scene.dice.between(1_000_000, 30_000_000),
    })
}

/// `LatestLedgerRPC`: the time is the server's own.
pub(super) fn latest_rpc(scene: &mut Scene) -> Value {
    json!({ "sequence": scene.sequence(), "closed_at": scene.moment_later() })
}

/// `TransformToAppMetrics`: `network_metrics`, one per ledger.
pub(super) fn metrics(scene: &mut Scene) -> Value {
    let transactions = scene.dice.between(120, 320);
    let succeeded = transactions * scene.dice.between(55, 80) / 100;
    let fees = transactions * scene.dice.between(1_000, 5_000);
    let payments = scene.dice.between(40, 150);
    let creations = scene.dice.between(0, 6);
    let trust = scene.dice.between(2, 20);
    let offers = scene.dice.between(100, 400);
    json!({
        "timestamp": scene.unix(), "ledger_sequence": scene.sequence(), "type": "network_metrics",
        "transaction_count": transactions, "operation_count": payments + creations + trust + offers,
        "payment_volume": scene.number(10_000_000_000, 900_000_000_000).text(),
        "fee_volume": fees.to_string(), "active_accounts": scene.dice.between(80, 260),
        "new_accounts": creations, "ledger_closetime": 0,
        "tx_success_rate": float(succeeded as f64 * 100.0 / transactions as f64),
        "average_fee_paid": (fees / transactions).to_string(), "base_fee": 100, "max_fee": 1000,
        "fee_charged": "", "max_fee_charged": scene.number(20_000, 900_000).text(),
        "payment_ops": payments, "create_account_ops": creations, "change_trust_ops": trust,
        "manage_offer_ops": offers, "set_options_ops": 0, "tx_set_size_bytes": 2,
        "protocol_version": 23,
    })
}

/// `LedgerReader`: one transaction with the whole ledger around it, names in Pascal case.
pub(super) fn reader(scene: &mut Scene) -> Value {
    let close_time = scene.slots.add(Slot::Unix);
    let (source, destination) = scene.pair();
    let fee = scene.number(100, 9_000);
    let body = json!({
        "Type": 1, "PaymentOp": {
            "Destination": { "Type": 0, "Ed25519": destination.key, "Med25519": null },
            "Asset": { "Type": 0, "AlphaNum4": null, "AlphaNum12": null },
            "Amount": scene.money().number(),
        },
    });
    json!({
        "Transaction": {
            "Index": scene.number(1, 300).number(),
            "Envelope": { "Type": 2, "V0": null, "V1": {
                "Tx": {
                    "SourceAccount": { "Type": 0, "Ed25519": source.key, "Med25519": null },
                    "Fee": fee.number(), "SeqNum": scene.number(1 << 57, 1 << 58).number(),
                    "Cond": { "Type": 0, "TimeBounds": null, "V2": null },
                    "Memo": { "Type": 0, "Text": null, "Id": null, "Hash": null, "RetHash": null },
                    "Operations": [{ "SourceAccount": null, "Body": body }],
                    "Ext": { "V": 0, "SorobanData": null },
                },
                "Signatures": [{ "Hint": [152, 14, 27, 6], "Signature": "c2lnbmVk" }],
            }, "FeeBump": null },
            "Result": {
                "TransactionHash": source.key,
                "Result": { "FeeCharged": fee.number(), "Result": { "Code": 0 }, "Ext": { "V": 0 } },
            },
            "FeeChanges": [], "UnsafeMeta": { "V": 3, "Operations": null, "V3": null },
            "PostTxApplyFeeChanges": null, "LedgerVersion": 23,
            "Ledger": { "V": 1, "V0": null, "V1": {
                "LedgerHeader": { "LedgerSeq": scene.sequence(), "BaseFee": 100 },
                "TxProcessing": format!("AAAA{}", scene.filler()),
            } },
            "Hash": destination.key,
        },
        "CloseTime": close_time.number(), "LedgerSeqNum": scene.sequence(),
    })
}

/// `LedgerChanges`: names in Pascal case inside the states.
pub(super) fn changes(scene: &mut Scene) -> Value {
    const ENTRIES: [&str; 4] = ["Account", "Trustline", "Offer", "ContractData"];
    let kind = *scene.dice.pick(&["created", "updated", "removed", "state"]);
    let entry = *scene.dice.pick(&ENTRIES);
    let account = scene.account();
    let mut state = |present: bool| {
        if !present {
            return Value::Null;
        }
        json!({
            "LastModifiedLedgerSeq": scene.sequence(),
            "Data": { "Type": 0, "Account": {
                "AccountId": { "Type": 0, "Ed25519": account.key },
                "Balance": scene.money().number(), "SeqNum": 3, "NumSubEntries": 1,
                "HomeDomain": scene.filler(),
            } },
            "Ext": { "V": 0, "V1": null },
        })
    };
    let (pre, post) = (state(kind == "updated"), state(kind != "removed"));
    json!({
        "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "transaction_hash": scene.hash(), "operation_index": -1, "change_type": kind,
        "entry_type": format!("LedgerEntryType{entry}"),
        "entry_key": format!("0000000200000000{}", scene.hash()), "pre_state": pre,
        "post_state": post, "changes": null,
    })
}

/// `LedgerToJSON`: members in alphabetical order, the total of coins beyond 2^53.
pub(super) fn to_json(scene: &mut Scene) -> Value {
    let failed = scene.dice.between(20, 120);
    let previous = scene.hash();
    let closed_at = scene.slots.add(Slot::Millis);
    let transactions: Vec<Value> = (0..4).map(|_| transaction(scene)).collect();
    json!({
        "base_fee": 100, "base_reserve": 5_000_000,
        "closed_at": closed_at.number(), "failed_transaction_count": failed,
        "fee_pool": scene.number(60_000_000_000_000, 61_000_000_000_000).number(),
        "ledger_hash": scene.ledger_hash(), "max_tx_set_size": 1000,
        "previous_ledger_hash": previous, "protocol_version": 23,
        "sequence": scene.sequence(), "soroban_fee_write_1kb": 1_000,
        "successful_transaction_count": 300 - failed,
        "total_coins": 1_054_439_020_873_472_865_u64, "transactions": transactions,
    })
}

/// One of the transactions in it.
fn transaction(scene: &mut Scene) -> Value {
    json!({
        "account": scene.account().address,
        "account_sequence": scene.number(1 << 57, 1 << 58).number(),
        "fee_charged": scene.number(100, 9_000).number(), "max_fee": 10_000,
        "memo": format!("order{}", scene.filler()), "memo_type": "text", "operation_count": 1,
        "successful": scene.dice.chance(70), "transaction_hash": scene.hash(),
    })
}

/// `Passthrough`: members in alphabetical order, the ledger itself in base 64.
pub(super) fn passthrough(scene: &mut Scene) -> Value {
    let close_time = scene.slots.add(Slot::Unix);
    json!({
        "base_fee": 100, "base_reserve": 5_000_000, "close_time": close_time.number(),
        "ledger_hash": scene.ledger_hash(), "ledger_sequence": scene.sequence(),
        "ledger_version": 23, "ledger_xdr_base64": format!("AAAAAQ{}", scene.filler()),
        "ledger_xdr_size_bytes": scene.number(200_000, 900_000).number(),
        "max_tx_set_size": 1000, "protocol_version": 23,
        "transaction_count": scene.number(120, 320).number(),
    })
}
