//! `{"register":{…}}`: new filters for a `SaveToWebSocket` stream.

use super::Prepared;
use super::document::Field;
use super::error::ComposeError;
use crate::protocol::Command;
use crate::protocol::savetowebsocket::Filters;

const FILTERS: [&str; 5] = [
    "types",
    "account_ids",
    "asset_codes",
    "min_amount",
    "custom",
];

pub(super) fn prepare(whole: Field<'_>) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    whole.keys(&["register"], |name| {
        FILTERS
            .contains(&name)
            .then_some("filters stand inside: {\"register\":{…}}")
    })?;
    let Some(register) = whole.member("register") else {
        return Err(
            whole.invalid("needs `register`, for example {\"register\":{\"types\":[\"payment\"]}}")
        );
    };
    let register = register.object()?;
    register.keys(&FILTERS, |_| None)?;
    let list = |name: &str| match register.member(name) {
        Some(field) if !field.is_null() => field.texts(),
        _ => Ok(Vec::new()),
    };
    let given = |name: &str| register.member(name).filter(|field| !field.is_null());
    let filters = Filters {
        types: list("types")?,
        account_ids: list("account_ids")?,
        asset_codes: list("asset_codes")?,
        min_amount: match given("min_amount") {
            Some(field) => field.text()?.to_owned(),
            None => String::new(),
        },
        custom: given("custom").map(|field| field.raw().to_owned()),
    };
    let label = label(&filters);
    // Only a connection's first register is answered, and the session sends that one itself.
    Ok(Prepared::silent(Command::Register(filters), label))
}

fn label(filters: &Filters) -> String {
    let lists = [
        ("types", &filters.types),
        ("accounts", &filters.account_ids),
        ("assets", &filters.asset_codes),
    ];
    let parts: Vec<_> = lists
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(name, list)| format!("{name} {}", list.join(",")))
        .collect();
    if parts.is_empty() {
        "everything".to_owned()
    } else {
        parts.join(" · ")
    }
}
