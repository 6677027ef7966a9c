//! The documents of `send`: read once, prepared anew for every repetition.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use crate::cli::exit;
use crate::compose::{self, ComposeError, Recipe};
use crate::frame::Stamp;
use crate::protocol::websocketmq::{self, Dialect, Speak};
use crate::protocol::{Command, Settings, System};
use crate::saved::Saved;
use crate::schema::Schema;
use crate::session::Plan;
use crate::transport::clock;

/// Largest text of documents read.
const TEXT_MAX: u64 = 64 << 20;
/// Most warnings told of the documents.
const WARNINGS_MAX: usize = 20;

/// The text as given, and what to call it in messages.
pub(super) struct Source {
    text: String,
    name: String,
}

/// Reads the file, a saved document for `@name`, or standard input without one or for `-`.
pub(super) async fn read(file: Option<PathBuf>, saved: Saved) -> anyhow::Result<Source> {
    if let Some(name) = file
        .as_ref()
        .and_then(|path| path.to_str()?.strip_prefix('@'))
    {
        let name = name.to_owned();
        let shown = format!("@{name}");
        let reading = tokio::task::spawn_blocking(move || saved.load(&name));
        let text = reading
            .await
            .context("reading the documents did not finish")?;
        let text = text.map_err(exit::usage)?;
        return Ok(Source { text, name: shown });
    }
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

/// Makes the documents, one repetition after the other: read once, filled in each time.
pub(super) struct Documents {
    source: Source,
    settings: Arc<Settings>,
    schema: Arc<Schema>,
    context: compose::Context<'static>,
    /// Made once the system is known, and once more when the dialect is.
    recipes: Option<(System, Option<Dialect>, Vec<Recipe>)>,
    /// Dangerous ones may be sent.
    allowed: bool,
    /// Repetitions that are not yet begun.
    left: u64,
    /// The next document of this repetition.
    next: usize,
    /// What was found odd about the documents.
    told: Vec<String>,
}

impl Documents {
    /// `repeat` repetitions of what `source` holds, by the settings and the schema of `plan`.
    pub(super) fn new(source: Source, plan: &Plan, repeat: u64) -> Self {
        Self {
            source,
            settings: Arc::new(plan.settings.clone()),
            schema: Arc::clone(&plan.schema),
            context: compose::Context::new(clock::now().wall_us, rand::random())
                .with_env(&|name| std::env::var(name).ok()),
            recipes: None,
            allowed: false,
            left: repeat,
            next: 0,
            told: Vec::new(),
        }
    }

    /// The same, with those that can hurt others if `yes`.
    #[must_use]
    pub(super) fn allowing(self, yes: bool) -> Self {
        Self {
            allowed: yes,
            ..self
        }
    }

    /// Reads and checks all documents as those of `system`, spoken in that dialect if it is known,
    /// unless that is done.
    pub(super) fn read_as(
        &mut self,
        system: System,
        dialect: Option<Dialect>,
    ) -> anyhow::Result<()> {
        let is_known = |known: &(System, Option<Dialect>, Vec<Recipe>)| {
            known.0 == system && (known.1 == dialect || dialect.is_none())
        };
        if self.recipes.as_ref().is_some_and(is_known) {
            return Ok(());
        }
        if let Some(dialect) = dialect {
            let settings = Arc::make_mut(&mut self.settings);
            settings.websocketmq.generation = Speak::Told(dialect);
        }
        self.context.now_us = clock::now().wall_us;
        let (settings, schema) = (&self.settings, &self.schema);
        let recipes = Recipe::all(&self.source.text, system, settings, schema, &self.context);
        let recipes = recipes.map_err(|error| self.explained(&error))?;
        let warnings = recipes.iter().flat_map(|recipe| &recipe.first().warnings);
        for warning in warnings {
            if self.told.len() < WARNINGS_MAX && !self.told.contains(warning) {
                exit::warn(warning);
                self.told.push(warning.clone());
            }
        }
        for recipe in &recipes {
            self.harmless(system, &recipe.first().command)?;
        }
        self.recipes = Some((system, dialect, recipes));
        Ok(())
    }

    /// True if that was told of the documents before they went out.
    pub(super) fn has_told(&self, remark: &str) -> bool {
        self.told.iter().any(|told| told == remark)
    }

    /// Refuses what can hurt others, unless that was allowed.
    fn harmless(&self, system: System, command: &Command) -> anyhow::Result<()> {
        if self.allowed || system != System::WebSocketMq {
            return Ok(());
        }
        match websocketmq::hazard(command) {
            None => Ok(()),
            Some(why) => Err(exit::usage(format!(
                "{}: {why}. Nothing of it was sent; with --yes it is",
                self.source.name
            ))),
        }
    }

    fn explained(&self, error: &ComposeError) -> anyhow::Error {
        let name = &self.source.name;
        exit::usage(format!("{name}: {error}. Nothing of it was sent"))
    }

    /// Documents in `repeat` repetitions, once they have been read.
    pub(super) fn total(&self, repeat: u64) -> Option<u64> {
        let (.., recipes) = self.recipes.as_ref()?;
        Some((recipes.len() as u64).saturating_mul(repeat))
    }

    /// Makes no more of them.
    pub(super) fn stop(&mut self) {
        self.left = 0;
        self.next = 0;
    }

    /// Makes the next document, with the time it is made at; `None` after the last.
    pub(super) fn make(&mut self, now: Stamp) -> anyhow::Result<Option<Command>> {
        let Some((system, _, recipes)) = &self.recipes else {
            return Ok(None);
        };
        if self.left == 0 {
            return Ok(None);
        }
        let Some(recipe) = recipes.get(self.next) else {
            return Ok(None);
        };
        self.context.now_us = now.wall_us;
        let made = recipe.make(&mut self.context);
        let (system, count) = (*system, recipes.len());
        self.next += 1;
        if self.next == count {
            self.next = 0;
            self.left -= 1;
        }
        let made = made.map_err(|error| self.explained(&error))?;
        // Templates can give another topic each time.
        self.harmless(system, &made)?;
        Ok(Some(made))
    }

    /// True if every repetition was handed out.
    pub(super) fn is_used_up(&self) -> bool {
        self.left == 0
    }
}
