//! Which of the system's many states the broker behaves as.

use std::fmt;
use std::str::FromStr;

/// A dialect of WebSocketMQ, by generation and state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `header` and `body`; true publish and subscribe, client replies are dropped.
    V1_1,
    /// `header` and `body`; registration, calls both ways, no subscriptions.
    V1_3,
    /// The envelope, with ids made up by the broker, without registration; publishes of clients
    /// are ignored.
    V2_0,
    /// Registration; the id is made up whatever the client wishes.
    V2_1,
    /// `system:list_clients` and `system:proxy`.
    V2_2,
    /// The newest: the id is the `client_id` of the URL.
    #[default]
    V2_3,
}

impl Dialect {
    /// All of them, the oldest first.
    pub const ALL: [Self; 6] = [
        Self::V1_1,
        Self::V1_3,
        Self::V2_0,
        Self::V2_1,
        Self::V2_2,
        Self::V2_3,
    ];

    /// Whether messages have `header` and `body`.
    #[must_use]
    pub fn is_first_generation(self) -> bool {
        self < Self::V2_0
    }

    /// Where the sample server of that state listens.
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::V1_1 => 3001,
            Self::V1_3 => 9000,
            _ => 8081,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::V1_1 => "1.1",
            Self::V1_3 => "1.3",
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
            Self::V2_2 => "2.2",
            Self::V2_3 => "2.3",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    /// `1.3`; `1` and `2` are the newest of their generation.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "1" => Ok(Self::V1_3),
            "2" => Ok(Self::V2_3),
            _ => Self::ALL
                .into_iter()
                .find(|dialect| dialect.name() == text)
                .ok_or_else(|| {
                    let known = Self::ALL.map(Self::name).join(", ");
                    format!("no such generation; give 1, 2 or one of {known}")
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_whole_generations_are_their_newest() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }
        assert_eq!("2".parse(), Ok(Dialect::V2_3));
        assert_eq!("1".parse(), Ok(Dialect::V1_3));
        assert!("1.2".parse::<Dialect>().unwrap_err().contains("1.1, 1.3"));
    }
}
