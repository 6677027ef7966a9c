//! What a protocol has found out about its connection, beyond single frames.

use crate::frame::Stamp;

/// One fact of how a connection stands: shown in the panel of the session, and told in the
/// `summary` line of a headless run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Heading it stands under, in lower case: `acks`, `clock`, `heartbeat`.
    pub group: &'static str,
    /// What it is called, in lower case.
    pub name: &'static str,
    /// What there is to say; not sanitised.
    pub value: String,
    /// A moment the value is about, shown as the time to or since it.
    pub at: Option<Stamp>,
    /// True if somebody should do something about it.
    pub warning: bool,
}

impl Fact {
    /// A fact that is nothing to worry about.
    pub fn new(group: &'static str, name: &'static str, value: impl Into<String>) -> Self {
        Self {
            group,
            name,
            value: value.into(),
            at: None,
            warning: false,
        }
    }

    /// The same, about that moment.
    #[must_use]
    pub fn at(mut self, at: Stamp) -> Self {
        self.at = Some(at);
        self
    }

    /// The same, as a warning if `warning` is true.
    #[must_use]
    pub fn warning(mut self, warning: bool) -> Self {
        self.warning = warning;
        self
    }
}
