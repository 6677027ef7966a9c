//! Schemas that are part of the program: Raccoon's contract, Google's well-known types and the
//! demo's events.

use std::path::Path;
use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use super::{Schema, TypeRule};

/// Import name of Raccoon's contract.
const RACCOON: &str = "raystack/raccoon/v1beta1/raccoon.proto";
/// Import name of the demo's events.
const DEMO: &str = "demo/events.proto";

const SOURCES: [(&str, &str); 2] = [
    (
        RACCOON,
        include_str!("../../proto/raystack/raccoon/v1beta1/raccoon.proto"),
    ),
    (DEMO, include_str!("../../proto/demo/events.proto")),
];

const GOOGLE: [&str; 6] = [
    "google/protobuf/any.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/wrappers.proto",
];

/// Raccoon's contract and Google's well-known types: what every schema knows.
static CONTRACTS: LazyLock<DescriptorPool> = LazyLock::new(|| compile(&[&GOOGLE, &[RACCOON]]));

static DEMO_EVENTS: LazyLock<Schema> = LazyLock::new(|| {
    let pool = compile(&[&GOOGLE, &[RACCOON, DEMO]]);
    let mut schema = Schema {
        pool,
        ..Schema::default()
    };
    for event in ["click", "page", "search", "purchase"] {
        let mut name = event.to_owned();
        name[..1].make_ascii_uppercase();
        let rule = TypeRule::message(event, &format!("demo.{name}Event"));
        let rule = schema.rule(rule, false);
        let rule = rule.expect("the demo schema is compiled in with this message");
        schema.rules.push(rule);
    }
    schema
});

/// The import name of the built-in file that `path` ends in.
pub(super) fn name_of(path: &Path) -> Option<&'static str> {
    SOURCES
        .iter()
        .map(|(name, _)| *name)
        .find(|name| path.ends_with(name))
}

pub(super) fn contracts() -> &'static DescriptorPool {
    &CONTRACTS
}

pub(super) fn demo() -> &'static Schema {
    &DEMO_EVENTS
}

/// Finds the built-in files by their import names; last in line, so a user's own copy wins.
pub(super) struct Resolver;

impl FileResolver for Resolver {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match SOURCES.iter().find(|(known, _)| *known == name) {
            Some((_, source)) => File::from_source(name, source),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}

fn compile(files: &[&[&str]]) -> DescriptorPool {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Resolver);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true);
    for file in files.iter().copied().flatten() {
        compiler
            .open_file(file)
            .expect("the built-in schemas are compiled by the tests");
    }
    compiler.descriptor_pool()
}
