//! Events about the ledger itself.

use serde_json::{Value, json};

use super::{Scene, float};

/// `LatestLedger`: has no `type`.
pub(super) fn latest(scene: &mut Scene) -> Value {
    let count = scene.dice.between(120, 320);
    let failed = count * scene.dice.between(20, 45) / 100;
    let soroban = scene.dice.between(5, 40);
    json!({
        "sequence": scene.sequence, "hash": scene.hash, "transaction_count": count,
        "operation_count": count * 2 + scene.dice.between(0, 200),
        "successful_tx_count": count - failed, "failed_tx_count": failed,
        "total_fee_charged": count * scene.dice.between(1_000, 5_000),
        "closed_at": scene.time(), "base_fee": 100, "soroban_tx_count": soroban,
        "total_soroban_fees": soroban * scene.dice.between(20_000, 60_000),
        "total_resource_instructions": soroban * scene.dice.between(1_000_000, 30_000_000),
    })
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
        "timestamp": scene.unix(), "ledger_sequence": scene.sequence, "type": "network_metrics",
        "transaction_count": transactions, "operation_count": payments + creations + trust + offers,
        "payment_volume": scene.dice.between(10_000_000_000, 900_000_000_000).to_string(),
        "fee_volume": fees.to_string(), "active_accounts": scene.dice.between(80, 260),
        "new_accounts": creations, "ledger_closetime": 0,
        "tx_success_rate": float(succeeded as f64 * 100.0 / transactions as f64),
        "average_fee_paid": (fees / transactions).to_string(), "base_fee": 100, "max_fee": 1000,
        "fee_charged": "", "max_fee_charged": scene.dice.between(20_000, 900_000).to_string(),
        "payment_ops": payments, "create_account_ops": creations, "change_trust_ops": trust,
        "manage_offer_ops": offers, "set_options_ops": 0, "tx_set_size_bytes": 2,
        "protocol_version": 23,
    })
}
