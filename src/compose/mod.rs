//! Batch documents: templates, encoding by schema, validation before sending.
