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

use super::connect_flags::ConnectFlags;
use super::{Globals, exit};
use crate::profile::{Catalog, Outside, ProfileError, Ready, Secrets, check_url, secret};
use crate::protocol::{self, System};
use crate::schema::{Schema, Sources};
use crate::session::Plan;
use crate::transport::{Dial, TlsOptions};

/// How long a reply may take where neither system nor profile says otherwise.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// A target ready to be connected to. Keep it until the session has ended: the built-in server of
/// a `demo:` target lives in it.
#[derive(Debug)]
pub struct Target {
    /// What to start the session with.
    pub plan: Plan,
    /// What must not be shown.
    pub secrets: Secrets,
    /// What the user should know before: for stderr or the notices.
    pub warnings: Vec<String>,
}

/// Makes a profile's name, a URL or `demo:SYSTEM`, and the flags, into a session's plan.
pub async fn resolve(
    target: &str,
    flags: &ConnectFlags,
    globals: &Globals,
) -> anyhow::Result<Target> {
    if target.contains("://") {
        let ready = Ready::of_url(target).map_err(exit::usage)?;
        return Source::bare(name_of_url(target), ready).plan(flags);
    }
    let source = named(target, globals).await?;
    source.plan(flags)
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
    match loaded.await.context("loading the profile did not finish")? {
        Err(ProfileError::Unknown { nearest, .. }) => Err(exit::usage(unknown(name, &nearest))),
        loaded => Ok(loaded?),
    }
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
        let tls = tls(&profile.tls, &base, flags);
        if flags.insecure {
            warnings.push(format!(
                "{name}: any certificate is trusted (--insecure): whoever is in between can read \
                 and change everything"
            ));
        }
        let mut reconnect = profile.reconnect;
        reconnect.enabled &= !flags.no_reconnect;
        let limits = profile.limits;
        let told = profile.system.as_deref().and_then(System::from_name);
        let plan = Plan {
            dial: Dial {
                shown_url,
                url: profile.url,
                headers,
                subprotocols: if flags.subprotocols.is_empty() {
                    profile.subprotocols
                } else {
                    flags.subprotocols.clone()
                },
                tls,
                connect_timeout: flags.connect_timeout.unwrap_or(limits.connect_timeout),
                message_limit: flags.max_message.unwrap_or(limits.message),
            },
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

fn unknown(name: &str, nearest: &[String]) -> String {
    let hint = if !nearest.is_empty() {
        format!("; did you mean {}?", nearest.join(", "))
    } else if name.contains([':', '/', '.']) && check_url(&format!("ws://{name}")).is_ok() {
        format!("; if it is an address, write ws://{name}.")
    } else {
        ".".to_owned()
    };
    format!(
        "{name:?} is no profile, URL or demo target{hint} `wspect profile list` shows the \
         profiles, `wspect --help` the kinds of targets"
    )
}

#[cfg(test)]
mod tests;
