//! `wspect profile list|show|path|check`.

use std::io::{self, Write};
use std::path::Path;

use unicode_width::UnicodeWidthStr as _;

use super::{Globals, exit};
use crate::profile::{Catalog, Listed, Origin, Outside, ProfileError, Stored, load_file, secret};
use crate::sanitise;
use crate::schema::Schema;

/// What to do with profiles.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All profiles: your own, then the built-in ones.
    List,
    /// A profile with all its defaults, secrets masked.
    Show {
        /// A profile's name, or the path of a profile file.
        #[arg(value_name = "NAME")]
        name: String,
        /// Fill in the templates; commands in it are run.
        #[arg(long)]
        filled: bool,
    },
    /// Where your own profiles are kept, or the file of one profile.
    Path {
        /// A profile's name.
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Check profiles: keys, values, templates, schemas and certificates. Commands are not run.
    Check {
        /// Names, or paths of profile files; all profiles if there are none.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// List the rules for event types too, in the order they are asked.
        #[arg(long)]
        types: bool,
    },
}

/// Runs it; the value is the exit code.
pub fn run(command: Command, globals: &Globals) -> anyhow::Result<u8> {
    let catalog = Catalog::new(globals.config.as_deref());
    match command {
        Command::List => list(&catalog),
        Command::Show { name, filled } => show(&catalog, &name, filled),
        Command::Path { name } => path(&catalog, name.as_deref()),
        Command::Check { names, types } => check(&catalog, names, types),
    }
}

fn list(catalog: &Catalog) -> anyhow::Result<u8> {
    let header = ["NAME", "FROM", "SYSTEM", "URL", "DESCRIPTION"];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(catalog.list()?.iter().map(row));
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    io::stdout().lock().write_all(out.as_bytes())?;
    Ok(exit::OK)
}

fn row(listed: &Listed) -> [String; 5] {
    let from = match &listed.origin {
        Origin::BuiltIn => "built-in",
        Origin::File(_) => "yours",
    };
    let (system, url, description) = match &listed.profile {
        Ok(stored) => (
            stored.profile.system.clone().unwrap_or_else(|| "-".into()),
            secret::mask_url(&stored.profile.url),
            stored.profile.description.clone().unwrap_or_default(),
        ),
        Err(_) => (
            "-".to_owned(),
            "-".to_owned(),
            format!("cannot be used: see `wspect profile check {}`", listed.name),
        ),
    };
    [&listed.name, from, &system, &url, &description].map(|cell| sanitise::line(cell).into_owned())
}

fn show(catalog: &Catalog, name: &str, filled: bool) -> anyhow::Result<u8> {
    let stored = load(catalog, name)?;
    let mut table = if filled {
        stored.fill(&Outside::real())?.shown
    } else {
        stored.shown()
    };
    keep_own_system(&mut table, stored.profile.system.as_deref());
    let mut text = format!("# {}\n\n", stored.label());
    text.push_str(&toml::to_string(&table)?);
    let mut out = io::stdout().lock();
    for line in text.lines() {
        writeln!(out, "{}", sanitise::line(line))?;
    }
    Ok(exit::OK)
}

/// Leaves out the tables of systems the profile is not for: they say nothing.
fn keep_own_system(table: &mut toml::Table, system: Option<&str>) {
    let Some(system) = system else { return };
    for row in &crate::protocol::PROTOCOLS {
        if row.name != system {
            table.remove(row.name);
        }
    }
    if system != "generic" {
        table.remove("correlate");
    }
}

fn path(catalog: &Catalog, name: Option<&str>) -> anyhow::Result<u8> {
    let path = match name {
        None => catalog.own_dir()?,
        Some(name) => match catalog.origin(name) {
            Some(Origin::File(path)) => path,
            Some(Origin::BuiltIn) => {
                let copy = catalog.own_dir()?.join(format!("{name}.toml"));
                return Err(exit::usage(format!(
                    "{name} is built in and has no file; one of your own at {} would outrank it",
                    copy.display()
                )));
            }
            // Loading makes the error that names the nearest profiles.
            None => {
                return Err(catalog.load(name).err().map_or_else(
                    || exit::usage(format!("there is no profile {name:?}")),
                    Into::into,
                ));
            }
        },
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{}", sanitise::line(&path.display().to_string()))?;
    Ok(exit::OK)
}

fn check(catalog: &Catalog, mut names: Vec<String>, types: bool) -> anyhow::Result<u8> {
    if names.is_empty() {
        names = catalog.names()?;
    }
    let mut code = exit::OK;
    for name in names {
        let checked = load(catalog, &name)
            .map_err(anyhow::Error::from)
            .and_then(|stored| {
                let schema = whole(&stored)?;
                Ok((stored, schema))
            });
        match checked {
            Ok((stored, schema)) => {
                for warning in &stored.warnings {
                    exit::warn(warning);
                }
                let mut out = io::stdout().lock();
                writeln!(out, "ok {}", sanitise::line(&name))?;
                for rule in schema.rules().iter().filter(|_| types) {
                    let (pattern, reading) = (rule.written().pattern(), rule.reading().title());
                    let line = format!("{pattern} → {reading} ({})", rule.kind());
                    writeln!(out, "   {}", sanitise::line(&line))?;
                }
            }
            Err(error) => code = code.max(exit::report(&error)),
        }
    }
    Ok(code)
}

/// Checks what loading leaves open: templates, schemas, and that the files named exist.
fn whole(stored: &Stored) -> anyhow::Result<Schema> {
    stored.fill(&Outside::without_commands())?;
    let label = stored.label();
    let schema = Schema::load(&stored.profile.schema, stored.base())
        .map_err(|error| anyhow::Error::from(error).context(format!("{label}, `schema`")))?;
    let tls = &stored.profile.tls;
    let files = [
        ("cacert", &tls.cacert),
        ("cert", &tls.cert),
        ("key", &tls.key),
    ];
    for (key, file) in files {
        let Some(file) = file else { continue };
        let path = stored.base().join(file);
        if let Err(error) = std::fs::File::open(&path) {
            return Err(exit::usage(format!(
                "{label}, `tls.{key}`: cannot read {}: {error}",
                path.display()
            )));
        }
    }
    Ok(schema)
}

/// A profile by name, or by path if it looks like one.
fn load(catalog: &Catalog, name: &str) -> Result<Stored, ProfileError> {
    let path = Path::new(name);
    let is_path = name.contains(['/', '\\']) || path.extension().is_some_and(|ext| ext == "toml");
    if is_path {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        return load_file(stem.unwrap_or(name), path);
    }
    catalog.load(name)
}
