//! jq expressions, compiled once and run over JSON text.
