//! Calls of contracts, and what they leave behind. None of these has a `type`.

use serde_json::{Map, Value, json};

use super::contracts::{self, NETWORK, account, amount, symbol};
use super::scene::Scene;
use super::template::Slot;

/// `ContractInvocation`, first version.
pub(super) fn plain(scene: &mut Scene) -> Value {
    Value::Object(invocation(scene))
}

fn invocation(scene: &mut Scene) -> Map<String, Value> {
    let (from, to) = scene.pair();
    let arguments = [
        account(&from),
        account(&to),
        amount(scene.money()),
        contracts::bytes(scene),
    ];
    let raw: Vec<_> = arguments.iter().map(|twin| twin.raw.clone()).collect();
    let decoded: Vec<_> = arguments.iter().map(|twin| twin.decoded.clone()).collect();
    let named: Map<_, _> = decoded
        .iter()
        .enumerate()
        .map(|(n, value)| (format!("arg_{n}"), value.clone()))
        .collect();
    let mut members = members(json!({
        "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "transaction_index": scene.number(1, 300).number(), "operation_index": 0,
        "transaction_hash": scene.hash(), "contract_id": scene.contract().address,
        "invoking_account": from.address, "function_name": "transfer", "arguments_raw": raw,
        "arguments": decoded, "arguments_decoded": named, "successful": scene.dice.chance(85),
    }));
    if scene.dice.chance(40) {
        members.insert("contract_calls".to_owned(), json!([call(scene)]));
        members.insert("state_changes".to_owned(), json!([change(scene)]));
    }
    members
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn call(scene: &mut Scene) -> Value {
    json!({
        "from_contract": scene.contract().address, "to_contract": scene.contract().address,
        "function": "swap", "arguments": [symbol("exact_in").decoded], "call_depth": 1,
        "auth_type": "inferred", "successful": true, "execution_order": 1,
    })
}

fn change(scene: &mut Scene) -> Value {
    let (old, new) = (amount(scene.money()), amount(scene.money()));
    json!({
        "contract_id": scene.contract().address, "key_raw": symbol("Balance").raw,
        "key": "Balance", "old_value_raw": old.raw, "old_value": old.decoded,
        "new_value_raw": new.raw, "new_value": new.decoded, "operation": "update",
    })
}

fn auth(scene: &mut Scene) -> Value {
    let signer = scene.account().address;
    json!({
        "root_authorizer": signer, "auth_tree": {
            "node_id": "auth_0", "authorizer_type": "account", "authorizer_id": signer,
            "credentials": { "type": "source_account" },
        },
        "auth_path": [signer], "auth_proof": "",
    })
}

/// `ContractInvocationV2`, an event a message.
pub(super) fn second(scene: &mut Scene) -> Value {
    let (from, to) = scene.pair();
    let topics = [symbol("transfer"), account(&from), account(&to)];
    let data = amount(scene.money());
    let contract = scene.contract().address;
    let hash = scene.hash();
    json!({
        "event_id": format!("{hash}-0"), "event_type": "contract", "event_subtype": "transfer",
        "contract_id": contract, "function_name": "transfer",
        "topics": topics.iter().map(|twin| twin.decoded.clone()).collect::<Vec<_>>(),
        "topics_raw": topics.iter().map(|twin| twin.raw.clone()).collect::<Vec<_>>(),
        "data": data.decoded, "data_raw": data.raw, "transaction_hash": hash,
        "ledger_sequence": scene.sequence(), "timestamp": scene.time(), "event_index": 0,
        "call_node_id": "call_0", "call_path": [format!("{contract}.transfer")], "call_depth": 0,
        "auth_context": auth(scene), "direct_auth": from.address, "in_successful_call": true,
        "processor_version": "v2.0.0",
    })
}

/// `ContractInvocationV2`, all events of a transaction in one message.
pub(super) fn bundle(scene: &mut Scene) -> Value {
    let events = [second(scene), second(scene)];
    json!({ "event_count": events.len(), "events": events, "transaction_hash": scene.hash() })
}

/// `ContractInvocationV3`: the first version and more.
pub(super) fn third(scene: &mut Scene) -> Value {
    let mut made = invocation(scene);
    let contract = scene.contract().address;
    made.insert("auth_context".to_owned(), auth(scene));
    made.insert(
        "event_summary".to_owned(),
        json!({
            "total_events": 1, "contract_events": 1, "diagnostic_events": 0,
            "event_types": { "transfer": 1 }, "contracts_involved": [contract],
        }),
    );
    made.insert("processor_version".to_owned(), "v3.0.0".into());
    made.into()
}

/// `FilteredContractInvocation`
pub(super) fn filtered(scene: &mut Scene) -> Value {
    json!({
        "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "transaction_hash": scene.hash(), "contract_id": scene.contract().address,
        "invoking_account": scene.account().address, "function_name": "transfer",
        "successful": scene.dice.chance(85),
    })
}

/// `ContractInvocationExtractor`: the schema of one application.
pub(super) fn extracted(scene: &mut Scene) -> Value {
    let (funder, recipient) = scene.pair();
    let toid = scene.slots.add(Slot::Toid);
    json!({
        "toid": toid.number(), "ledger": scene.sequence(), "timestamp": scene.time(),
        "contract_id": scene.contract().address, "function_name": "sink",
        "invoking_account": funder.address, "transaction_hash": scene.hash(),
        "funder": funder.address, "recipient": recipient.address,
        "amount": scene.number(10_000, 9_000_000).number(), "project_id": "VCS1360",
        "memo_text": format!("offset{}", scene.filler()), "processed_at": scene.moment_later(),
        "schema_name": "carbon_sink", "successful": true,
    })
}

/// `ContractCreation`
pub(super) fn creation(scene: &mut Scene) -> Value {
    let creator = scene.account().address;
    json!({
        "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "transaction_hash": scene.hash(), "contract_id": scene.contract().address,
        "creator_account": creator, "wasm_id": scene.hash(), "successful": true,
        "executor_account": creator, "network_passphrase": NETWORK,
    })
}

/// `ContractData`: the asset code is nested, out of reach of the filters.
pub(super) fn data(scene: &mut Scene) -> Value {
    let asset = scene.issued();
    let contract = scene.contract().address;
    let (key, value) = (symbol("Balance"), amount(scene.money()));
    let (time, sequence) = (scene.time(), scene.sequence());
    json!({
        "contract_data": {
            "contract_id": contract, "contract_key_type": "ScValTypeScvVec",
            "contract_durability": "ContractDataDurabilityPersistent", "asset_code": asset.code,
            "asset_issuer": asset.issuer, "asset_type": asset.class(),
            "balance_holder": scene.account().address, "balance": scene.money().text(),
            "last_modified_ledger": sequence, "ledger_entry_change": 1, "deleted": false,
            "closed_at": time, "ledger_sequence": sequence, "ledger_key_hash": scene.hash(),
            "key": { "type": "Sym", "value": "AAAADwAAAAdCYWxhbmNl" },
            "key_decoded": { "type": "Sym", "value": key.decoded },
            "val": { "type": "I128", "value": "AAAACg" },
            "val_decoded": { "type": "I128", "value": value.decoded },
            "contract_data_xdr": format!("AAAABg{}", scene.filler()),
        },
        "contract_id": contract, "timestamp": time, "ledger_sequence": sequence,
        "processor_name": "contract_data_processor", "message_type": "contract_data",
    })
}

/// `StellarContractEvent`: the `type` of its events is a number, and nested.
pub(super) fn stellar_events(scene: &mut Scene) -> Value {
    let (hash, time, sequence) = (scene.hash(), scene.time(), scene.sequence());
    let events: Vec<Value> = (0..2)
        .map(|_| {
            json!({
                "transaction_hash": hash, "transaction_id": scene.number(1, 300).number(),
                "successful": true, "ledger_sequence": sequence, "closed_at": time,
                "in_successful_contract_call": true, "contract_id": scene.contract().address,
                "type": 1, "type_string": "ContractEventTypeContract", "topics": {},
                "topics_decoded": {}, "data": { "type": "ContractEventTypeContract" },
                "data_decoded": { "type": "ContractEventTypeContract" },
                "contract_event_xdr": format!("AAAAAQ{}", scene.filler()),
            })
        })
        .collect();
    json!({
        "events": events, "transaction_hash": hash, "ledger_sequence": sequence,
        "processor_name": "stellar_contract_event_processor",
        "message_type": "stellar_contract_events", "timestamp": scene.moment_later(),
    })
}

/// `Kale`: running totals.
pub(super) fn kale(scene: &mut Scene) -> Value {
    json!({
        "block_index": scene.number(60_000, 61_000).number(), "timestamp": scene.time(),
        "total_staked": scene.number(500, 90_000).number(), "total_reward": 0,
        "participants": 1, "highest_zero_count": scene.number(0, 9).number(), "close_time_ms": 0,
        "farmers": [scene.account().address], "max_zeros": 0, "min_zeros": 0, "open_time_ms": 0,
        "duration": 0,
    })
}
