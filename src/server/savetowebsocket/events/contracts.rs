//! Contract events, invocations and the exchange built on them.
//!
//! A contract event carries everything twice: the dump of the raw value, in which each of the 21
//! arms of the union is spelled out, and its decoded twin. They are several kilobytes long, so
//! they reach the client in fragments.

use serde_json::{Map, Value, json};

use super::cast::Party;
use super::scene::Scene;
use super::template::{Place, Slot};

pub(super) const NETWORK: &str = "Public Global Stellar Network ; September 2015";

/// The arms of a raw value, in order; the number of a type is its place in [`TYPES`].
const ARMS: [&str; 20] = [
    "B",
    "Error",
    "U32",
    "I32",
    "U64",
    "I64",
    "Timepoint",
    "Duration",
    "U128",
    "I128",
    "U256",
    "I256",
    "Bytes",
    "Str",
    "Sym",
    "Vec",
    "Map",
    "Address",
    "Instance",
    "NonceKey",
];

/// A raw value and its decoded twin.
#[derive(Clone)]
pub(super) struct Twin {
    pub(super) raw: Value,
    pub(super) decoded: Value,
}

fn raw(kind: u8, arm: &str, content: Value) -> Value {
    let mut value = Map::new();
    value.insert("Type".to_owned(), kind.into());
    for name in ARMS {
        value.insert(name.to_owned(), Value::Null);
    }
    value.insert(arm.to_owned(), content);
    value.into()
}

pub(super) fn symbol(text: &str) -> Twin {
    Twin {
        raw: raw(15, "Sym", text.into()),
        decoded: text.into(),
    }
}

fn string(text: &str) -> Twin {
    Twin {
        raw: raw(14, "Str", text.into()),
        decoded: text.into(),
    }
}

pub(super) fn account(party: &Party) -> Twin {
    Twin {
        raw: raw(18, "Address", address(party)),
        decoded: json!({ "address": party.address, "type": "account" }),
    }
}

fn address(account: &Party) -> Value {
    json!({
        "Type": 0, "AccountId": { "Type": 0, "Ed25519": account.key }, "ContractId": null,
        "MuxedAccount": null, "ClaimableBalanceId": null, "LiquidityPoolId": null,
    })
}

pub(super) fn amount(low: Place) -> Twin {
    Twin {
        raw: raw(10, "I128", json!({ "Hi": 0, "Lo": low.number() })),
        decoded: json!({ "hi": 0, "lo": low.number(), "type": "i128", "value": low.text() }),
    }
}

/// Bytes, which grow when the event is to be longer than it is.
pub(super) fn bytes(scene: &mut Scene) -> Twin {
    let base64 = format!("AAAA{}", scene.filler());
    Twin {
        raw: raw(13, "Bytes", base64.as_str().into()),
        decoded: json!({ "base64": base64, "hex": "000000", "length": 3, "type": "bytes" }),
    }
}

/// A map with symbols for keys.
fn map(entries: Vec<(&str, Twin)>) -> Twin {
    let mut raws = Vec::new();
    let mut decoded = Map::new();
    let mut keys = Vec::new();
    for (name, value) in entries {
        raws.push(json!({ "Key": symbol(name).raw, "Val": value.raw }));
        decoded.insert(name.to_owned(), value.decoded);
        keys.push(name);
    }
    Twin {
        raw: raw(17, "Map", raws.into()),
        decoded: json!({ "entries": decoded, "keys": keys, "type": "map" }),
    }
}

/// `ContractEvent`
fn event(scene: &mut Scene, kind: &str, topics: Vec<Twin>, data: &Twin) -> Value {
    let (raws, decoded): (Vec<_>, Vec<_>) = topics.into_iter().map(|t| (t.raw, t.decoded)).unzip();
    json!({
        "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "transaction_hash": scene.hash(), "contract_id": scene.contract().address,
        "type": "contract", "event_type": kind, "topic": raws, "topic_decoded": decoded,
        "data": { "V": 0, "V0": { "Topics": raws, "Data": data.raw } },
        "data_decoded": data.decoded, "in_successful_tx": true,
        "event_index": scene.number(0, 3).number(), "operation_index": 0,
        "network_passphrase": NETWORK,
    })
}

