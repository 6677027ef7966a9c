//! How to connect: the options shared by everything that takes a target.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::broker_flags::BrokerFlags;
use super::filter_flags::FilterFlags;
use super::schema_flags::SchemaFlags;
use crate::duration;
use crate::profile::check_url;
use crate::protocol::System;
use crate::schema::TypeRule;

/// How to connect. Each option outranks the profile's key.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Connection")]
pub struct ConnectFlags {
    /// Request header, as in curl: 'Name: value', 'Name;' for an empty one, 'Name:' to leave out
    /// the profile's; may be given again.
    #[arg(short = 'H', long = "header", value_name = "HEADER", value_parser = header)]
    pub headers: Vec<HeaderFlag>,
    /// Subprotocol to offer; may be given again, in order of preference.
    #[arg(long = "subprotocol", value_name = "NAME")]
    pub subprotocols: Vec<String>,
    /// What the server speaks, instead of recognising it.
    #[arg(long, value_name = "SYSTEM", value_parser = system_parser())]
    pub system: Option<String>,
    /// PEM file of certificates to trust besides the platform's.
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// PEM file of the client certificate chain.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// PEM file of the client certificate's key.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Trust any certificate: whoever is in between can read and change everything.
    #[arg(long)]
    pub insecure: bool,
    /// For TCP, TLS and the upgrade together.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub connect_timeout: Option<Duration>,
    /// Do not dial again when the connection ends.
    #[arg(long)]
    pub no_reconnect: bool,
    /// Our own pings, for the round-trip time; 0 for none.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub ping_every: Option<Duration>,
    /// Do not answer the server's pings, to see when and how it ends the connection.
    #[arg(long)]
    pub no_pong: bool,
    /// Where a Raccoon's Prometheus metrics are: http://HOST:PORT/metrics; read beside the
    /// connection.
    #[arg(long, value_name = "URL", value_parser = metrics_url)]
    pub metrics: Option<String>,
    /// Largest message to read, with unit: 64KiB, 16MiB.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_message: Option<usize>,
    /// Where batches sent over REST go; told by the target otherwise.
    #[arg(long, value_name = "URL", value_parser = rest_url, help_heading = "Raccoon")]
    pub rest_url: Option<String>,
    /// Where batches sent over gRPC go; the target's host and port 8081 otherwise.
    #[arg(long, value_name = "URL", value_parser = grpc_url, help_heading = "Raccoon")]
    pub grpc_url: Option<String>,
    /// Read payloads of an event type (exact, with * and ?, or /regex/) as a message, or as json,
    /// schemaless or raw; outranks the profile's rules; may be given again, the first that fits
    /// counts.
    #[arg(long = "map", value_name = "TYPE=MESSAGE", value_parser = TypeRule::parse)]
    #[arg(help_heading = "Schema")]
    pub maps: Vec<TypeRule>,
    /// What a stream is to be filtered by.
    #[command(flatten)]
    pub filters: FilterFlags,
    /// How to converse with a broker.
    #[command(flatten)]
    pub broker: BrokerFlags,
    /// Schemas.
    #[command(flatten)]
    pub schema: SchemaFlags,
}

/// One `-H`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFlag {
    /// Its name.
    pub name: String,
    /// Its value; `None` takes the header away.
    pub value: Option<String>,
}

