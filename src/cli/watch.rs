//! `wspect [TARGET…]` and `wspect demo`: the screen.

use super::connect_flags::ConnectFlags;
use super::demo::Demo;
use super::{Globals, target};

/// Arguments of `wspect demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// How to connect.
    #[command(flatten)]
    pub connect: ConnectFlags,
}

/// Opens the screen on all built-in servers.
pub async fn demo(args: DemoArgs, globals: &Globals) -> anyhow::Result<u8> {
    let targets = Demo::ALL.map(Demo::target).to_vec();
    run(targets, args.connect, globals).await
}

/// Opens the screen on `targets`; without any, on the profile picker. What is no target is refused
/// before the screen opens.
pub async fn run(
    targets: Vec<String>,
    flags: ConnectFlags,
    globals: &Globals,
) -> anyhow::Result<u8> {
    for name in &targets {
        target::recognise(name, globals)?;
    }
    screen::open(targets, flags, globals).await
}

#[cfg(feature = "tui")]
mod screen {
    use std::ffi::OsString;
    use std::sync::Arc;

    use super::{ConnectFlags, Demo, Globals, target};
    use crate::cli::exit;
    use crate::profile::amend::Amendment;
    use crate::profile::{self, Catalog, Listed, secret};
    use crate::protocol::System;
    use crate::settings::{Settings, Theme};
    use crate::tui::composer::Environment;
    use crate::tui::state::Options;
    use crate::tui::state::picker::{Choice, Origin};
    use crate::tui::theme::Tone;
    use crate::tui::{self, Launched, Launcher, Launching, Seat, TuiError};

    pub(super) async fn open(
        targets: Vec<String>,
        flags: ConnectFlags,
        globals: &Globals,
    ) -> anyhow::Result<u8> {
        let dir = profile::config_dir(globals.config.as_deref());
        let env = |name: &str| std::env::var(name).ok();
        let settings = Settings::load(dir.as_deref())?.with_env(&env);
        let options = Options {
            tone: match settings.theme {
                Theme::Dark => Tone::Dark,
                Theme::Light => Tone::Light,
                Theme::Mono => Tone::Plain,
            },
            zone: jiff::tz::TimeZone::system(),
            budget: settings.store_budget,
            choices: choices(globals)?,
            environment: environment(),
            saved: crate::saved::Saved::new(dir.as_deref()),
            flags: flags.arguments(globals.config.as_deref()),
        };
        let launcher = FromCommandLine {
            flags: Arc::new(flags),
            globals: Arc::new(globals.clone()),
            ids: Arc::default(),
        };
        match tui::run(targets, Arc::new(launcher), options).await {
            Ok(tui::Exit::Quit) => Ok(exit::OK),
            Ok(tui::Exit::Signal(_)) => Ok(exit::INTERRUPTED),
            Err(error @ (TuiError::Terminal(_) | TuiError::Worker(_))) => Err(exit::usage(error)),
        }
    }

    /// What templates of documents may ask for; what is not UTF-8 cannot stand in a document.
    fn environment() -> Environment {
        let all = std::env::vars_os();
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        all.filter_map(text).collect()
    }

    /// What the picker offers: the profiles, then the demos.
    fn choices(globals: &Globals) -> anyhow::Result<Vec<Choice>> {
        let profiles = Catalog::new(globals.config.as_deref()).list()?;
        let demos = Demo::ALL.map(|demo| Choice {
            target: demo.target(),
            origin: Origin::Demo,
            system: demo.title().to_owned(),
            url: String::new(),
            description: demo.about().to_owned(),
            problem: None,
        });
        Ok(profiles.into_iter().map(choice).chain(demos).collect())
    }

    fn choice(listed: Listed) -> Choice {
        let mut choice = Choice {
            target: listed.name,
            origin: match listed.origin {
                profile::Origin::BuiltIn => Origin::BuiltIn,
                profile::Origin::File(_) => Origin::User,
            },
            system: String::new(),
            url: String::new(),
            description: String::new(),
            problem: None,
        };
        match listed.profile {
            Ok(stored) => {
                let told = stored.profile.system.as_deref().and_then(System::from_name);
                choice.system = told.map_or_else(String::new, |told| told.row().title.into());
                choice.url = secret::mask_url(&stored.profile.url);
                choice.description = stored.profile.description.unwrap_or_default();
            }
            Err(error) => choice.problem = Some(error.to_string()),
        }
        choice
    }

    /// Starts sessions with the flags of the command line.
    struct FromCommandLine {
        flags: Arc<ConnectFlags>,
        globals: Arc<Globals>,
        ids: Arc<target::Ids>,
    }

    impl Launcher for FromCommandLine {
        fn launch(&self, name: String, seat: Seat) -> Launching {
            let (flags, globals) = (Arc::clone(&self.flags), Arc::clone(&self.globals));
            let ids = Arc::clone(&self.ids);
            Box::pin(async move {
                let target = target::resolve(&name, &flags, &globals)
                    .await
                    .map_err(|error| exit::sentence(&error))?;
                let (secrets, mut warnings) = (target.secrets.clone(), target.warnings.clone());
                let plan = target.plan.clone();
                let handle = target.start(seat.id, seat.feed, seat.cancel);
                warnings.extend(ids.take(&plan, handle.states.clone()));
                Ok(Launched {
                    secrets,
                    warnings,
                    plan: Some(plan),
                    handle,
                })
            })
        }

        fn keep(
            &self,
            target: &str,
            name: Option<&str>,
            amendment: &Amendment,
        ) -> Result<(String, String), String> {
            let catalog = Catalog::new(self.globals.config.as_deref());
            let kept = match name {
                None => catalog.amend(target, amendment),
                Some(name) => {
                    let text = if target.contains("://") {
                        target::profile_text(target, &self.flags)
                    } else {
                        let stored = catalog.load(target);
                        stored.map_err(|error| error.to_string())?.text().to_owned()
                    };
                    catalog.create_amended(name, &text, amendment)
                }
            };
            let path = kept.map_err(|error| error.to_string())?;
            let sentence = format!("{} saved to {}", amendment.told(), path.display());
            Ok((name.unwrap_or(target).to_owned(), sentence))
        }

        fn choices(&self) -> Result<Vec<Choice>, String> {
            choices(&self.globals).map_err(|error| exit::sentence(&error))
        }
    }
}

#[cfg(not(feature = "tui"))]
mod screen {
    use super::{ConnectFlags, Globals};
    use crate::cli::exit;

    #[expect(clippy::unused_async, reason = "the build with a screen awaits it")]
    pub(super) async fn open(
        _targets: Vec<String>,
        _flags: ConnectFlags,
        _globals: &Globals,
    ) -> anyhow::Result<u8> {
        Err(exit::usage(
            "this build has no screen (it was made without the feature `tui`); \
             `wspect tail TARGET` shows the same as lines",
        ))
    }
}
