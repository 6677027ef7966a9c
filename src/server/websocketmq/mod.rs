//! stub
mod broker;
mod envelope;
mod handlers;
mod payload;
mod peer;
mod registry;
mod settings;
mod time;
pub use broker::CallError;
pub use envelope::Fault;
pub use registry::Client;
pub use settings::{Settings, Traffic};
