//! Asks without a reply, as the list shows them.

use crate::frame::Seq;
use crate::session::{LostAsk, OpenAsk};

use super::tab::Tab;

/// One line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The ask.
    pub ask: &'a OpenAsk,
    /// How it was lost; `None` while it waits.
    pub lost: Option<&'a LostAsk>,
}

/// Those that wait, oldest first, then those that were lost, newest first.
#[must_use]
pub fn rows(tab: &Tab) -> Vec<Row<'_>> {
    let Some(snapshot) = &tab.snapshot else {
        return Vec::new();
    };
    let open = snapshot.open.iter().map(|ask| Row { ask, lost: None });
    let lost = snapshot.lost_asks.iter().rev().map(|lost| Row {
        ask: &lost.ask,
        lost: Some(lost),
    });
    open.chain(lost).collect()
}

/// Lost ones no reply came to later either, oldest first.
#[must_use]
pub fn lost_for_good(tab: &Tab) -> Vec<Seq> {
    let lost = tab.snapshot.iter().flat_map(|it| it.lost_asks.iter());
    lost.filter(|lost| !lost.late)
        .map(|lost| lost.ask.seq)
        .collect()
}
