//! The ledger of open asks.