impl ConnectFlags {
    /// The same on a command line of `wspect send`, values as they were given.
    #[must_use]
    pub fn arguments(&self, config: Option<&Path>) -> Vec<String> {
        let path = |path: &PathBuf| path.display().to_string();
        let mut out = Vec::new();
        let mut add = |flag: &str, value: String| out.extend([flag.to_owned(), value]);
        if let Some(config) = config {
            add("--config", config.display().to_string());
        }
        for header in &self.headers {
            add(
                "-H",
                match header.value.as_deref() {
                    Some("") => format!("{};", header.name),
                    Some(value) => format!("{}: {value}", header.name),
                    None => format!("{}:", header.name),
                },
            );
        }
        for name in &self.subprotocols {
            add("--subprotocol", name.clone());
        }
        let source = &self.schema.from;
        for (flag, paths) in [
            ("--cacert", self.cacert.as_slice()),
            ("--cert", self.cert.as_slice()),
            ("--key", self.key.as_slice()),
            ("--proto", &source.proto),
            ("-I", &source.include),
            ("--descriptor-set", &source.descriptor_set),
        ] {
            for one in paths {
                add(flag, path(one));
            }
        }
        for (flag, value) in [
            ("--system", &self.system),
            ("--rest-url", &self.rest_url),
            ("--grpc-url", &self.grpc_url),
            ("--message", &self.schema.message),
        ] {
            if let Some(value) = value {
                add(flag, value.clone());
            }
        }
        out.extend(self.filters.arguments());
        out.extend(self.broker.arguments());
        if self.insecure {
            out.push("--insecure".to_owned());
        }
        out
    }

    /// The system told by `--system`.
    #[must_use]
    pub fn told_system(&self) -> Option<System> {
        self.system.as_deref().and_then(System::from_name)
    }
}

fn rest_url(text: &str) -> Result<String, String> {
    twin(text, ["http://", "https://"])
}

fn grpc_url(text: &str) -> Result<String, String> {
    twin(text, ["grpc://", "grpcs://"])
}

fn twin(text: &str, schemes: [&str; 2]) -> Result<String, String> {
    let [plain, secure] = schemes;
    if !schemes.iter().any(|scheme| text.starts_with(scheme)) {
        return Err(format!("it must begin with {plain} or {secure}"));
    }
    check_url(text).map(|()| text.to_owned())
}

fn system_parser() -> clap::builder::PossibleValuesParser {
    crate::protocol::PROTOCOLS.iter().map(|row| row.name).into()
}

/// `Name: value`, `Name;` and `Name:` as curl takes them; a value loses the blanks around it.
fn header(text: &str) -> Result<HeaderFlag, String> {
    let (name, value) = match (text.split_once(':'), text.trim_end().strip_suffix(';')) {
        (Some((name, value)), _) => (name, Some(value.trim()).filter(|value| !value.is_empty())),
        (None, Some(name)) => (name, Some("")),
        (None, None) => return Err("no colon; write a header as 'Name: value'".to_owned()),
    };
    let name = name.trim();
    crate::profile::check_header(name, value.unwrap_or_default())?;
    Ok(HeaderFlag {
        name: name.to_owned(),
        value: value.map(str::to_owned),
    })
}

/// An address of metrics; what it leads to is seen when it is read.
fn metrics_url(text: &str) -> Result<String, String> {
    let is_http = text.starts_with("http://") || text.starts_with("https://");
    if is_http && !text.ends_with("://") {
        Ok(text.to_owned())
    } else {
        Err("write for example http://127.0.0.1:9090/metrics".to_owned())
    }
}

/// `65536`, `64KiB`, `16MiB`, `1GiB`.
fn size(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is not a size; write for example 65536, 64KiB or 16MiB");
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let amount: usize = text[..digits].parse().map_err(|_| wrong())?;
    let shift = match text[digits..].trim() {
        "" | "B" => 0,
        "KiB" | "K" | "k" => 10,
        "MiB" | "M" => 20,
        "GiB" | "G" => 30,
        _ => return Err(wrong()),
    };
    match amount.checked_mul(1 << shift) {
        Some(0) | None => Err(wrong()),
        Some(bytes) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_curl_takes_them() {
        for (text, name, value) in [
            ("X-User-ID: me", "X-User-ID", Some("me")),
            ("A:b:c ", "A", Some("b:c")),
            ("X-Empty;", "X-Empty", Some("")),
            ("X-Gone:", "X-Gone", None),
        ] {
            let flag = header(text).unwrap();
            assert_eq!((flag.name.as_str(), flag.value.as_deref()), (name, value));
        }
        for text in ["", "no colon", ": value", "Bad Name: x", "A: b\r\nC: d"] {
            assert!(header(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_with_units() {
        for (text, bytes) in [("1", 1), ("64KiB", 64 << 10), ("16 MiB", 16 << 20)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "x", "1XB", "99999999999GiB", "-1"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
