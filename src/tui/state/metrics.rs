//! The panel of the server's metrics.

use super::line::LineEdit;

/// The panel, while it is open.
#[derive(Clone, Debug, Default)]
pub struct MetricsPanel {
    /// What was typed to find a series.
    pub line: LineEdit,
    /// First line shown.
    pub top: usize,
}
