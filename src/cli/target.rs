//! TARGET and flags ─► [`session::Plan`](crate::session::Plan).

/// All demo targets, in the order of the tabs.
pub const DEMOS: [&str; 4] = ["demo:raccoon", "demo:stellar", "demo:mq", "demo:echo"];
