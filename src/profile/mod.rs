//! Named ways to connect.
//!
//! ```text
//! DIR/profiles/NAME.toml ┐                      ┌ format, validate: shape and values
//!   profiles/*.toml ─────┴► Catalog ─► Stored ──┤
//!   (compiled in)            │                  └► Ready  templates filled in, secrets known
//!                            └ the user's own outrank built-ins of the same name
//! ```

pub mod amend;
mod builtin;
mod catalog;
mod check;
mod command;
mod error;
mod fill;
mod format;
mod keep;
mod load;
mod mask;
mod places;
pub mod secret;
mod stored;
mod template;
mod validate;

pub use catalog::{Catalog, Listed, config_dir, load_builtin, load_file};
pub use check::{check_header, check_url};
pub use error::{Problem, ProfileError};
pub use format::{Heartbeat, Limits, Profile, Tls};
pub use secret::Secrets;
pub use stored::{Origin, Ready, Stored};
pub use template::Outside;
