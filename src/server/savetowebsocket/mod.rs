//! stub
pub mod events;
mod register;
