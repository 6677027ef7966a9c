//! Contracts: their events, calls and storage.

use super::{Line, account, cut};
use crate::protocol::savetowebsocket::asset::Asset;
use crate::protocol::savetowebsocket::columns::Columns;
use crate::protocol::savetowebsocket::shape::{Fields, Key, Shape};
use crate::schema::scan;

/// Most events of a bundle that are counted.
const COUNTED_MAX: usize = 1_000;

pub(super) fn tell(fields: &Fields<'_>, line: &mut Line) {
    match fields.shape() {
        Shape::ContractEvent => event(fields, line),
        Shape::GetEventsRpc => {
            if let Some(id) = fields.filled(Key::Id) {
                line.part(format_args!("id {}", cut(&id)));
            }
        }
        Shape::StellarContractEvent | Shape::ContractInvocationV2Bundle => {
            let events = scan::elements(fields.raw(Key::Events).unwrap_or_default());
            match events.take(COUNTED_MAX).count() {
                1 => line.part("1 event"),
                count => line.part(format_args!("{count} events")),
            }
            if let Some(hash) = fields.filled(Key::TransactionHash) {
                line.part(format_args!("tx {}", hash.get(..8).unwrap_or(&hash)));
            }
        }
        Shape::ContractData => data(fields, line),
        Shape::ContractCreation => {
            let creator = fields.filled(Key::CreatorAccount);
            let contract = fields.filled(Key::ContractId);
            line.passage(creator.as_deref(), contract.as_deref());
            failed(fields, line);
        }
        Shape::ContractInvocationV2 => {
            line.part(
                fields
                    .filled(Key::EventType)
                    .as_deref()
                    .map(cut)
                    .unwrap_or_default(),
            );
            call(fields, line);
        }
        _ => {
            call(fields, line);
            if let Some(amount) = fields.figure(Key::Amount) {
                line.part(amount);
            }
            if let Some(project) = fields.filled(Key::ProjectId) {
                line.part(cut(&project));
            }
            failed(fields, line);
        }
    }
}

/// `CAB5…JJ6G.transfer()`, and before it who called.
fn call(fields: &Fields<'_>, line: &mut Line) {
    let contract = fields.filled(Key::ContractId).map(|id| account(&id));
    let function = fields.filled(Key::FunctionName).map(|name| cut(&name));
    let called = match (contract, function) {
        (Some(contract), Some(function)) => format!("{contract}.{function}()"),
        (Some(contract), None) => contract,
        (None, function) => function.unwrap_or_default(),
    };
    match fields.filled(Key::InvokingAccount) {
        Some(who) => line.part(format_args!("{} → {called}", account(&who))),
        None => line.part(called),
    }
}

fn failed(fields: &Fields<'_>, line: &mut Line) {
    if fields.is_false(Key::Successful) {
        line.part("failed");
    }
}

fn event(fields: &Fields<'_>, line: &mut Line) {
    let kind = fields.filled(Key::EventType).unwrap_or_default();
    line.part(cut(&kind));
    let columns = Columns::of(fields);
    match (&*kind, columns.accounts.as_slice()) {
        ("transfer", [from, to, ..]) => line.passage(Some(&from.text), Some(&to.text)),
        // Before the 23rd version of the network the administrator stands first.
        ("mint", [.., to]) => line.passage(None, Some(&to.text)),
        ("burn" | "clawback", [from, ..]) => line.passage(Some(&from.text), None),
        (_, [one, ..]) => line.part(account(&one.text)),
        (_, []) => {}
    }
    let asset = columns.assets.first().map(|asset| asset.asset());
    if let Some(amount) = columns.amounts.first() {
        line.amount(Some(&amount.text), amount.unit, asset.as_ref());
    } else if let Some(asset) = asset {
        line.part(cut(&asset.code));
    }
    if asset_is_unknown(&columns)
        && let Some(contract) = fields.filled(Key::ContractId)
    {
        line.part(format_args!("of {}", account(&contract)));
    }
}

/// Without a name for the asset the contract is what tells tokens apart.
fn asset_is_unknown(columns: &Columns<'_>) -> bool {
    columns.assets.is_empty()
}

fn data(fields: &Fields<'_>, line: &mut Line) {
    let entry = fields.raw(Key::ContractData).unwrap_or_default();
    let text = |name| {
        scan::member(entry, name)
            .and_then(scan::string)
            .filter(|text| !text.is_empty())
    };
    if scan::member(entry, "deleted") == Some(b"true") {
        line.part("deleted");
    }
    if let Some(holder) = text("balance_holder") {
        line.part(account(&holder));
    } else if let Some(contract) = fields.filled(Key::ContractId) {
        line.part(account(&contract));
    }
    let code = text("asset_code");
    let asset = code.as_deref().map(Asset::parse);
    let balance = text("balance");
    line.amount(
        balance.as_deref(),
        crate::protocol::savetowebsocket::amount::Unit::Stroops,
        asset.as_ref(),
    );
    if balance.is_none() && code.is_none() {
        line.part(
            text("contract_key_type")
                .as_deref()
                .map(cut)
                .unwrap_or_default(),
        );
    }
}
