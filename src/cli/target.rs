//! TARGET and flags ─► [`session::Plan`](Plan).

use std::sync::Arc;
use std::time::Duration;

use super::connect_flags::ConnectFlags;
use super::{Globals, exit};
use crate::profile::Profile;
use crate::protocol::{self, System};
use crate::schema::Schema;
use crate::session::Plan;
use crate::transport::{Dial, TlsOptions};

/// All demo targets, in the order of the tabs.
pub const DEMOS: [&str; 4] = ["demo:raccoon", "demo:stellar", "demo:mq", "demo:echo"];

/// How long a reply may take where neither system nor profile says otherwise.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// A target ready to be connected to. Keep it until the session has ended: the built-in server of
/// a `demo:` target lives in it.
#[derive(Debug)]
pub struct Target {
    /// What to start the session with.
    pub plan: Plan,
    /// What the user should know before: for stderr or the notices.
    pub warnings: Vec<String>,
}

/// Makes a profile's name, a URL or `demo:SYSTEM`, and the flags, into a session's plan.
pub async fn resolve(
    target: &str,
    flags: &ConnectFlags,
    _globals: &Globals,
) -> anyhow::Result<Target> {
    if !target.starts_with("ws://") && !target.starts_with("wss://") {
        return Err(exit::usage(format!("{target}: not a URL")));
    }
    let profile: Profile = toml::from_str(&format!("url = {target:?}"))?;
    Ok(Target {
        plan: plan(target, &profile, flags, Schema::default()),
        warnings: Vec::new(),
    })
}

fn plan(name: &str, profile: &Profile, flags: &ConnectFlags, schema: Schema) -> Plan {
    Plan {
        name: name.to_owned(),
        dial: Dial {
            url: profile.url.clone(),
            shown_url: profile.url.clone(),
            headers: flags.headers.clone(),
            subprotocols: flags.subprotocols.clone(),
            tls: TlsOptions {
                insecure: flags.insecure,
                ..TlsOptions::default()
            },
            connect_timeout: profile.limits.connect_timeout,
            message_limit: profile.limits.message,
        },
        system: flags
            .told_system()
            .or(profile.system.as_deref().and_then(System::from_name)),
        settings: protocol::Settings {
            instance: *uuid::Uuid::new_v4().as_bytes(),
            raccoon: profile.raccoon.clone(),
            savetowebsocket: profile.savetowebsocket.clone(),
            websocketmq: profile.websocketmq.clone(),
            generic: protocol::generic::Settings::default(),
        },
        schema: Arc::new(schema),
        reconnect: profile.reconnect.clone(),
        ping_every: profile.heartbeat.ping_every,
        reply_timeout: REPLY_TIMEOUT,
    }
}
