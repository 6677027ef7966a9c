//! The `wspect` program: parse, dispatch, exit code.

fn main() {}
