//! `wspect explain`: would this event come, and why not?
//!
//! ```text
//!  FILE or stdin ──lines──► events ──► Reasoner ──► one explanation per event on stdout
//!                              └► what is no event: told on stderr, and on with the next
//! ```

mod lines;
mod report;

use std::fs::File;
use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::path::PathBuf;

use self::lines::{Item, Lines};
use self::report::{Format, Report};
use super::filter_flags::FilterFlags;
use super::{Globals, exit};
use crate::profile::{Catalog, Outside};
use crate::protocol::savetowebsocket::filter::given::Given;
use crate::protocol::savetowebsocket::{Filters, Reasoner, advice};

/// Most lines that are told to be no event, one by one.
const TOLD_MAX: u64 = 20;

/// Arguments of `wspect explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Events, one JSON object per line or spread over several; lines of `tail` do as well.
    /// Without it, or for `-`, standard input.
    pub file: Option<PathBuf>,
    /// The filters as JSON: those of a register, or the whole message.
    #[arg(long, value_name = "JSON", conflicts_with = "profile")]
    pub filters: Option<String>,
    /// The filters of this profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Filters one by one; they replace those of --filters or --profile.
    #[command(flatten)]
    pub flags: FilterFlags,
    /// How explanations are written.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

const AFTER_HELP: &str = "\
Two verdicts for each event: as the guide documents the filters, and as the server really
behaves, each with the field that decided. Figures and what is to be said of the filters
themselves go to standard error.";

/// Runs it; the value is the exit code.
pub fn run(args: Args, globals: &Globals) -> anyhow::Result<u8> {
    let filters = args.wanted(globals)?;
    for advice in advice(&filters) {
        let sentence = advice.sentence();
        // Some sentences begin with the filter's name anyway.
        if sentence.starts_with(advice.filter) {
            exit::warn(&sentence);
        } else {
            exit::warn(&format!("{}: {sentence}", advice.filter));
        }
    }
    let (input, name) = open(args.file)?;
    let mut run = Run {
        reasoner: Reasoner::new(&filters),
        report: Report::new(args.format),
        bad: 0,
        name,
    };
    run.all(Lines::new(input))?;
    // With stderr gone there is nobody left to tell.
    let _ = io::stderr()
        .lock()
        .write_all(run.report.summary().as_bytes());
    match run.bad {
        0 => Ok(exit::OK),
        1 => Err(exit::usage(format!("1 line of {} is no event", run.name))),
        bad => Err(exit::usage(format!(
            "{bad} lines of {} are no events",
            run.name
        ))),
    }
}

impl Args {
    fn wanted(&self, globals: &Globals) -> anyhow::Result<Filters> {
        let base = match (&self.filters, &self.profile) {
            (Some(text), _) => {
                let given = Given::read(text)
                    .map_err(|why| exit::usage(format!("--filters `{text}`: {why}")))?;
                for unknown in &given.unknown {
                    exit::warn(&format!("--filters: {unknown}"));
                }
                given.filters
            }
            (None, Some(name)) => {
                let stored = Catalog::new(globals.config.as_deref()).load(name)?;
                stored
                    .fill(&Outside::real())?
                    .profile
                    .savetowebsocket
                    .filters
            }
            (None, None) => Filters::default(),
        };
        Ok(self.flags.over(&base))
    }
}

fn open(file: Option<PathBuf>) -> anyhow::Result<(Box<dyn BufRead>, String)> {
    let Some(path) = file.filter(|path| path.as_os_str() != "-") else {
        if io::stdin().is_terminal() {
            // With stderr gone there is nobody to tell.
            let _ = writeln!(
                io::stderr().lock(),
                "wspect: reading events from the terminal; end them with Ctrl-D"
            );
        }
        return Ok((Box::new(io::stdin().lock()), "standard input".to_owned()));
    };
    let name = path.display().to_string();
    let file = File::open(&path).map_err(|error| {
        exit::usage(format!(
            "reading events from {name}: {error}; give a file of JSON lines, or - for standard input"
        ))
    })?;
    Ok((Box::new(io::BufReader::new(file)), name))
}

struct Run {
    reasoner: Reasoner,
    report: Report,
    bad: u64,
    name: String,
}

impl Run {
    fn all(&mut self, mut lines: Lines<Box<dyn BufRead>>) -> anyhow::Result<()> {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        let mut out = String::new();
        while let Some(item) = lines
            .next()
            .map_err(|error| exit::usage(format!("reading {}: {error}", self.name)))?
        {
            match item {
                Item::Event(event) => {
                    let explanation = self.reasoner.explain(&event.bytes);
                    let standing = self.reasoner.judge(&event.bytes).standing();
                    self.report.take(&event, standing, &explanation, &mut out);
                    stdout.write_all(out.as_bytes())?;
                    out.clear();
                }
                Item::Other => self.report.skipped += 1,
                Item::Bad { line, why } => self.tell(line, &why),
            }
        }
        Ok(stdout.flush()?)
    }

    fn tell(&mut self, line: u64, why: &str) {
        self.bad += 1;
        match self.bad {
            n if n <= TOLD_MAX => exit::warn(&format!("{} line {line}: {why}; skipped", self.name)),
            n if n == TOLD_MAX + 1 => exit::warn("further lines are counted only"),
            _ => {}
        }
    }
}
