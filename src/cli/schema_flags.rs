//! `--proto`, `-I`, `--descriptor-set`, `--message`: the options shared by everything that takes
//! a schema.

use std::path::PathBuf;

use clap::Args;

/// Where schemas come from. They are added to the profile's.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Schema")]
pub struct SchemaFlags {
    /// `.proto` file to compile; may be given again.
    #[arg(long = "proto", value_name = "PATH")]
    pub proto: Vec<PathBuf>,
    /// Folder imports are looked up in; may be given again.
    #[arg(short = 'I', long = "include", value_name = "PATH")]
    pub include: Vec<PathBuf>,
    /// Compiled descriptor set; may be given again.
    #[arg(long = "descriptor-set", value_name = "FILE")]
    pub descriptor_set: Vec<PathBuf>,
    /// Full name of the message.
    #[arg(long = "message", value_name = "TYPE")]
    pub message: Option<String>,
}
