//! Schemas and schema-less readings: payload bytes to [`Node`] trees and back.

mod cursor;
mod escape;
pub mod gojson;
pub mod json;
pub mod scan;
pub mod wire;

use std::path::PathBuf;

use prost_reflect::{DescriptorPool, MessageDescriptor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::body::Node;

/// Which message an event type is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// Event type, exact or with `*` and `?`.
    pub event: String,
    /// Full name of the message.
    pub message: String,
}

/// `[schema]` of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// `.proto` files.
    pub files: Vec<PathBuf>,
    /// Folders imports are looked up in.
    pub include: Vec<PathBuf>,
    /// Compiled descriptor sets.
    pub descriptor_sets: Vec<PathBuf>,
    /// Which message an event type is.
    pub types: Vec<TypeRule>,
    /// Message of whole binary frames of generic systems.
    pub message: Option<String>,
}

/// Why a schema cannot be loaded or does not fit.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// Stub.
    #[error("{0}")]
    Invalid(String),
}

/// A loaded schema: descriptors and type rules. Shared by sessions, decoders and the composer.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pool: DescriptorPool,
    rules: Vec<TypeRule>,
    whole: Option<MessageDescriptor>,
}

impl Schema {
    /// Loads and checks everything `sources` names; relative paths are taken from `base`.
    pub fn load(_sources: &Sources, _base: &std::path::Path) -> Result<Self, SchemaError> {
        Ok(Self::default())
    }

    /// All descriptors.
    #[must_use]
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// The rules in order; the first that matches counts.
    #[must_use]
    pub fn rules(&self) -> &[TypeRule] {
        &self.rules
    }

    /// The message an event type is mapped to.
    #[must_use]
    pub fn message_for(&self, _event_type: &str) -> Option<MessageDescriptor> {
        None
    }

    /// The message of whole binary frames.
    #[must_use]
    pub fn whole(&self) -> Option<&MessageDescriptor> {
        self.whole.as_ref()
    }

    /// Reads `bytes` as `message` into a tree; spans are offsets into `bytes` plus `at`.
    pub fn decode(
        &self,
        _message: &MessageDescriptor,
        _bytes: &[u8],
        _at: usize,
    ) -> Result<Node, SchemaError> {
        Ok(Node::default())
    }

    /// Encodes a JSON object as `message`; the error names the path and the expected type.
    pub fn encode(
        &self,
        _message: &MessageDescriptor,
        _json: &serde_json::Value,
    ) -> Result<Vec<u8>, SchemaError> {
        Ok(Vec::new())
    }
}
