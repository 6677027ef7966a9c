//! `registered` held against what was asked: the server's echo is the only confirmation there is.

use super::register::Wanted;
use crate::schema::gojson;

/// What differs between the filters asked for and the filters confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// What matters: other events than those asked for will come.
    pub(super) differs: Vec<String>,
    /// What does not, but may surprise.
    pub(super) remarks: Vec<String>,
}

/// Compares the filters of a register with those its `registered` echoes.
pub(super) fn compare(asked: &Wanted, echoed: &Wanted) -> Comparison {
    let mut found = Comparison::default();
    let lists = [
        ("types", &asked.types, &echoed.types),
        ("account_ids", &asked.account_ids, &echoed.account_ids),
        ("asset_codes", &asked.asset_codes, &echoed.asset_codes),
    ];
    for (index, (name, asked_for, in_force)) in lists.into_iter().enumerate() {
        let (given, back) = (asked.listed[index], echoed.listed[index]);
        if asked_for != in_force {
            found.differs.push(list_differs(name, asked_for, in_force));
        } else if given != back {
            let (sent, came) = if given {
                ("[]", "null")
            } else {
                ("null", "[]")
            };
            found.remarks.push(format!(
                "`{name}`: {sent} sent, {came} echoed, which means the same"
            ));
        } else if !given {
            found
                .remarks
                .push(format!("`{name}`: null, as it was left out"));
        }
    }
    if asked.min_amount != echoed.min_amount {
        found.differs.push(format!(
            "min_amount: {:?} asked, {:?} in force",
            asked.min_amount, echoed.min_amount
        ));
    }
    custom(asked, echoed, &mut found);
    for name in &asked.unknown {
        found
            .remarks
            .push(format!("`{name}` is unknown to the server and was dropped"));
    }
    found
}

fn list_differs(name: &str, asked: &[String], in_force: &[String]) -> String {
    let missing: Vec<&str> = absent(asked, in_force).collect();
    let added: Vec<&str> = absent(in_force, asked).collect();
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("missing {}", missing.join(", ")));
    }
    if !added.is_empty() {
        parts.push(format!("added {}", added.join(", ")));
    }
    if parts.is_empty() {
        parts.push("in another order".to_owned());
    }
    format!("{name}: {}", parts.join(", "))
}

/// The first of `values` that are not `among` these; a difference is told by a few.
fn absent<'a>(values: &'a [String], among: &'a [String]) -> impl Iterator<Item = &'a str> {
    const SHOWN: usize = 5;
    let is_absent = |value: &&String| !among.contains(value);
    values
        .iter()
        .filter(is_absent)
        .map(String::as_str)
        .take(SHOWN)
}

/// The server passes `custom` through Go's encoder: white space goes, five characters are escaped.
fn custom(asked: &Wanted, echoed: &Wanted, found: &mut Comparison) {
    let (Some(sent), Some(back)) = (&asked.custom, &echoed.custom) else {
        if asked.custom.is_some() != echoed.custom.is_some() {
            let (sent, came) = if asked.custom.is_some() {
                ("sent", "null came back")
            } else {
                ("left out", "something came back")
            };
            found.differs.push(format!("custom: {sent}, and {came}"));
        }
        return;
    };
    let mut relayed = Vec::new();
    gojson::relay(sent.as_bytes(), &mut relayed);
    if relayed != back.as_bytes() {
        found
            .differs
            .push("custom: another value came back".to_owned());
    } else if sent != back {
        found.remarks.push(
            "custom came back as Go writes it: without white space, with <, > and & escaped"
                .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::register::{self, Reading};
    use super::*;

    fn compared(asked: &str, echoed: &str) -> Comparison {
        let text = format!(r#"{{"type":"register","filters":{asked}}}"#);
        let Reading::Taken(asked) = register::read(text.as_bytes()) else {
            panic!("not taken: {text}");
        };
        let reply = format!(r#"{{"filters":{echoed},"message":"","type":"registered"}}"#);
        compare(&asked, &register::in_force(reply.as_bytes()))
    }

    #[test]
    fn an_echo_of_all_lists_is_nothing_to_tell() {
        let both = r#"{"types":["a"],"account_ids":[],"asset_codes":["b","c"],"min_amount":"1","custom":null}"#;
        assert_eq!(compared(both, both), Comparison::default());
    }

    #[test]
    fn what_means_the_same_is_remarked() {
        let null =
            r#"{"types":null,"account_ids":null,"asset_codes":null,"min_amount":"","custom":null}"#;
        let left_out = compared("{}", null);
        assert_eq!((left_out.differs.len(), left_out.remarks.len()), (0, 3));
        let empty = compared(r#"{"types":[],"account_ids":[],"asset_codes":[]}"#, null);
        assert!(empty.differs.is_empty());
        assert!(empty.remarks[0].contains("[] sent, null echoed"));
        let custom = compared(
            r#"{"types":[],"account_ids":[],"asset_codes":[],"custom":{"b": 1, "a":"<x>"}}"#,
            r#"{"types":[],"account_ids":[],"asset_codes":[],"custom":{"b":1,"a":"\u003cx\u003e"}}"#,
        );
        assert!(custom.differs.is_empty(), "{custom:?}");
        assert!(custom.remarks[0].contains("as Go writes it"));
        let unknown = compared(r#"{"account_id":["G"]}"#, null);
        assert!(unknown.remarks.iter().any(|it| it.contains("`account_id`")));
    }

    #[test]
    fn what_changes_the_events_is_a_difference() {
        for (asked, echoed, part) in [
            (
                r#"{"types":["a","b"]}"#,
                r#"{"types":["b","x"]}"#,
                "types: missing a, added x",
            ),
            (
                r#"{"types":["a","b"]}"#,
                r#"{"types":["b","a"]}"#,
                "another order",
            ),
            (
                r#"{"min_amount":"5"}"#,
                r#"{"min_amount":""}"#,
                r#""5" asked, "" in force"#,
            ),
            (r#"{"custom":1}"#, r#"{"custom":2}"#, "another value"),
            (r#"{"custom":1}"#, r#"{"custom":null}"#, "null came back"),
            ("{}", r#"{"custom":1}"#, "something came back"),
        ] {
            let found = compared(asked, echoed);
            assert!(found.differs.join("; ").contains(part), "{part}: {found:?}");
        }
    }
}
