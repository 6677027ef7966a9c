//! `{"register":{…}}`: new filters for a `SaveToWebSocket` stream.
//!
//! The server drops a register with one value of a wrong type whole, and says nothing. So it is
//! refused here, unless `"lint":false` stands beside it: then the filters are sent as they are
//! written, for testing what a server does with them.

use bytes::Bytes;

use super::Prepared;
use super::document::Field;
use super::error::ComposeError;
use crate::protocol::savetowebsocket::{Filters, Settings, advice, foresee, strkey};
use crate::protocol::{Command, Outgoing};

const FILTERS: [&str; 5] = [
    "types",
    "account_ids",
    "asset_codes",
    "min_amount",
    "custom",
];

pub(super) fn prepare(whole: Field<'_>, settings: &Settings) -> Result<Prepared, ComposeError> {
    let whole = whole.object()?;
    whole.keys(&["register", "lint"], |name| {
        FILTERS
            .contains(&name)
            .then_some("filters stand inside: {\"register\":{…}}")
    })?;
    let Some(register) = whole.member("register") else {
        return Err(
            whole.invalid("needs `register`, for example {\"register\":{\"types\":[\"payment\"]}}")
        );
    };
    let is_linted = match whole.member("lint") {
        Some(lint) => lint.truth()?,
        None => !settings.unlinted,
    };
    let raw = register.raw();
    let filters = filters(register).and_then(|filters| match seed(&filters) {
        Some(at) => Err(whole.invalid(format!(
            "holds a SECRET SEED (account_ids[{at}], S…), which signs for its account; take it away"
        ))),
        None => Ok(filters),
    });
    match filters {
        Ok(filters) => {
            let label = label(&filters);
            let mut prepared = Prepared::silent(Command::Register(filters.clone()), label);
            let advice = advice(&filters).into_iter();
            let remarkable = advice.filter(crate::protocol::savetowebsocket::Advice::is_remarkable);
            prepared.warnings = remarkable.map(|advice| advice.sentence()).collect();
            Ok(prepared)
        }
        Err(error) if is_linted => Err(error),
        Err(_) => Ok(as_written(raw)),
    }
}

/// The filters as they stand, whatever the server makes of them.
fn as_written(filters: &str) -> Prepared {
    let message = format!("{{\"type\":\"register\",\"filters\":{filters}}}");
    let command = Command::Raw(Outgoing::Text(Bytes::from(message)));
    let warnings = foreseen(&command);
    Prepared {
        warnings,
        ..Prepared::silent(command, "register as written")
    }
}

/// What the server will make of a frame as it stands.
pub(super) fn foreseen(command: &Command) -> Vec<String> {
    match command {
        Command::Raw(Outgoing::Text(bytes) | Outgoing::Binary(bytes)) => foresee(bytes),
        _ => Vec::new(),
    }
}

fn filters(register: Field<'_>) -> Result<Filters, ComposeError> {
    let register = register.object()?;
    register.keys(&FILTERS, |name| match name {
        "account" | "accounts" | "account_id" => Some("did you mean `account_ids`?"),
        "asset" | "assets" | "asset_code" => Some("did you mean `asset_codes`?"),
        "filters" => Some("the filters stand in `register` itself"),
        _ => None,
    })?;
    let list = |name: &str| match register.member(name) {
        Some(field) if !field.is_null() => field.texts(),
        _ => Ok(Vec::new()),
    };
    let given = |name: &str| register.member(name).filter(|field| !field.is_null());
    Ok(Filters {
        types: list("types")?,
        account_ids: list("account_ids")?,
        asset_codes: list("asset_codes")?,
        min_amount: match given("min_amount") {
            Some(field) => field.text()?.to_owned(),
            None => String::new(),
        },
        custom: given("custom").map(|field| field.raw().to_owned()),
    })
}

/// The place of a secret among the accounts.
fn seed(filters: &Filters) -> Option<usize> {
    let mut accounts = filters.account_ids.iter();
    accounts.position(|id| strkey::check(id) == Ok(strkey::Kind::Seed))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Context, parse};
    use crate::protocol::System;
    use crate::schema::Schema;

    fn read(text: &str, settings: &crate::protocol::Settings) -> Result<Prepared, String> {
        let mut context = Context::new(0, 1);
        let system = System::SaveToWebSocket;
        let parsed = parse(text, system, settings, Schema::demo(), &mut context);
        let mut parsed = parsed.map_err(|error| error.to_string())?;
        Ok(parsed.remove(0))
    }

    #[test]
    fn what_the_server_would_drop_is_refused_with_path_and_type() {
        let settings = crate::protocol::Settings::default();
        for (text, part) in [
            (
                r#"{"register":{"min_amount":100}}"#,
                "`register.min_amount` must be a string, found a number",
            ),
            (
                r#"{"register":{"types":"payment"}}"#,
                "`register.types` must be an array of strings",
            ),
            (
                r#"{"register":{"account_ids":[1]}}"#,
                "`register.account_ids[0]` must be a string",
            ),
            (r#"{"register":[]}"#, "`register` must be an object"),
            (
                r#"{"register":{"account":["G"]}}"#,
                "did you mean `account_ids`?",
            ),
            (r#"{"types":[]}"#, "filters stand inside"),
        ] {
            let error = read(text, &settings).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn without_lint_it_is_sent_as_written_and_what_follows_is_told() {
        let mut settings = crate::protocol::Settings::default();
        let broken = r#"{"min_amount": 100}"#;
        let beside = format!("{{\"register\":{broken},\"lint\":false}}");
        let by_document = read(&beside, &settings).unwrap();
        settings.savetowebsocket.unlinted = true;
        let by_flag = read(&format!("{{\"register\":{broken}}}"), &settings).unwrap();
        assert_eq!(by_document, by_flag);
        let Command::Raw(Outgoing::Text(text)) = &by_flag.command else {
            panic!("{by_flag:?}");
        };
        assert_eq!(text, r#"{"type":"register","filters":{"min_amount": 100}}"#);
        assert!(by_flag.warnings[0].contains("drops this in silence"));
        let good = read(r#"{"register":{"types":["trade"]}}"#, &settings).unwrap();
        assert!(matches!(good.command, Command::Register(_)));
    }

    #[test]
    fn what_filters_do_not_do_is_told_before_they_are_sent() {
        let settings = crate::protocol::Settings::default();
        let told = |text: &str| read(text, &settings).unwrap().warnings.join("\n");
        assert!(told(r#"{"register":{"min_amount":"5"}}"#).contains("never compared"));
        assert!(told(r#"{"register":{"account_ids":["GX"]}}"#).contains("no account id"));
        assert_eq!(told(r#"{"register":{"types":["trade"]}}"#), "");
        assert!(told(r#"{"text":"hello"}"#).contains("drops this in silence"));
        assert!(told(r#"{"base64":"e30="}"#).contains("ignores this in silence"));
        assert_eq!(told(r#"{"ping":"hello"}"#), "");
    }

    #[test]
    fn a_secret_seed_is_not_sent_by_mistake() {
        let settings = crate::protocol::Settings::default();
        let seed = strkey::encode(strkey::Kind::Seed, &[7; 32]).unwrap();
        let text = format!("{{\"register\":{{\"account_ids\":[\"{seed}\"]}}}}");
        let error = read(&text, &settings).unwrap_err();
        assert!(
            error.contains("SECRET SEED") && !error.contains(&seed),
            "{error}"
        );
    }
}
