//! The command line, seen from outside: the real program, its output and its exit codes.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod documents;
mod explain;
mod profiles;
mod program;
mod serve;
mod usage;
