//! `--proto`, `-I`, `--descriptor-set`, `--message`: the options shared by everything that takes
//! a schema.

use std::path::PathBuf;

use clap::Args;

use crate::schema::Sources;

/// Where schemas come from, and the message of whole frames. They are added to the profile's.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Schema")]
pub struct SchemaFlags {
    /// Files and folders.
    #[command(flatten)]
    pub from: SourceFlags,
    /// Full name of the message, or the end of it if only one ends so.
    #[arg(long = "message", value_name = "TYPE")]
    pub message: Option<String>,
}

/// Where schemas come from.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Schema")]
pub struct SourceFlags {
    /// `.proto` file to compile; may be given again.
    #[arg(long = "proto", value_name = "PATH")]
    pub proto: Vec<PathBuf>,
    /// Folder imports are looked up in; may be given again.
    #[arg(short = 'I', long = "include", value_name = "PATH")]
    pub include: Vec<PathBuf>,
    /// Compiled descriptor set; may be given again.
    #[arg(long = "descriptor-set", value_name = "FILE")]
    pub descriptor_set: Vec<PathBuf>,
}

impl SourceFlags {
    /// True if neither a file nor a descriptor set is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.proto.is_empty() && self.descriptor_set.is_empty()
    }

    /// The sources these flags name, and nothing else.
    #[must_use]
    pub fn sources(&self) -> Sources {
        Sources {
            files: self.proto.clone(),
            include: self.include.clone(),
            descriptor_sets: self.descriptor_set.clone(),
            ..Sources::default()
        }
    }
}
