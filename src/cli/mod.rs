//! Command line: clap types, one file per command.
