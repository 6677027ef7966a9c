//! Where the real server and its guide part, switch by switch.

use crate::protocol::savetowebsocket::Filters;
use crate::protocol::savetowebsocket::filter::{Facts, Reasoner};

/// Which of the two a filter follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meaning {
    /// What the server's code does.
    #[default]
    Coded,
    /// What the guide promises.
    Documented,
}

/// What `asset_codes` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assets {
    /// As coded: compares `asset_code` as a whole string, and lets everything without one through.
    #[default]
    Coded,
    /// Compares like that, and drops what has no `asset_code`.
    Closed,
    /// As documented: any asset the event names, by code, by code and issuer, XLM for the native
    /// one; what names none is dropped.
    Documented,
}

/// The defects of the real server, each of which can be mended by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// Whether events from before the registration are kept for the client and sent behind
    /// `registered`. The real server means to, and never does.
    pub queues: bool,
    /// `types`: as coded, an event without a string `type` passes.
    pub types: Meaning,
    /// `account_ids`: as coded, only buyer and seller are looked at.
    pub accounts: Meaning,
    /// `asset_codes`.
    pub assets: Assets,
    /// `min_amount`: as coded, it is never compared.
    pub min_amount: Meaning,
}

impl Behaviour {
    /// The real server.
    pub const FAITHFUL: Self = Self {
        queues: false,
        types: Meaning::Coded,
        accounts: Meaning::Coded,
        assets: Assets::Coded,
        min_amount: Meaning::Coded,
    };

    /// The server of the guide.
    pub const AS_DOCUMENTED: Self = Self {
        queues: true,
        types: Meaning::Documented,
        accounts: Meaning::Documented,
        assets: Assets::Documented,
        min_amount: Meaning::Documented,
    };
}

/// The filters of one client, ready to decide.
#[derive(Debug)]
pub(super) struct Gate {
    /// What is decided as coded.
    coded: Filters,
    /// Whether an event without `asset_code` is dropped.
    asset_needed: bool,
    /// What is decided as documented.
    documented: Option<Reasoner>,
}

impl Gate {
    pub(super) fn new(filters: Filters, behaviour: Behaviour) -> Self {
        let mut coded = filters;
        let mut documented = Filters::default();
        if behaviour.types == Meaning::Documented {
            documented.types = std::mem::take(&mut coded.types);
        }
        if behaviour.accounts == Meaning::Documented {
            documented.account_ids = std::mem::take(&mut coded.account_ids);
        }
        if behaviour.assets == Assets::Documented {
            documented.asset_codes = std::mem::take(&mut coded.asset_codes);
        }
        if behaviour.min_amount == Meaning::Documented {
            documented.min_amount = std::mem::take(&mut coded.min_amount);
        }
        let asset_needed = behaviour.assets == Assets::Closed && !coded.asset_codes.is_empty();
        let is_set = documented != Filters::default();
        Self {
            coded,
            asset_needed,
            documented: is_set.then(|| Reasoner::new(&documented)),
        }
    }

    /// Whether everything passes, so that nobody needs to look.
    pub(super) fn is_open(&self) -> bool {
        let Filters {
            types,
            account_ids,
            asset_codes,
            ..
        } = &self.coded;
        let unset = types.is_empty() && account_ids.is_empty() && asset_codes.is_empty();
        unset && self.documented.is_none()
    }

    /// Whether the client gets the event these facts are of. All filters must let it through, so
    /// it does not matter in which order they are asked.
    pub(super) fn passes(&self, facts: &Facts<'_>, event: &[u8]) -> bool {
        let asset = !self.asset_needed || facts.asset.text().is_some();
        let documented = self.documented.as_ref();
        asset
            && facts.decide(&self.coded).passes()
            && documented.is_none_or(|reasoner| reasoner.judge(event).documented.passes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYMENT: &str =
        r#"{"type":"payment","buyer_account_id":"GB","asset_code":"USDC:GI","amount":"5.0000000"}"#;
    const EFFECT: &str =
        r#"{"effect_type":"account_credited","account_id":"GB","details":{"asset":"USDC:GI"}}"#;

    fn filters(types: &str, accounts: &str, assets: &str, min_amount: &str) -> Filters {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Filters {
            types: list(types),
            account_ids: list(accounts),
            asset_codes: list(assets),
            min_amount: min_amount.to_owned(),
            custom: None,
        }
    }

    fn passes(behaviour: Behaviour, filters: &Filters, event: &str) -> bool {
        let gate = Gate::new(filters.clone(), behaviour);
        let facts = Facts::read(event.as_bytes()).unwrap();
        let passes = gate.passes(&facts, event.as_bytes());
        assert!(passes || !gate.is_open());
        passes
    }

    /// Each switch changes the verdict it is about; the verdicts are those of the real server
    /// and of the guide.
    #[test]
    fn every_switch_changes_what_it_is_about() {
        use Meaning::Documented;
        let coded = Behaviour::FAITHFUL;
        let switch = |change: fn(&mut Behaviour)| {
            let mut behaviour = coded;
            change(&mut behaviour);
            behaviour
        };
        for (switched, filters, event, before, after) in [
            (
                switch(|b| b.types = Documented),
                filters("payment", "", "", ""),
                EFFECT,
                true,
                false,
            ),
            (
                switch(|b| b.accounts = Documented),
                filters("", "GB", "", ""),
                EFFECT,
                false,
                true,
            ),
            (
                switch(|b| b.assets = Assets::Closed),
                filters("", "", "USDC:GI", ""),
                EFFECT,
                true,
                false,
            ),
            (
                switch(|b| b.assets = Assets::Documented),
                filters("", "", "USDC", ""),
                PAYMENT,
                false,
                true,
            ),
            (
                switch(|b| b.min_amount = Documented),
                filters("", "", "", "5.1"),
                PAYMENT,
                true,
                false,
            ),
        ] {
            assert_eq!(passes(coded, &filters, event), before, "{filters:?}");
            assert_eq!(passes(switched, &filters, event), after, "{switched:?}");
        }
    }

    #[test]
    fn the_others_stay_as_coded() {
        let mixed = Behaviour {
            min_amount: Meaning::Documented,
            ..Behaviour::FAITHFUL
        };
        let asked = filters("payment", "", "USDC", "1");
        assert!(
            !passes(mixed, &asked, PAYMENT),
            "the bare code never matches"
        );
        assert!(passes(Behaviour::AS_DOCUMENTED, &asked, PAYMENT));
    }

    #[test]
    fn without_filters_nobody_looks() {
        assert!(Gate::new(filters("", "", "", "7"), Behaviour::FAITHFUL).is_open());
        assert!(!Gate::new(filters("", "", "", "7"), Behaviour::AS_DOCUMENTED).is_open());
        assert!(Gate::new(Filters::default(), Behaviour::AS_DOCUMENTED).is_open());
    }
}
