//! Schemas, readings without one, and batch documents, from files to bytes and back.

mod batches;
mod decoding;
mod documents;
mod encoding;
mod loading;
mod manual;
mod program;
mod total;

use std::path::PathBuf;

use prost_reflect::MessageDescriptor;
use wspect::schema::{Schema, Sources, TypeRule};

/// The folder of the test schemas.
fn protos() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schema/protos")
}

/// Sources with these files of [`protos`].
fn files(names: &[&str]) -> Sources {
    Sources {
        files: names.iter().map(PathBuf::from).collect(),
        ..Sources::default()
    }
}

fn rule(event: &str, message: &str) -> TypeRule {
    TypeRule::message(event, message)
}

/// The schema of `kitchen_sink.proto`.
fn sink() -> Schema {
    Schema::load(&files(&["kitchen_sink.proto"]), &protos()).expect("it is a valid schema")
}

/// The message of [`sink`].
fn everything(schema: &Schema) -> MessageDescriptor {
    schema
        .message("sink.Everything", "test")
        .expect("it is in the schema")
}