/// A token transfer.
pub(super) fn transfer(scene: &mut Scene) -> Value {
    let (from, to) = scene.pair();
    let topics = vec![
        symbol("transfer"),
        account(&from),
        account(&to),
        string(&scene.asset().canonical()),
    ];
    let data = amount(scene.money());
    event(scene, "transfer", topics, &data)
}

/// An issue of new tokens.
pub(super) fn mint(scene: &mut Scene) -> Value {
    let (admin, to) = scene.pair();
    let topics = vec![symbol("mint"), account(&admin), account(&to)];
    let data = amount(scene.money());
    event(scene, "mint", topics, &data)
}

/// An event with bytes for data, and with what the host said while it ran.
pub(super) fn with_diagnostics(scene: &mut Scene) -> Value {
    let topics = vec![symbol("price_update"), string("USDC")];
    let data = bytes(scene);
    let mut made = event(scene, "price_update", topics, &data);
    let contract = scene.contract().address;
    let said = json!([{
        "event": {
            "contract_id": contract, "data": data.decoded, "event_type": "unknown",
            "topics": ["core_metrics", "cpu_insn"], "type": "diagnostic",
        },
        "in_successful_contract_call": true,
    }]);
    if let Some(members) = made.as_object_mut() {
        // It comes before the last member.
        let network = members.shift_remove("network_passphrase");
        members.insert("diagnostic_events".to_owned(), said);
        members.insert("network_passphrase".to_owned(), network.unwrap_or_default());
    }
    made
}

/// A swap in a pool, with a map for data.
pub(super) fn swap_event(scene: &mut Scene) -> Value {
    let to = scene.account();
    let topics = vec![string("SoroswapPair"), symbol("swap")];
    let data = map(vec![
        ("amount_0_in", amount(scene.money())),
        ("amount_0_out", amount(scene.number(0, 0))),
        ("amount_1_in", amount(scene.number(0, 0))),
        ("amount_1_out", amount(scene.money())),
        ("to", account(&to)),
    ]);
    event(scene, "swap", topics, &data)
}

/// `SoroswapRouter`
pub(super) fn router(scene: &mut Scene) -> Value {
    let kind = *scene.dice.pick(&["swap", "swap", "swap", "add", "remove"]);
    json!({
        "type": kind, "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "contract_id": scene.contract().address, "account": scene.account().address,
        "token_a": scene.contract().address, "token_b": scene.contract().address,
        "amount_a": scene.money().text(), "amount_b": scene.money().text(),
        "tx_hash": scene.hash(),
    })
}

/// `Soroswap`, reserves of a pool.
pub(super) fn sync(scene: &mut Scene) -> Value {
    json!({
        "type": "sync", "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "contract_id": scene.contract().address,
        "new_reserve_0": scene.number(10_000_000_000, 900_000_000_000).text(),
        "new_reserve_1": scene.number(10_000_000_000, 900_000_000_000).text(),
    })
}

/// `Soroswap`, a new pool.
pub(super) fn new_pair(scene: &mut Scene) -> Value {
    json!({
        "type": "new_pair", "timestamp": scene.time(), "ledger_sequence": scene.sequence(),
        "contract_id": scene.contract().address, "pair_address": scene.contract().address,
        "token_0": scene.contract().address, "token_1": scene.contract().address,
    })
}

/// `GetEventsRPC`: says `contract` too, and has lost everything else.
pub(super) fn from_rpc(scene: &mut Scene) -> Value {
    let toid = scene.slots.add(Slot::Toid);
    json!({
        "id": format!("{}-000000000{}", toid.padded(), scene.number(0, 9).text()),
        "type": "contract", "data": null, "created_at": "0001-01-01T00:00:00Z",
    })
}
