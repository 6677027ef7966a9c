//! wspect: a terminal inspector and debugger for WebSocket event streams.
//!
//! This page is the map. Data flows one way, commands flow back the other way:
//!
//! ```text
//!              frames             entries in chunks          rows, trees
//!  transport ─────────► session ───────────────────► store ────────────► tui, cli
//!      ▲                 │   ▲ summaries, milestones                       │
//!      │  sends          ▼   │                                            │
//!      └──────────── protocol ◄─────────── commands ──────── compose ◄─────┘
//! ```
//!
//! | Step | Where | What |
//! | --- | --- | --- |
//! | bytes ⇄ frames | [`transport`] | dialing, TLS, the upgrade, RFC 6455 framing with every wire fact kept, calls over HTTP and gRPC; knows no protocol |
//! | what crossed | [`frame`] | [`frame::Frame`], its [`frame::Stamp`] taken at the socket, its [`frame::Wire`] facts |
//! | what it means | [`protocol`] | one trait, one table, one folder per system; sans-IO: values in, values out |
//! | one connection | [`session`] | the only place where transport meets protocol: lifecycle, ledger of open asks, health |
//! | one line of the log | [`entry`] | a frame and its [`entry::Summary`]; a [`entry::Chunk`] of them is what crosses tasks |
//! | the memory | [`store`] | the bounded memory of all sessions, its filter and its search |
//! | a look inside | [`body`], [`schema`] | the decoded tree, made only of what is looked at: by descriptors, as JSON, or without a schema |
//! | what to send | [`compose`] | documents with templates to commands, checked before anything is sent |
//! | what is kept | [`saved`] | documents under a name, files of the user's own |
//! | how to connect | [`profile`] | named ways to connect, templates, masked secrets |
//! | the other side | [`server`] | built-in servers that answer as the real ones do: `serve`, the demos and the tests use the same ones |
//! | without a screen | [`cli`] | the commands; thin, they wire the modules together |
//! | with a screen | `tui` (feature `tui`) | one state, one inbox, one `update`, one pure `view` |
//!
//! Beside them stand [`jq`] (filter expressions), [`sanitise`] (the one door between untrusted text
//! and a terminal), [`glob`], [`hex`], [`duration`], [`settings`], and the two that make errors helpful,
//! [`nearest`] and [`toml_error`].
//!
//! # Who may use whom
//!
//! | Module | Uses | Never |
//! | --- | --- | --- |
//! | `frame`, `body`, `entry` | bytes | anything above them |
//! | `protocol` | `frame`, `entry`, `body`, `schema`, `jq` | sockets, clocks, files, `store`, `compose`, `tui` |
//! | `compose` | `schema`, the protocols' command types | `transport`, `session`, `store`, `tui` |
//! | `transport` | `frame` | `protocol`, `store`, `tui` |
//! | `session` | `transport`, `protocol`, `entry` | `store`, `tui` |
//! | `store` | `entry`, `body`, `jq` | `protocol`, `tui`, colours, widths |
//! | `server` | `frame`, `schema`, the protocols' codecs and settings | `session`, `store`, `tui` |
//! | `cli`, `tui` | all of the above | each other, but for the one call that opens the screen |
//!
//! # Bounds
//!
//! Every queue and collection has a bound and a stated behaviour at it; what is forgotten is
//! counted and shown.
//!
//! | What | Bound | At the bound |
//! | --- | --- | --- |
//! | one message | 16 MiB ([`transport::Dial::message_limit`]) | the connection closes with 1009 and says size and limit |
//! | session → consumer | 64 deliveries and 32 MiB ([`session::queue`]) | the session waits, TCP slows the server |
//! | the store | 256 MiB accounted ([`store::BUDGET`]) | the oldest chunks leave and are counted |
//! | open asks | 100,000 and a deadline each | the oldest is logged as lost |
//! | calls over REST and gRPC | 128 under way, 1,024 waiting | the session takes no more orders |
//! | batches followed to be sent again | 10,000 | further ones are sent once |
//! | calls of a broker | 1,000 and 8 MiB | settled ones leave first, one that waits gets its last word; counted |
//! | topics and clients of a broker | 1,000 each | further ones are counted |
//! | nesting | 128 (JSON), 100 (protobuf) | the row says where it stopped |
//!
//! # A session in ten lines
//!
//! ```no_run
//! # async fn show(plan: wspect::session::Plan) {
//! use tokio_util::sync::CancellationToken;
//! use wspect::session::{self, SessionId};
//!
//! let (feed, mut deliveries) = session::queue();
//! let handle = session::start(plan, SessionId(1), feed, CancellationToken::new());
//! while let Some(delivery) = deliveries.recv().await {
//!     for entry in delivery.chunk.iter() {
//!         println!("{} {}", entry.badge.name(), wspect::sanitise::line(entry.label));
//!     }
//!     if delivery.last {
//!         break;
//!     }
//! }
//! # drop(handle);
//! # }
//! ```

pub mod body;
pub mod cli;
pub mod compose;
pub mod duration;
pub mod entry;
pub mod frame;
pub mod glob;
pub mod hex;
pub mod jq;
pub mod nearest;
pub mod profile;
pub mod protocol;
pub mod sanitise;
pub mod saved;
pub mod schema;
pub mod server;
pub mod session;
pub mod settings;
pub mod store;
pub mod toml_error;
pub mod transport;
#[cfg(feature = "tui")]
pub mod tui;
