//! wspect: a terminal inspector and debugger for WebSocket event streams.

pub mod body;
pub mod cli;
pub mod compose;
pub mod duration;
pub mod entry;
pub mod frame;
pub mod hex;
pub mod jq;
pub mod nearest;
pub mod profile;
pub mod protocol;
pub mod sanitise;
pub mod schema;
pub mod server;
pub mod session;
pub mod settings;
pub mod store;
pub mod toml_error;
pub mod transport;
#[cfg(feature = "tui")]
pub mod tui;
