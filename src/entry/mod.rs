//! One line of the log: a frame, a lifecycle change or a lost ask, with its summary.
//!
//! ```text
//!  session: observe → Summary → ledger → Draft ──push──► Chunk ──queue──► store (keeps the Chunk)
//!                                                                            │ on demand
//!                                                              Entry ◄───────┘ (borrows)
//! ```
//!
//! Sessions append to a [`Chunk`] while a read wake lasts and hand it over whole; the chunk is the
//! store's memory from then on. An [`Entry`] is a view into a chunk and lives as long as the look.

mod chunk;
mod kinds;
mod labels;
pub mod line;
mod record;
mod summary;

pub use chunk::{Chunk, Draft, Totals};
pub use kinds::Kinds;
pub use line::Line;
pub use record::{Entry, EntryKind};
pub use summary::{Badge, Correlation, Outcome, Summary, Verdict};
