//! What filters do not do although they look as if.

use super::register::Wanted;

/// Values of `type` the known processors emit.
const TYPES: [&str; 25] = [
    "account_merge",
    "add",
    "asset_stats",
    "change_trust",
    "claim_claimable_balance",
    "claimable_balance",
    "contract",
    "create_account",
    "diagnostic",
    "network_metrics",
    "new_pair",
    "path_payment_strict_receive",
    "path_payment_strict_send",
    "payment",
    "remove",
    "set_trust_line_flags",
    "soroban",
    "stellar",
    "swap",
    "sync",
    "system",
    "token_price",
    "trade",
    "trustline",
    "trustline_flags",
];

/// What these filters do not do although they look as if.
pub(super) fn lints(wanted: &Wanted) -> Vec<String> {
    let mut lints = Vec::new();
    for name in &wanted.unknown {
        lints.push(format!(
            "the server knows no filter `{name}` and ignores it"
        ));
    }
    if !wanted.min_amount.is_empty() {
        lints.push("min_amount is echoed but never compared with anything".to_owned());
    }
    if wanted.custom.is_some() {
        lints.push("custom is echoed but never evaluated".to_owned());
    }
    for kind in &wanted.types {
        if kind == "contract_event" {
            lints.push(
                "no event has the type `contract_event`; contract events say `contract`".to_owned(),
            );
        } else if TYPES.binary_search(&kind.as_str()).is_err() {
            lints.push(format!(
                "no known processor emits the type `{kind}` (letter case counts)"
            ));
        }
    }
    for code in &wanted.asset_codes {
        if code == "XLM" {
            lints.push("payments in lumens carry the asset code `native`, not `XLM`".to_owned());
        } else if code != "native" && !code.contains(':') {
            lints.push(format!(
                    "asset code `{code}` has no issuer: payments carry CODE:ISSUER and are compared as a whole"
                ));
        }
    }
    if !wanted.account_ids.is_empty() {
        lints.push("account_ids drops every event without buyer_account_id or seller_account_id, whatever other accounts it names".to_owned());
    }
    lints
}

#[cfg(test)]
mod tests {
    use super::super::register::{self, Reading};
    use super::TYPES;

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

    #[test]
    fn known_types_are_sorted_for_the_search() {
        assert!(TYPES.is_sorted());
    }
}
