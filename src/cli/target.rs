//! TARGET and flags ─► [`session::Plan`](Plan).
//!
//! ```text
//! demo:SYSTEM ─► built-in server on a free port ┐
//! ws://…, wss://… ─► profile of a bare URL ─────┼► Ready ─ flags outrank ─► Plan
//! NAME ─► Catalog ─► templates filled in ───────┘
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::connect_flags::ConnectFlags;
use super::demo::Demo;
use super::{Globals, exit};
use crate::profile::{Catalog, Outside, Profile, ProfileError, Ready, Secrets, check_url, secret};
use crate::protocol::{self, System};
use crate::schema::{Schema, Sources};
use crate::server::Running;
use crate::session::{self, Feed, Handle, Plan, SessionId};
use crate::transport::{Dial, TlsOptions};

/// How long a reply may take where neither system nor profile says otherwise.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// A target ready to be connected to. Whoever takes the plan out of it must keep the server until
/// the session has ended; [`start`](Self::start) does so by itself.
#[derive(Debug)]
pub struct Target {
    /// What to start the session with.
    pub plan: Plan,
    /// What must not be shown.
    pub secrets: Secrets,
    /// The built-in server of a `demo:` target.
    pub server: Option<Running>,
    /// What the user should know before: for stderr or the notices.
    pub warnings: Vec<String>,
}

impl Target {
    /// Starts the session; the built-in server, if there is one, is stopped after it has ended.
    #[must_use]
    pub fn start(self, id: SessionId, feed: Feed, cancel: CancellationToken) -> Handle {
        let handle = session::start(self.plan, id, feed, cancel);
        if let Some(server) = self.server {
            let mut states = handle.states.clone();
            tokio::spawn(async move {
                // Fails when the session is gone, which is what is waited for.
                while states.changed().await.is_ok() {}
                server.stop().await;
            });
        }
        handle
    }
}

/// Checks that `target` names something, without starting or running anything.
pub fn recognise(target: &str, globals: &Globals) -> anyhow::Result<()> {
    if let Some(name) = target.strip_prefix("demo:") {
        return demo_named(name).map(|_| ());
    }
    if target.contains("://") {
        return check_url(target).map_err(exit::usage);
    }
    let catalog = Catalog::new(globals.config.as_deref());
    catalog.load(target).map(|_| ()).map_err(explained)
}

/// Makes a profile's name, a URL or `demo:SYSTEM`, and the flags, into a session's plan.
pub async fn resolve(
    target: &str,
    flags: &ConnectFlags,
    globals: &Globals,
) -> anyhow::Result<Target> {
    if let Some(name) = target.strip_prefix("demo:") {
        return demo(name, flags).await;
    }
    if target.contains("://") {
        let ready = Ready::of_url(target).map_err(exit::usage)?;
        return Source::bare(name_of_url(target), ready).plan(flags);
    }
    let source = named(target, globals).await?;
    source.plan(flags)
}

/// Starts a built-in server and makes the plan of a session with it.
async fn demo(name: &str, flags: &ConnectFlags) -> anyhow::Result<Target> {
    let demo = demo_named(name)?;
    let server = demo.start().await?;
    let ready = demo.ready(server.url())?;
    let mut target = Source::bare(name.to_owned(), ready).plan(flags)?;
    target.plan.traffic = demo.traffic();
    target.server = Some(server);
    Ok(target)
}

fn demo_named(name: &str) -> anyhow::Result<Demo> {
    Demo::from_name(name).ok_or_else(|| {
        let all = Demo::ALL.map(Demo::target).join(", ");
        exit::usage(format!("there is no demo {name:?}; there are {all}"))
    })
}

/// Loads a profile and fills in its templates, off the runtime's threads: commands may take time.
async fn named(name: &str, globals: &Globals) -> anyhow::Result<Source> {
    let catalog = Catalog::new(globals.config.as_deref());
    let owned = name.to_owned();
    let loaded = tokio::task::spawn_blocking(move || -> Result<Source, ProfileError> {
        let stored = catalog.load(&owned)?;
        let ready = stored.fill(&Outside::real())?;
        Ok(Source {
            base: stored.base().to_owned(),
            name: stored.name,
            ready,
            warnings: stored.warnings,
        })
    });
    loaded
        .await
        .context("loading the profile did not finish")?
        .map_err(explained)
}

/// A profile that is ready, and where its relative paths start.
struct Source {
    name: String,
    base: PathBuf,
    ready: Ready,
    warnings: Vec<String>,
}

impl Source {
    fn bare(name: String, ready: Ready) -> Self {
        Self {
            name,
            base: PathBuf::new(),
            ready,
            warnings: Vec::new(),
        }
    }

    /// Lets the flags outrank the profile.
    fn plan(self, flags: &ConnectFlags) -> anyhow::Result<Target> {
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
        let shown_url = ready.shown_url();
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
        let mut reconnect = profile.reconnect;
        reconnect.enabled &= !flags.no_reconnect;
        let told = profile.system.as_deref().and_then(System::from_name);
        let plan = Plan {
            dial,
            name,
            system: flags.told_system().or(told),
            settings: protocol::Settings {
                instance: *uuid::Uuid::new_v4().as_bytes(),
                raccoon: profile.raccoon,
                savetowebsocket: profile.savetowebsocket,
                websocketmq: profile.websocketmq,
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
        Ok(Target {
            plan,
            secrets,
            server: None,
            warnings,
        })
    }
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
        url: profile.url.clone(),
        subprotocols: subprotocols.clone(),
        tls: tls(&profile.tls, base, flags),
        connect_timeout: flags.connect_timeout.unwrap_or(limits.connect_timeout),
        message_limit: flags.max_message.unwrap_or(limits.message),
        ..Dial::default()
    }
}

fn tls(profile: &crate::profile::Tls, base: &Path, flags: &ConnectFlags) -> TlsOptions {
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
    let flags = &flags.schema;
    let here = |paths: &[PathBuf]| -> std::io::Result<Vec<PathBuf>> {
        paths.iter().map(std::path::absolute).collect()
    };
    sources.files.extend(here(&flags.proto)?);
    sources.include.extend(here(&flags.include)?);
    sources.descriptor_sets.extend(here(&flags.descriptor_set)?);
    sources.message = flags.message.clone().or(sources.message);
    Ok(Schema::load(&sources, base)?)
}

/// Host and port of a URL, for the tab.
fn name_of_url(url: &str) -> String {
    let shown = secret::mask_url(url);
    let rest = shown
        .split_once("://")
        .map_or(shown.as_str(), |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.to_owned()
}

/// An unknown profile need not have been meant as one.
fn explained(error: ProfileError) -> anyhow::Error {
    let ProfileError::Unknown { name, nearest, .. } = error else {
        return error.into();
    };
    let hint = if !nearest.is_empty() {
        format!("; did you mean {}?", nearest.join(", "))
    } else if name.contains([':', '/', '.']) && check_url(&format!("ws://{name}")).is_ok() {
        format!("; if it is an address, write ws://{name}.")
    } else {
        ".".to_owned()
    };
    exit::usage(format!(
        "{name:?} is no profile, URL or demo target{hint} `wspect profile list` shows the \
         profiles, `wspect --help` the kinds of targets"
    ))
}

#[cfg(test)]
mod tests;
