//! Filters to begin with: those in force, the profile's, what guides suggest, and beside each of
//! these what really does it.

use crate::protocol::savetowebsocket::{Advice, Effect, Filters, advice};

use super::notes::severity;
use super::sample::Sample;

/// The issuer of USDC on the public network, where no event has named one.
const CIRCLE: &str = "GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN";

/// The letters that pick from the list, in its order.
pub const LETTERS: &str = "123456789abcdef";

/// Filters to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What they are for.
    pub title: String,
    /// True if they stand in for the ones before, which do not do what they say.
    pub is_twin: bool,
    /// The filters.
    pub filters: Filters,
    /// What to know of them besides.
    pub remark: &'static str,
}

impl Preset {
    fn new(title: &str, filters: Filters) -> Self {
        Self {
            title: title.to_owned(),
            is_twin: false,
            filters,
            remark: "",
        }
    }

    fn twin(title: &str, filters: Filters, remark: &'static str) -> Self {
        Self {
            is_twin: true,
            remark,
            ..Self::new(title, filters)
        }
    }

    /// What the real server does with them, worst first.
    #[must_use]
    pub fn warnings(&self) -> Vec<Advice> {
        let mut all = advice(&self.filters);
        all.sort_by_key(|advice| severity(advice.effect));
        all
    }

    /// The worst that happens with them.
    #[must_use]
    pub fn worst(&self) -> Option<Effect> {
        self.warnings().first().map(|advice| advice.effect)
    }
}

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// All presets, the filters at hand first.
#[must_use]
pub fn all(in_force: Option<&Filters>, profile: &Filters, sample: &Sample) -> Vec<Preset> {
    let mut all = Vec::new();
    if let Some(filters) = in_force {
        all.push(Preset::new("the filters in force now", filters.clone()));
    }
    if in_force != Some(profile) {
        all.push(Preset::new("the profile's filters", profile.clone()));
    }
    all.push(Preset::new("every event", Filters::default()));
    all.extend(payments(sample));
    all.extend(contracts());
    all.extend(accounts(sample));
    all.push(Preset::new(
        "offers to trade",
        Filters {
            types: list(&["trade"]),
            ..Filters::default()
        },
    ));
    all
}

fn payments(sample: &Sample) -> Vec<Preset> {
    let usdc = sample
        .assets
        .iter()
        .find(|asset| asset.starts_with("USDC:"));
    let usdc = usdc.map_or_else(|| format!("USDC:{CIRCLE}"), String::clone);
    let payment = || Filters {
        types: list(&["payment"]),
        ..Filters::default()
    };
    vec![
        Preset::new("payments only", payment()),
        Preset::new(
            "USDC payments over 100, as guides write it",
            Filters {
                asset_codes: list(&["USDC"]),
                min_amount: "100".to_owned(),
                ..payment()
            },
        ),
        Preset::twin(
            "USDC payments of any amount",
            Filters {
                asset_codes: vec![usdc],
                ..payment()
            },
            "amounts can only be compared here: add the least one and filter by the documented meaning",
        ),
        Preset::new(
            "payments in lumens, as guides write it",
            Filters {
                asset_codes: list(&["XLM"]),
                ..payment()
            },
        ),
        Preset::twin(
            "payments in lumens",
            Filters {
                asset_codes: list(&["native"]),
                ..payment()
            },
            "",
        ),
    ]
}

fn contracts() -> [Preset; 2] {
    let kind = |kind: &str| Filters {
        types: list(&[kind]),
        ..Filters::default()
    };
    [
        Preset::new(
            "contract events, as guides write it",
            kind("contract_event"),
        ),
        Preset::twin("contract events", kind("contract"), ""),
    ]
}

/// None before an account was seen.
fn accounts(sample: &Sample) -> Vec<Preset> {
    let Some(account) = sample.accounts.first() else {
        return Vec::new();
    };
    let one = Filters {
        account_ids: vec![account.clone()],
        ..Filters::default()
    };
    let payments = Filters {
        types: list(&["payment"]),
        ..one.clone()
    };
    let remark = "only payments name buyer and seller; for all that touches the account take every event and filter here, by the documented meaning";
    vec![
        Preset::new("one account (the newest seen), as guides write it", one),
        Preset::twin("payments of that account", payments, remark),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::savetowebsocket::strkey;

    #[test]
    fn what_guides_write_is_warned_of_and_its_twin_is_better() {
        let sample = Sample {
            accounts: vec![CIRCLE.to_owned()],
            ..Sample::default()
        };
        let presets = all(None, &Filters::default(), &sample);
        let mut before: Option<&Preset> = None;
        for preset in &presets {
            if preset.is_twin {
                let before = before.unwrap();
                let worst = before.worst().unwrap_or(Effect::FailsOpen);
                assert_ne!(worst, Effect::FailsOpen, "{}", before.title);
                assert_ne!(preset.worst(), Some(Effect::NeverMatches));
                assert_ne!(preset.filters, before.filters);
            }
            before = Some(preset);
        }
        assert!(presets.iter().filter(|preset| preset.is_twin).count() >= 4);
        assert!(strkey::check(CIRCLE).is_ok());
    }

    #[test]
    fn what_is_in_force_comes_first_and_what_was_seen_is_used() {
        let asset = format!("USDC:{CIRCLE}");
        let sample = Sample {
            accounts: vec![CIRCLE.to_owned()],
            assets: vec![asset.clone()],
            ..Sample::default()
        };
        let in_force = Filters {
            types: list(&["swap"]),
            ..Filters::default()
        };
        let presets = all(Some(&in_force), &Filters::default(), &sample);
        assert_eq!(presets[0].filters, in_force);
        assert!(
            presets
                .iter()
                .any(|one| one.filters.asset_codes == [asset.clone()])
        );
        assert!(
            presets
                .iter()
                .any(|one| one.filters.account_ids == [CIRCLE])
        );
    }
}
