//! The documents of `send`: read once, prepared anew for every repetition.

use std::collections::VecDeque;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;

use crate::cli::exit;
use crate::compose::{self, ComposeError, Prepared};
use crate::protocol::System;
use crate::session::Plan;
use crate::transport::clock;

/// Largest text of documents read.
const TEXT_MAX: u64 = 64 << 20;

/// Most warnings about documents.
const WARNINGS_MAX: usize = 10;

/// The text as given, and what to call it in messages.
pub(super) struct Source {
    text: String,
    name: String,
}

/// Reads the file, or standard input without one or for `-`.
pub(super) async fn read(file: Option<PathBuf>) -> anyhow::Result<Source> {
    let path = file.filter(|path| path.as_os_str() != "-");
    let name = path.as_ref().map_or_else(
        || "standard input".to_owned(),
        |path| path.display().to_string(),
    );
    if path.is_none() && std::io::stdin().is_terminal() {
        // With stderr gone there is nobody to tell.
        let _ = writeln!(
            std::io::stderr().lock(),
            "wspect: reading documents from the terminal; end them with Ctrl-D"
        );
    }
    let reading = tokio::task::spawn_blocking(move || match path {
        Some(path) => bounded(std::fs::File::open(path)?),
        None => bounded(std::io::stdin().lock()),
    });
    let text = reading
        .await
        .context("reading the documents did not finish")?;
    let text = text.map_err(|error| exit::usage(format!("reading {name}: {error}")))?;
    if text.len() as u64 > TEXT_MAX {
        return Err(exit::usage(format!("{name} is larger than 64 MiB")));
    }
    Ok(Source { text, name })
}

fn bounded(reader: impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    reader.take(TEXT_MAX + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Makes the documents, one repetition after the other.
pub(super) struct Documents {
    source: Source,
    plan: Plan,
    context: compose::Context<'static>,
    left: u64,
    /// What is left of this repetition.
    ready: VecDeque<Prepared>,
    /// What was found odd about the documents, told once.
    told: Vec<String>,
}

impl Documents {
    /// `repeat` repetitions of what `source` holds, by the settings and the schema of `plan`.
    pub(super) fn new(source: Source, plan: Plan, repeat: u64) -> Self {
        Self {
            source,
            plan,
            context: compose::Context::new(clock::now().wall_us, rand::random())
                .with_env(&|name| std::env::var(name).ok()),
            left: repeat,
            ready: VecDeque::new(),
            told: Vec::new(),
        }
    }

    /// Prepares the next repetition for `system`, if this one is used up and one is left.
    pub(super) fn refill(&mut self, system: System) -> anyhow::Result<()> {
        if self.ready.is_empty() && self.left > 0 {
            let made = self.make(system);
            self.ready = made.map_err(|error| {
                let name = &self.source.name;
                exit::usage(format!("{name}: {error}. Nothing of it was sent"))
            })?;
            self.left -= 1;
            self.warn();
        }
        Ok(())
    }

    /// Tells what is odd about the documents; the same only once, and not without end.
    fn warn(&mut self) {
        for warning in self.ready.iter().flat_map(|one| &one.warnings) {
            if self.told.len() < WARNINGS_MAX && !self.told.contains(warning) {
                exit::warn(warning);
                self.told.push(warning.clone());
            }
        }
    }

    /// True if that was told of the documents before they went out.
    pub(super) fn has_told(&self, remark: &str) -> bool {
        self.told.iter().any(|told| told == remark)
    }

    fn make(&mut self, system: System) -> Result<VecDeque<Prepared>, ComposeError> {
        self.context.now_us = clock::now().wall_us;
        let (settings, schema) = (&self.plan.settings, &self.plan.schema);
        let context = &mut self.context;
        Ok(compose::parse(&self.source.text, system, settings, schema, context)?.into())
    }

    /// Documents in `repeat` repetitions, once one is prepared.
    pub(super) fn total(&self, repeat: u64) -> Option<u64> {
        let each = self.ready.len() as u64;
        (each > 0).then(|| each.saturating_mul(repeat))
    }

    /// Makes no more of them.
    pub(super) fn stop(&mut self) {
        self.ready.clear();
        self.left = 0;
    }

    /// The next document that is ready.
    pub(super) fn next(&mut self) -> Option<Prepared> {
        self.ready.pop_front()
    }

    /// True if a document is ready.
    pub(super) fn has_next(&self) -> bool {
        !self.ready.is_empty()
    }

    /// True if every repetition was handed out.
    pub(super) fn is_used_up(&self) -> bool {
        self.ready.is_empty() && self.left == 0
    }
}
