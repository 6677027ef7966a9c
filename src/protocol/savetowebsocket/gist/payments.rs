//! Payments, accounts and what happens to them.

use super::{Line, account, cut, figure, issued};
use crate::protocol::savetowebsocket::amount::Unit;
use crate::protocol::savetowebsocket::asset::Asset;
use crate::protocol::savetowebsocket::shape::{Fields, Key, Shape};
use crate::schema::scan;

pub(super) fn tell(fields: &Fields<'_>, line: &mut Line) {
    match fields.shape() {
        // The buyer is who receives, and so is the source of this one.
        Shape::FilterPayments | Shape::Blank => {
            payment(fields, Key::SellerAccountId, Key::BuyerAccountId, line);
        }
        Shape::AppPayment => payment(
            fields,
            Key::DestinationAccountId,
            Key::SourceAccountId,
            line,
        ),
        Shape::AppAccountPayment => {
            payment(
                fields,
                Key::SourceAccountId,
                Key::DestinationAccountId,
                line,
            );
        }
        Shape::CreateAccount => {
            let (funder, created) = (fields.filled(Key::Funder), fields.filled(Key::Account));
            line.passage(funder.as_deref(), created.as_deref());
            let balance = fields.numeral(Key::StartingBalance);
            line.amount(
                balance.as_deref(),
                Unit::Units,
                Some(&Asset::parse("native")),
            );
        }
        Shape::AppTrustline => trustline(fields, line),
        Shape::AccountTransaction => transaction(fields, line),
        Shape::AccountEffect => effect(fields, line),
        _ => {
            line.part(
                fields
                    .filled(Key::AccountId)
                    .map_or_else(String::new, |id| account(&id)),
            );
            if let Some(total) = fields.figure(Key::TotalTransactions) {
                line.part(format_args!("{total} transactions"));
            }
            if let Some(most) = fields.figure(Key::HighestTransactionCount) {
                line.part(format_args!("{most} on the busiest day"));
            }
        }
    }
}

fn payment(fields: &Fields<'_>, from: Key, to: Key, line: &mut Line) {
    let (from, to) = (fields.filled(from), fields.filled(to));
    line.passage(from.as_deref(), to.as_deref());
    amount(fields, line);
    if let Some(memo) = fields.filled(Key::Memo) {
        line.part(format_args!("“{}”", cut(&memo)));
    }
}

/// `amount` of `asset_code`.
fn amount(fields: &Fields<'_>, line: &mut Line) {
    let code = fields.filled(Key::AssetCode);
    let asset = code.as_deref().map(Asset::parse);
    let amount = fields.numeral(Key::Amount);
    line.amount(amount.as_deref(), Unit::Units, asset.as_ref());
}

fn trustline(fields: &Fields<'_>, line: &mut Line) {
    if let Some(id) = fields.filled(Key::AccountId) {
        line.part(account(&id));
    }
    let action = fields.filled(Key::Action);
    line.part(action.as_deref().map(cut).unwrap_or_default());
    let code = fields.filled(Key::AssetCode).unwrap_or_default();
    let issuer = fields.filled(Key::AssetIssuer).unwrap_or_default();
    line.part(issued(&Asset::of(&code, &issuer)));
    if let Some(limit) = fields.numeral(Key::Limit) {
        // The highest limit there is means none.
        if limit == "9223372036854775807" {
            line.part("no limit");
        } else {
            line.part(format_args!("limit {}", figure(&limit, Unit::Stroops)));
        }
    }
}

fn transaction(fields: &Fields<'_>, line: &mut Line) {
    let (own, other) = (
        fields.filled(Key::AccountId),
        fields.filled(Key::CounterpartyId),
    );
    match (own, other) {
        (Some(own), Some(other)) => line.passage(Some(&own), Some(&other)),
        (Some(own), None) => line.part(account(&own)),
        (None, _) => {}
    }
    line.part(
        fields
            .filled(Key::Operation)
            .as_deref()
            .map(cut)
            .unwrap_or_default(),
    );
    let contract = fields.filled(Key::ContractId).map(|id| account(&id));
    let function = fields.filled(Key::FunctionName).map(|name| cut(&name));
    match (contract, function) {
        (Some(contract), Some(function)) => line.part(format_args!("{contract}.{function}()")),
        (Some(contract), None) => line.part(contract),
        (None, Some(function)) => line.part(format_args!("{function}()")),
        (None, None) => {}
    }
    amount(fields, line);
    if fields.is_false(Key::TransactionStatus) {
        line.part("failed");
    }
}

fn effect(fields: &Fields<'_>, line: &mut Line) {
    let own = fields.filled(Key::AccountId);
    let details = fields.raw(Key::Details).unwrap_or_default();
    let text = |name| scan::member(details, name).and_then(scan::string);
    let from = text("from").or_else(|| text("funder"));
    let to = text("to").or_else(|| text("destination"));
    match (&own, from, to) {
        (Some(own), Some(from), _) => line.passage(Some(&from), Some(own)),
        (Some(own), None, Some(to)) => line.passage(Some(own), Some(&to)),
        (Some(own), None, None) => line.part(account(own)),
        (None, ..) => {}
    }
    let number = |name| scan::member(details, name).and_then(super::super::columns::numeral);
    let code = text("asset");
    let asset = code.as_deref().map(Asset::parse);
    if let Some(balance) = number("starting_balance") {
        line.amount(Some(&balance), Unit::Stroops, Some(&Asset::parse("native")));
    } else {
        line.amount(number("amount").as_deref(), Unit::Stroops, asset.as_ref());
    }
    if let Some(limit) = number("limit") {
        line.part(format_args!("limit {}", figure(&limit, Unit::Stroops)));
    }
    if let Some(name) = text("name") {
        line.part(format_args!("“{}”", cut(&name)));
    }
}
