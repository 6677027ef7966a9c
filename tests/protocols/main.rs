//! The client-side protocols against what the real servers sent.
//!
//! `replays` walks every recorded transcript and checks what must hold for all of them;
//! `summaries` compares chosen scenarios line by line with reviewed text files; `properties`
//! feeds bytes nobody recorded; `bodies`, `commands`, `diagnoses` (Raccoon), `stellar`
//! (`SaveToWebSocket`) and `websocketmq` cover what recordings cannot show.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be read fails its test"
)]

mod bodies;
mod commands;
mod diagnoses;
mod properties;
mod replay;
mod replays;
mod stellar;
mod summaries;
mod transcript;
mod websocketmq;
