//! Payments, accounts and trust lines.

use serde_json::{Value, json};

use super::scene::Scene;

const MEMOS: [&str; 6] = [
    "",
    "",
    "invoice 4711",
    "rent",
    "order #58213",
    "payout 2026-06",
];

/// `FilterPayments`: the buyer is the receiver; the seller is often empty.
pub(super) fn filtered(scene: &mut Scene) -> Value {
    let (receiver, sender) = scene.pair();
    let seller = if scene.dice.chance(40) {
        String::new()
    } else {
        sender.address
    };
    json!({
        "timestamp": scene.unix(), "buyer_account_id": receiver.address,
        "seller_account_id": seller, "asset_code": scene.asset().canonical(),
        "amount": scene.money().decimal(), "type": "payment", "memo": memo(scene),
        "ledger_seq_num": scene.sequence(),
    })
}

/// `BlankProcessor`: the same without memo and ledger.
pub(super) fn blank(scene: &mut Scene) -> Value {
    let (receiver, sender) = scene.pair();
    json!({
        "timestamp": scene.unix(), "buyer_account_id": receiver.address,
        "seller_account_id": sender.address, "asset_code": scene.asset().canonical(),
        "amount": scene.money().decimal(), "type": "payment",
    })
}

/// `TransformToAppPayment`: source and destination are swapped, `successful` is always true.
pub(super) fn app(scene: &mut Scene) -> Value {
    const TYPES: [&str; 6] = [
        "payment",
        "payment",
        "path_payment_strict_send",
        "path_payment_strict_receive",
        "account_merge",
        "claim_claimable_balance",
    ];
    let (receiver, sender) = scene.pair();
    json!({
        "timestamp": scene.unix(), "source_account_id": receiver.address,
        "destination_account_id": sender.address, "asset_code": scene.asset().canonical(),
        "amount": scene.money().decimal(), "type": scene.dice.pick(&TYPES),
        "memo": memo(scene), "ledger_sequence": scene.sequence(), "successful": true,
        "ledger_hash": scene.ledger_hash(), "closed_at": scene.time(),
    })
}

/// `TransformToAppAccount`, payment: the other way round, and most of it never set.
pub(super) fn account(scene: &mut Scene) -> Value {
    let (receiver, sender) = scene.pair();
    let source = if scene.dice.chance(40) {
        String::new()
    } else {
        sender.address
    };
    json!({
        "timestamp": scene.unix(), "source_account_id": source,
        "destination_account_id": receiver.address, "asset_code": scene.asset().canonical(),
        "amount": scene.money().decimal(), "type": "payment", "memo": "", "ledger_sequence": 0,
        "successful": false,
    })
}

/// `CreateAccount`
pub(super) fn create_account(scene: &mut Scene) -> Value {
    let (funder, account) = scene.pair();
    json!({
        "timestamp": scene.unix(), "funder": funder.address, "account": account.address,
        "starting_balance": scene.number(10_000_000, 500_000_000).decimal(),
        "type": "create_account",
    })
}

/// `TransformToAppTrustline`: the code is padded with NUL to 4 or 12 characters.
pub(super) fn trustline(scene: &mut Scene) -> Value {
    let asset = scene.issued();
    let width = if asset.code.len() <= 4 { 4 } else { 12 };
    let removed = scene.dice.chance(20);
    let (action, limit) = if removed {
        ("removed", "0")
    } else {
        ("created", "9223372036854775807")
    };
    json!({
        "timestamp": scene.unix(), "account_id": scene.account().address,
        "asset_code": format!("{:\0<width$}", asset.code), "asset_issuer": asset.issuer,
        "balance": "0", "buying_liabilities": "0", "selling_liabilities": "0", "limit": limit,
        "action": action, "type": "trustline", "ledger_seq": scene.sequence(),
        "tx_hash": scene.hash(), "auth_flags": 0, "auth_required": false,
        "auth_revocable": false, "auth_immutable": false, "is_pool_share": false,
        "metadata": { "last_modified": "0", "version": 1 },
    })
}

/// `TransformToAppTrustline` on changed flags: most strings are empty.
pub(super) fn trustline_flags(scene: &mut Scene) -> Value {
    let asset = scene.issued();
    json!({
        "timestamp": scene.unix(), "account_id": scene.account().address,
        "asset_code": asset.code, "asset_issuer": asset.issuer, "balance": "",
        "buying_liabilities": "", "selling_liabilities": "", "limit": "", "action": "",
        "type": "trustline_flags", "ledger_seq": scene.sequence(), "tx_hash": scene.hash(),
        "auth_flags": scene.dice.between(0, 3), "auth_required": false, "auth_revocable": false,
        "auth_immutable": false, "is_pool_share": false,
        "metadata": { "last_modified": "", "version": 0 },
    })
}

/// `AccountEffect`: has no `type`; amounts in stroops.
pub(super) fn effect(scene: &mut Scene) -> Value {
    let (account, other) = scene.pair();
    let amount = scene.money().number();
    let asset = scene.asset().canonical();
    let (kind, details) = match scene.dice.between(0, 3) {
        0 => (
            "account_created",
            json!({ "starting_balance": amount, "funder": other.address }),
        ),
        1 => (
            "account_debited",
            json!({ "amount": amount, "asset": asset, "to": other.address }),
        ),
        _ => (
            "account_credited",
            json!({ "amount": amount, "asset": asset, "from": other.address }),
        ),
    };
    json!({
        "timestamp": scene.time(), "effect_type": kind, "ledger_sequence": scene.sequence(),
        "account_id": account.address, "details": details,
        "transaction_hash": scene.hash(),
    })
}

/// `AccountTransaction`: one per transaction.
pub(super) fn transaction(scene: &mut Scene) -> Value {
    let (account, other) = scene.pair();
    if scene.dice.chance(30) {
        let contract = scene.contract().address;
        return json!({
            "timestamp": scene.time(), "transaction_hash": scene.hash(),
            "ledger_sequence": scene.sequence(), "account_id": account.address, "type": "soroban",
            "operation": "invoke_contract", "transaction_status": scene.dice.chance(80),
            "contract_id": contract, "function_name": "transfer",
            "parameters": { "memo": scene.filler() },
        });
    }
    json!({
        "timestamp": scene.time(), "transaction_hash": scene.hash(),
        "ledger_sequence": scene.sequence(), "account_id": account.address, "type": "stellar",
        "operation": "payment", "amount": scene.money().decimal(),
        "asset_code": scene.asset().canonical(), "counterparty_id": other.address,
        "transaction_status": scene.dice.chance(80),
    })
}

/// `AccountYearAnalytics`: totals that are sent again with every ledger that moved them.
pub(super) fn year(scene: &mut Scene) -> Value {
    json!({
        "account_id": scene.account().address,
        "total_transactions": scene.number(40, 90_000).number(),
        "highest_transaction_count_date": "2026-03-14T00:00:00Z",
        "highest_transaction_count": scene.number(5, 900).number(),
    })
}

fn memo(scene: &mut Scene) -> String {
    format!("{}{}", scene.dice.pick(&MEMOS), scene.filler())
}
