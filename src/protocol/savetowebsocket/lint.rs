//! What filters do not do although they look as if.

use super::Filters;
use super::advice::{self, Advice};
use super::register::Wanted;

/// What these filters do not do although they look as if.
pub(super) fn lints(wanted: &Wanted) -> Vec<String> {
    let mut lints = Vec::new();
    for name in &wanted.unknown {
        lints.push(format!(
            "the server knows no filter `{name}` and ignores it"
        ));
    }
    let filters = Filters {
        types: wanted.types.clone(),
        account_ids: wanted.account_ids.clone(),
        asset_codes: wanted.asset_codes.clone(),
        min_amount: wanted.min_amount.clone(),
        custom: wanted.custom.clone(),
    };
    let remarkable = |advice: &Advice| advice.is_remarkable();
    let advice = advice::advice(&filters).into_iter().filter(remarkable);
    lints.extend(advice.map(|advice| advice.sentence()));
    lints
}

#[cfg(test)]
mod tests {
    use super::super::register::{self, Reading};

    #[test]
    fn lints_by_case() {
        let lints = |filters: &str| {
            let text = format!(r#"{{"type":"register","filters":{filters}}}"#);
            match register::read(text.as_bytes()) {
                Reading::Taken(wanted) => super::lints(&wanted).join("; "),
                other => panic!("{other:?}"),
            }
        };
        for (filters, part) in [
            (r#"{"min_amount":"5"}"#, "never compared"),
            (r#"{"custom":false}"#, "never evaluated"),
            (r#"{"types":["contract_event"]}"#, "say `contract`"),
            (r#"{"types":["payments"]}"#, "`payments`"),
            (r#"{"asset_codes":["USDC"]}"#, "no issuer"),
            (r#"{"asset_codes":["XLM"]}"#, "`native`"),
            (r#"{"account_ids":["G"]}"#, "buyer_account_id"),
            (r#"{"account_id":["G"]}"#, "no filter `account_id`"),
        ] {
            assert!(
                lints(filters).contains(part),
                "{filters}: {}",
                lints(filters)
            );
        }
        assert_eq!(lints(r#"{"types":["trade"],"asset_codes":["native"]}"#), "");
    }
}
