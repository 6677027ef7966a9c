//! Where a series stands in the list.

/// Where a series stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Connections, and how they end.
    Connections,
    /// Batches read.
    Batches,
    /// Events in them.
    Events,
    /// What the sink did with them.
    Publishing,
    /// How long things take.
    Times,
    /// The server's process.
    Process,
    /// What is none of Raccoon's.
    Other,
}

impl Group {
    /// All groups in their order.
    pub const ALL: [Self; 7] = [
        Self::Connections,
        Self::Batches,
        Self::Events,
        Self::Publishing,
        Self::Times,
        Self::Process,
        Self::Other,
    ];

    /// The heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connections => "Connections",
            Self::Batches => "Batches",
            Self::Events => "Events",
            Self::Publishing => "Publishing",
            Self::Times => "Times (of what was measured since the first scrape)",
            Self::Process => "Process",
            Self::Other => "Other",
        }
    }

    /// The group of a metric by its name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if starts(&[
            "user_connection_",
            "connections_count",
            "server_ping_",
            "server_pong_",
            "conn_close",
        ]) {
            Self::Connections
        } else if starts(&["batches_"]) {
            Self::Batches
        } else if starts(&["events_"]) {
            Self::Events
        } else if name.ends_with("_ms")
            || name.ends_with("_milliseconds") && !starts(&["kafka_brokers"])
        {
            Self::Times
        } else if starts(&["kafka_", "pubsub_", "kinesis_"]) {
            Self::Publishing
        } else if starts(&["server_"]) {
            Self::Process
        } else {
            Self::Other
        }
    }
}
