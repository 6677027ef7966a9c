//! Profile and flags ─► plan: the flags outrank the profile key by key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Target;
use crate::cli::connect_flags::ConnectFlags;
use crate::cli::exit;
use crate::profile::{Profile, Ready, Tls};
use crate::protocol::raccoon::{self, Transport};
use crate::protocol::{self, System, savetowebsocket, websocketmq};
use crate::schema::{Schema, Sources};
use crate::session::Plan;
use crate::transport::{Dial, TlsOptions};

/// Where a Raccoon server takes batches over HTTP.
const EVENTS: &str = "/api/v1/events";
/// How long a reply may take where neither system nor profile says otherwise.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// A profile that is ready, and where its relative paths start.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) base: PathBuf,
    pub(super) ready: Ready,
    pub(super) warnings: Vec<String>,
}

impl Source {
    pub(super) fn bare(name: String, ready: Ready) -> Self {
        Self {
            name,
            base: PathBuf::new(),
            ready,
            warnings: Vec::new(),
        }
    }

    /// Lets the flags outrank the profile.
    pub(super) fn plan(self, flags: &ConnectFlags) -> anyhow::Result<Target> {
        let Self {
            name,
            base,
            ready,
            mut warnings,
        } = self;
        let headers = headers(ready.headers(), flags);
        let mut secrets = ready.secrets.clone();
        for (name, value) in &headers {
            secrets.add_header(name, value);
        }
        let shown_url = flags.broker.url(&ready.shown_url());
        let profile = ready.profile;
        let dial = Dial {
            shown_url,
            headers,
            ..dial(&profile, &base, flags)
        };
        if flags.insecure {
            warnings.push(format!(
                "{name}: any certificate is trusted (--insecure): whoever is in between can read \
                 and change everything"
            ));
        }
        let system = system(&profile, flags);
        let mut reconnect = profile.reconnect;
        reconnect.enabled &= !flags.no_reconnect;
        let websocketmq = conversing(profile.websocketmq, (system, &name), flags)?;
        let savetowebsocket = filtered(profile.savetowebsocket, (system, &name), flags)?;
        let own = own_transport(&dial, system)?;
        let raccoon = twins(profile.raccoon, own, flags);
        secrets.add_url(flags.metrics.as_deref().unwrap_or_default());
        let mut plan = Plan {
            dial,
            name,
            system,
            settings: protocol::Settings {
                instance: *uuid::Uuid::new_v4().as_bytes(),
                pongs_held: flags.no_pong || !profile.heartbeat.pong,
                raccoon,
                savetowebsocket,
                websocketmq,
                generic: protocol::generic::Settings {
                    on_open: profile.on_open,
                    correlate: profile.correlate,
                },
            },
            schema: Arc::new(schema(profile.schema, &base, flags)?),
            reconnect,
            ping_every: flags.ping_every.unwrap_or(profile.heartbeat.ping_every),
            reply_timeout: REPLY_TIMEOUT,
            traffic: None,
        };
        warnings.extend(super::known_as(&mut plan, flags)?);
        Ok(Target {
            plan,
            secrets,
            server: None,
            warnings,
        })
    }
}

/// The system the flags or the profile tell.
fn system(profile: &Profile, flags: &ConnectFlags) -> Option<System> {
    let told = profile.system.as_deref().and_then(System::from_name);
    // Only one system has what these ask for, and its server never speaks first.
    let implied = flags.broker.given().map(|_| System::WebSocketMq);
    flags.told_system().or(told).or(implied)
}

/// The settings with the flags' filters, which no other system has.
fn filtered(
    mut settings: savetowebsocket::Settings,
    (system, name): (Option<System>, &str),
    flags: &ConnectFlags,
) -> anyhow::Result<savetowebsocket::Settings> {
    if let Some(system) = system.filter(|system| *system != System::SaveToWebSocket)
        && !flags.filters.is_empty()
    {
        return Err(exit::usage(format!(
            "filters are for a SaveToWebSocket stream, and {name} speaks {}; to show only some of \
             its messages give --filter, or press / on the screen",
            system.row().title
        )));
    }
    settings.filters = flags.filters.over(&settings.filters);
    Ok(settings)
}

