//! Go's `encoding/json`, as far as it shows on the wire.
//!
//! Two of the real servers read and write JSON with it, and their quirks are its quirks: error
//! texts, keys that match in any case, `null` as absent, `<` written as `\u003c`. [`check`] finds
//! what Go calls a syntax error; only then does a [`Cursor`] walk the text, so it never fails.
//! [`quote`] writes a string as Go does.

mod base64;
mod cursor;
mod quote;
mod scan;
#[cfg(test)]
mod tests;

pub use base64::decode as decode_base64;
pub use cursor::{Cursor, Kind, folds_to};
pub use quote::quote;
pub use scan::check;
