//! What a register changes against the filters in force.

use crate::protocol::savetowebsocket::Filters;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// True for what comes in, false for what goes out.
    pub is_added: bool,
    /// The filter.
    pub filter: &'static str,
    /// The value.
    pub value: String,
}

/// What is different, filter by filter, what goes before what comes. Order and repetition do not
/// count: the server does not look at them.
#[must_use]
pub fn between(before: &Filters, after: &Filters) -> Vec<Change> {
    let mut all = Vec::new();
    for (filter, before, after) in [
        ("types", &before.types, &after.types),
        ("account_ids", &before.account_ids, &after.account_ids),
        ("asset_codes", &before.asset_codes, &after.asset_codes),
    ] {
        compare(filter, before, after, &mut all);
    }
    let one = |text: &str| -> Vec<String> {
        let text = Some(text.to_owned()).filter(|text| !text.is_empty());
        text.into_iter().collect()
    };
    compare(
        "min_amount",
        &one(&before.min_amount),
        &one(&after.min_amount),
        &mut all,
    );
    let custom = |filters: &Filters| one(filters.custom.as_deref().unwrap_or_default());
    compare("custom", &custom(before), &custom(after), &mut all);
    all
}

fn compare(filter: &'static str, before: &[String], after: &[String], all: &mut Vec<Change>) {
    for (is_added, from, to) in [(false, before, after), (true, after, before)] {
        for (index, value) in from.iter().enumerate() {
            if !to.contains(value) && !from[..index].contains(value) {
                all.push(Change {
                    is_added,
                    filter,
                    value: value.clone(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_and_what_comes() {
        let list = |words: &str| words.split_whitespace().map(str::to_owned).collect();
        let before = Filters {
            types: list("a b b"),
            min_amount: "100".to_owned(),
            ..Filters::default()
        };
        let after = Filters {
            types: list("c b c"),
            custom: Some("1".to_owned()),
            ..Filters::default()
        };
        let told: Vec<_> = between(&before, &after)
            .into_iter()
            .map(|change| {
                let sign = if change.is_added { '+' } else { '-' };
                format!("{sign}{} {}", change.filter, change.value)
            })
            .collect();
        assert_eq!(
            told,
            ["-types a", "+types c", "-min_amount 100", "+custom 1"]
        );
        assert_eq!(between(&before, &before), []);
    }
}
