//! What filters do not do although they look as if.

use super::advice::{self, Advice};
use super::register::Wanted;

/// What these filters do not do although they look as if.
pub(super) fn lints(wanted: &Wanted) -> Vec<String> {
    let unknown = wanted.unknown.iter().map(|name| advice::unknown(name));
    let mut lints: Vec<String> = unknown.collect();
    let remarkable = |advice: &Advice| advice.is_remarkable();
    let advice = advice::advice(&wanted.filters()).into_iter();
    lints.extend(advice.filter(remarkable).map(|advice| advice.sentence()));
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
