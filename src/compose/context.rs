//! What templates may ask of the outside, as values.

use uuid::Builder;
use uuid::fmt::Hyphenated;

/// Time, chance, counting and environment for the templates of one run.
///
/// Made by whoever sends (`send`, the composer, the demo), kept for the whole run so that the
/// counter goes on, and told the time before every use.
#[derive(Clone, Copy)]
pub struct Context<'e> {
    /// Wall time: microseconds since the Unix epoch.
    pub now_us: i64,
    /// Number of the document, from 1; what `${counter}` gives.
    pub counter: u64,
    state: u64,
    env: &'e (dyn Fn(&str) -> Option<String> + Sync),
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("now_us", &self.now_us)
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}

impl Context<'static> {
    /// A context without environment; equal seeds give equal values.
    #[must_use]
    pub fn new(now_us: i64, seed: u64) -> Self {
        Self {
            now_us,
            counter: 0,
            state: seed,
            env: &|_| None,
        }
    }
}

impl Context<'_> {
    /// The same, with a look-up for `${env:NAME}`.
    #[must_use]
    pub fn with_env(self, env: &(dyn Fn(&str) -> Option<String> + Sync)) -> Context<'_> {
        Context {
            now_us: self.now_us,
            counter: self.counter,
            state: self.state,
            env,
        }
    }

    /// The same without environment, to be kept.
    #[must_use]
    pub fn without_env(self) -> Context<'static> {
        Context {
            now_us: self.now_us,
            counter: self.counter,
            state: self.state,
            env: &|_| None,
        }
    }

    pub(super) fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }

    /// Whole seconds and the nanoseconds on top of them.
    pub(super) fn now_parts(&self) -> (i64, i32) {
        let nanos = self.now_us.rem_euclid(1_000_000) * 1_000;
        (self.now_us.div_euclid(1_000_000), nanos as i32)
    }

    /// Sixty-four random bits (`SplitMix64`).
    pub(super) fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is at least 1.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        // The bias of the remainder is far below what anybody sends.
        self.random() % limit.max(1)
    }

    /// One of `choices`, which are not empty.
    pub(super) fn one_of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        let index = self.below(choices.len() as u64) as usize;
        choices.get(index).copied().unwrap_or_default()
    }

    /// A random UUID (version 4).
    pub(super) fn uuid(&mut self) -> String {
        let bytes = u128::from(self.random()) << 64 | u128::from(self.random());
        Builder::from_random_bytes(bytes.to_be_bytes())
            .into_uuid()
            .hyphenated()
            .encode_lower(&mut [0; Hyphenated::LENGTH])
            .to_owned()
    }
}
