//! TARGET and flags ─► [`Plan`].
//!
//! ```text
//! demo:SYSTEM ─► built-in server on a free port ┐
//! ws://…, wss://… ─► profile of a bare URL ─────┼► Ready ─ flags outrank ─► Plan
//! NAME ─► Catalog ─► templates filled in ───────┘
//! ```

mod broker;
mod identity;
mod plan;

use std::path::PathBuf;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use toml::Value;

use super::broker_flags::BrokerFlags;
use super::connect_flags::ConnectFlags;
use super::demo::Demo;
use super::{Globals, exit};
use crate::profile::{Catalog, Outside, ProfileError, Ready, Secrets, check_url, secret};
use crate::protocol::System;
use crate::protocol::savetowebsocket::Filters;
use crate::protocol::websocketmq::Settings;
use crate::server::Running;
use crate::session::{self, Feed, Handle, Plan, SessionId};

pub use broker::Ids;
use plan::Source;

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

/// Settles who the connection says it is; a warning if that may go wrong.
fn known_as(plan: &mut Plan, flags: &ConnectFlags) -> anyhow::Result<Option<String>> {
    identity::introduce(plan, flags);
    broker::check(plan)
}

/// Starts a built-in server and makes the plan of a session with it.
async fn demo(name: &str, flags: &ConnectFlags) -> anyhow::Result<Target> {
    let demo = demo_named(name)?;
    let server = demo.start().await?;
    let ready = demo.ready(&server)?;
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

/// The text of a profile that is `url` and what the flags say of it: the system, headers that are
/// no secrets, schemas, rules.
#[must_use]
pub fn profile_text(url: &str, flags: &ConnectFlags) -> String {
    let text = |text: &str| Value::String(text.replace("${", "$${"));
    let mut root = toml::Table::new();
    root.insert("url".to_owned(), text(&flags.broker.url(url)));
    let implied = flags.broker.given().map(|_| System::WebSocketMq.name());
    if let Some(system) = flags.system.as_deref().or(implied) {
        root.insert("system".to_owned(), text(system));
    }
    let headers: toml::Table = flags
        .headers
        .iter()
        .filter(|header| !secret::is_secret_name(&header.name))
        .filter_map(|header| Some((header.name.clone(), text(header.value.as_deref()?))))
        .collect();
    if !headers.is_empty() {
        root.insert("headers".to_owned(), headers.into());
    }
    let mut schema = toml::Table::new();
    let from = &flags.schema.from;
    for (key, paths) in [
        ("files", &from.proto),
        ("include", &from.include),
        ("descriptor_sets", &from.descriptor_set),
    ] {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let paths: Vec<Value> = paths
            .iter()
            .map(|path| text(&absolute(path).display().to_string()))
            .collect();
        if !paths.is_empty() {
            schema.insert(key.to_owned(), paths.into());
        }
    }
    let types = flags
        .maps
        .iter()
        .filter_map(|rule| Value::try_from(rule).ok());
    let types: Vec<Value> = types.collect();
    if !types.is_empty() {
        schema.insert("types".to_owned(), types.into());
    }
    if !schema.is_empty() {
        root.insert("schema".to_owned(), schema.into());
    }
    if !flags.filters.is_empty() {
        let filters = flags.filters.over(&Filters::default());
        root.insert("savetowebsocket".to_owned(), filters_table(&filters));
    }
    if flags.broker.given().is_some() {
        root.insert("websocketmq".to_owned(), broker_table(&flags.broker));
    }
    root.to_string()
}

/// `[savetowebsocket]` with these filters, templates in them taken literally.
fn filters_table(filters: &Filters) -> Value {
    let mut table = Value::try_from(filters).unwrap_or(Value::Table(toml::Table::new()));
    literal(&mut table);
    Value::Table(toml::Table::from_iter([("filters".to_owned(), table)]))
}

/// `[websocketmq]` with what the flags say, templates in it taken literally.
fn broker_table(flags: &BrokerFlags) -> Value {
    let defaults = Settings::default();
    let settings = flags.over(defaults.clone()).unwrap_or_default();
    let table = |settings: &Settings| match Value::try_from(settings) {
        Ok(Value::Table(table)) => table,
        _ => toml::Table::new(),
    };
    let (mut told, defaults) = (table(&settings), table(&defaults));
    told.retain(|key, value| defaults.get(key) != Some(value));
    let mut told = Value::Table(told);
    literal(&mut told);
    told
}

fn literal(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace("${", "$${"),
        Value::Array(items) => items.iter_mut().for_each(literal),
        Value::Table(table) => table.iter_mut().for_each(|(_, item)| literal(item)),
        _ => {}
    }
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