/// The settings with the flags for a broker, which no other system has.
fn conversing(
    settings: websocketmq::Settings,
    (system, name): (Option<System>, &str),
    flags: &ConnectFlags,
) -> anyhow::Result<websocketmq::Settings> {
    if let Some(flag) = flags.broker.given()
        && let Some(system) = system.filter(|system| *system != System::WebSocketMq)
    {
        return Err(exit::usage(format!(
            "{flag} is for a WebSocketMQ broker, and {name} speaks {}; leave it out, or say \
             --system websocketmq if {name} is a broker",
            system.row().title
        )));
    }
    flags.broker.over(settings).map_err(exit::usage)
}

/// What batches to this target go over by themselves. An address for calls must be a Raccoon's: no
/// other system has them.
fn own_transport(dial: &Dial, system: Option<System>) -> anyhow::Result<Transport> {
    let (scheme, rest) = dial.url.split_once("://").unwrap_or_default();
    let transport = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => Transport::Rest,
        "grpc" | "grpcs" => Transport::Grpc,
        _ => return Ok(Transport::WebSocket),
    };
    let shown = &dial.shown_url;
    if let Some(system) = system.filter(|system| *system != System::Raccoon) {
        return Err(exit::usage(format!(
            "{shown} is an address for Raccoon's {} batches, and {} speaks WebSocket alone; give \
             its ws:// or wss:// address",
            transport.name(),
            system.row().title
        )));
    }
    let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    if transport == Transport::Rest && system.is_none() && path != EVENTS {
        return Err(exit::usage(format!(
            "{shown} is not where a Raccoon server takes batches, which is {EVENTS}; if yours is \
             behind a gateway on that path, say so with --system raccoon"
        )));
    }
    Ok(transport)
}

/// The profile's headers, each replaced or taken away by flags of the same name, then the other
/// flags.
fn headers(mut headers: Vec<(String, String)>, flags: &ConnectFlags) -> Vec<(String, String)> {
    for flag in &flags.headers {
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&flag.name));
    }
    let given = flags.headers.iter();
    headers.extend(given.filter_map(|flag| Some((flag.name.clone(), flag.value.clone()?))));
    headers
}

/// All of it but the headers and what is shown of the URL.
fn dial(profile: &Profile, base: &Path, flags: &ConnectFlags) -> Dial {
    let subprotocols = if flags.subprotocols.is_empty() {
        &profile.subprotocols
    } else {
        &flags.subprotocols
    };
    let limits = &profile.limits;
    Dial {
        url: flags.broker.url(&profile.url),
        subprotocols: subprotocols.clone(),
        tls: tls(&profile.tls, base, flags),
        connect_timeout: flags.connect_timeout.unwrap_or(limits.connect_timeout),
        message_limit: flags.max_message.unwrap_or(limits.message),
        ..Dial::default()
    }
}

/// The settings with the target's own transport filled in, and what the flags say.
fn twins(profile: raccoon::Settings, own: Transport, flags: &ConnectFlags) -> raccoon::Settings {
    raccoon::Settings {
        transport: profile.transport.or(Some(own)),
        rest_url: flags.rest_url.clone().or(profile.rest_url),
        grpc_url: flags.grpc_url.clone().or(profile.grpc_url),
        metrics_url: flags.metrics.clone().or(profile.metrics_url),
        ..profile
    }
}

fn tls(profile: &Tls, base: &Path, flags: &ConnectFlags) -> TlsOptions {
    let from = |flag: &Option<PathBuf>, key: &Option<PathBuf>| {
        let own = key.as_ref().map(|path| base.join(path));
        flag.clone().or(own)
    };
    TlsOptions {
        cacert: from(&flags.cacert, &profile.cacert),
        cert: from(&flags.cert, &profile.cert),
        key: from(&flags.key, &profile.key),
        insecure: flags.insecure || profile.insecure,
    }
}

/// The profile's schema and the flags' together. Paths of flags are taken from the working
/// directory, those of the profile from its file.
fn schema(mut sources: Sources, base: &Path, flags: &ConnectFlags) -> anyhow::Result<Schema> {
    sources.told.clone_from(&flags.maps);
    let flags = &flags.schema;
    let here = |paths: &[PathBuf]| -> std::io::Result<Vec<PathBuf>> {
        paths.iter().map(std::path::absolute).collect()
    };
    sources.files.extend(here(&flags.from.proto)?);
    sources.include.extend(here(&flags.from.include)?);
    sources
        .descriptor_sets
        .extend(here(&flags.from.descriptor_set)?);
    sources.message = flags.message.clone().or(sources.message);
    Ok(Schema::load(&sources, base)?)
}
