//! Built-in loopback servers that answer as the real ones do.
