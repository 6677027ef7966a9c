//! Where schemas come from, and what is said when they do not load.

use std::path::PathBuf;

use prost_reflect::prost::Message as _;
use wspect::schema::{Schema, SchemaError, Sources};

use super::{files, protos, rule};

fn error(sources: &Sources) -> String {
    let error = Schema::load(sources, &protos()).expect_err("the sources are wrong");
    error.to_string()
}

#[test]
fn a_file_and_its_rules() {
    let mut sources = files(&["kitchen_sink.proto"]);
    sources.types = vec![rule("all*", "sink.Everything"), rule("*", "Timestamp")];
    sources.message = Some("sink.Everything".to_owned());
    let schema = Schema::load(&sources, &protos()).unwrap();
    let mapped = |event: &str| schema.message_for(event).unwrap().full_name().to_owned();
    assert_eq!(mapped("all-of-it"), "sink.Everything");
    assert_eq!(mapped("other"), "google.protobuf.Timestamp");
    assert_eq!(schema.whole().unwrap().full_name(), "sink.Everything");
}

#[test]
fn without_sources_the_contracts_are_there() {
    let schema = Schema::load(&Sources::default(), &protos()).unwrap();
    for name in [
        "raystack.raccoon.v1beta1.SendEventRequest",
        "SendEventResponse",
        "Duration",
    ] {
        assert!(schema.message(name, "test").is_ok(), "{name}");
    }
    assert!(schema.message_for("click").is_none());
}

#[test]
fn the_demo_is_compiled_in_and_can_be_named() {
    let mut sources = files(&["demo/events.proto"]);
    sources.types = vec![rule("page*", "demo.PageEvent")];
    for base in [protos(), PathBuf::new()] {
        let schema = Schema::load(&sources, &base).unwrap();
        assert!(schema.message_for("page-view").is_some());
    }
    for event in ["click", "page", "search", "purchase"] {
        assert!(Schema::demo().message_for(event).is_some(), "{event}");
    }
}

#[test]
fn imports_come_from_include_folders_and_from_the_program() {
    let mut sources = files(&["nested/importing.proto"]);
    sources.include = vec![PathBuf::from(".")];
    let schema = Schema::load(&sources, &protos()).unwrap();
    assert!(schema.message("importing.Outer", "test").is_ok());
}

#[test]
fn a_missing_import_names_the_folder_that_has_it() {
    let text = error(&files(&["nested/importing.proto"]));
    assert!(
        text.contains("importing.proto:5:1: import 'nested/imported.proto' not found"),
        "{text}"
    );
    assert!(
        text.contains(&format!("-I {}", protos().display())),
        "{text}"
    );
}

#[test]
fn errors_name_file_line_and_column() {
    let text = error(&files(&["wrong.proto"]));
    assert!(
        text.contains("wrong.proto:7:3: expected ';' or '[', but found 'int32'"),
        "{text}"
    );
    let text = error(&files(&["unknown_type.proto"]));
    assert!(text.contains("unknown_type.proto:6:3"), "{text}");
    assert!(text.contains("Nowhere"), "{text}");
}

#[test]
fn a_missing_file_is_named() {
    let text = error(&files(&["nowhere.proto"]));
    assert!(text.contains("cannot read the schema"), "{text}");
    assert!(text.contains("nowhere.proto"), "{text}");
}

#[test]
fn a_rule_with_an_unknown_message_names_the_nearest() {
    let mut sources = files(&["kitchen_sink.proto"]);
    sources.types = vec![rule("all", "sink.Evrything")];
    assert_eq!(
        error(&sources),
        "the rule for event type `all` names the message `sink.Evrything`, which no schema \
         defines; the nearest is `sink.Everything`"
    );
    sources.types = vec![rule("all", "zzz.Qqqqqqq")];
    assert!(error(&sources).contains("add its file with `--proto`"));
}

#[test]
fn descriptor_sets_load_with_and_without_their_imports() {
    let schema = super::sink();
    let file = schema
        .pool()
        .get_file_by_name("kitchen_sink.proto")
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bare = prost_reflect::prost_types::FileDescriptorSet {
        file: vec![file.file_descriptor_proto().clone()],
    };
    std::fs::write(folder.path().join("bare.pb"), bare.encode_to_vec()).unwrap();
    std::fs::write(folder.path().join("full.pb"), schema.pool().encode_to_vec()).unwrap();
    for name in ["bare.pb", "full.pb"] {
        let sources = Sources {
            descriptor_sets: vec![PathBuf::from(name)],
            ..Sources::default()
        };
        let loaded = Schema::load(&sources, folder.path()).unwrap();
        assert!(loaded.message("sink.Everything", "test").is_ok(), "{name}");
    }
}

#[test]
fn a_file_that_is_no_descriptor_set_is_refused() {
    let sources = Sources {
        descriptor_sets: vec![PathBuf::from("wrong.proto")],
        ..Sources::default()
    };
    let error = Schema::load(&sources, &protos()).unwrap_err();
    assert!(matches!(error, SchemaError::BadSet { .. }), "{error}");
    assert!(error.to_string().contains("--include_imports"), "{error}");
}

#[test]
fn a_users_own_copy_of_the_contract_wins() {
    let folder = tempfile::tempdir().unwrap();
    let own =
        "syntax = \"proto3\"; package raystack.raccoon.v1beta1; message Event { string mine = 9; }";
    std::fs::write(folder.path().join("own.proto"), own).unwrap();
    let schema = Schema::load(&files(&["own.proto"]), folder.path()).unwrap();
    let event = schema
        .message("raystack.raccoon.v1beta1.Event", "test")
        .unwrap();
    assert!(event.get_field_by_name("mine").is_some());
}
