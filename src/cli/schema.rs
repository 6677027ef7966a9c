//! `wspect schema list|describe|decode|encode`.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::schema_flags::{SchemaFlags, SourceFlags};
use super::{Globals, exit};
use crate::body::{Node, Value};
use crate::schema::{Schema, SchemaError, json, wire};
use crate::{hex, sanitise};

/// Arguments of `wspect schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with schemas.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All messages, enums and services; without a schema, the built-in ones.
    List {
        /// List the built-in ones as well.
        #[arg(long)]
        all: bool,
        /// Where schemas come from.
        #[command(flatten)]
        from: SourceFlags,
    },
    /// The definition of a message, enum or service.
    Describe {
        /// Full name, or the end of it if only one ends so.
        #[arg(value_name = "NAME")]
        name: String,
        /// Where schemas come from.
        #[command(flatten)]
        from: SourceFlags,
    },
    /// Decode one protobuf message from stdin to JSON; without --message by its tags alone.
    Decode {
        /// Show a tree with the place of every value instead of JSON.
        #[arg(long)]
        tree: bool,
        /// How the bytes come in.
        #[command(flatten)]
        text: TextForm,
        /// Where schemas come from.
        #[command(flatten)]
        schema: SchemaFlags,
    },
    /// Encode JSON from stdin as one protobuf message.
    Encode {
        /// How the bytes go out.
        #[command(flatten)]
        text: TextForm,
        /// Where schemas come from.
        #[command(flatten)]
        schema: SchemaFlags,
    },
}

/// How bytes are written as text; as they are if neither is given.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct TextForm {
    /// The bytes are hexadecimal text.
    #[arg(long, conflicts_with = "base64")]
    pub hex: bool,
    /// The bytes are base64 text.
    #[arg(long)]
    pub base64: bool,
}

/// Most bytes taken from stdin.
const INPUT_MAX: u64 = 64 << 20;

/// Runs it; the value is the exit code.
pub fn run(args: Args, _globals: &Globals) -> anyhow::Result<u8> {
    match args.command {
        Command::List { all, from } => list(all, &from),
        Command::Describe { name, from } => describe(&name, &from),
        Command::Decode { tree, text, schema } => decode(tree, text, &schema),
        Command::Encode { text, schema } => encode(text, &schema),
    }
}

/// Paths of flags are taken from the working directory.
fn load(from: &SourceFlags) -> Result<Schema, SchemaError> {
    Schema::load(&from.sources(), Path::new(""))
}

fn print(text: &str) -> anyhow::Result<u8> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(exit::OK)
}

fn list(all: bool, from: &SourceFlags) -> anyhow::Result<u8> {
    let schema = load(from)?;
    let built_in = Schema::default();
    let mut out = String::new();
    for listed in schema.list() {
        let is_built_in = built_in.pool().get_file_by_name(&listed.file).is_some();
        if is_built_in && !all && !from.is_empty() {
            continue;
        }
        let (name, file) = (sanitise::line(&listed.name), sanitise::line(&listed.file));
        writeln!(out, "{:<8} {name}  {file}", listed.what.keyword())?;
    }
    print(&out)
}

fn describe(name: &str, from: &SourceFlags) -> anyhow::Result<u8> {
    let schema = load(from)?;
    let Some(text) = schema.describe(name) else {
        let advice = match schema.nearest(name) {
            Some(near) => format!("the nearest is `{near}`"),
            None => "see `wspect schema list --all`, or add its file with --proto".to_owned(),
        };
        return Err(exit::usage(format!(
            "no schema defines `{name}`, or several end so; {advice}"
        )));
    };
    // Comments come from files somebody else wrote.
    let mut safe = String::with_capacity(text.len());
    for line in text.lines() {
        safe.push_str(&sanitise::line(line));
        safe.push('\n');
    }
    print(&safe)
}

fn decode(as_tree: bool, form: TextForm, flags: &SchemaFlags) -> anyhow::Result<u8> {
    let schema = load(&flags.from)?;
    let message = flags
        .message
        .as_deref()
        .map(|name| schema.message(name, "--message"))
        .transpose()?;
    let bytes = form.read(&input()?)?;
    let (root, error) = if let Some(message) = message {
        let decoded = schema.read(&message, &bytes, 0);
        (decoded.root, decoded.error.map(anyhow::Error::from))
    } else {
        let (root, error) = wire::read(&bytes, 0);
        (root, error.map(exit::usage))
    };
    // JSON that stops in the middle would look like all there is; a tree shows how far it got.
    if as_tree {
        let mut out = String::new();
        tree(&root, 0, &mut out);
        print(&out)?;
    } else if error.is_none() {
        print(&format!("{}\n", root.to_json()))?;
    }
    match error {
        None => Ok(exit::OK),
        Some(error) => Err(error.context("cannot decode the bytes from stdin")),
    }
}

fn encode(form: TextForm, flags: &SchemaFlags) -> anyhow::Result<u8> {
    let schema = load(&flags.from)?;
    let Some(name) = &flags.message else {
        return Err(exit::usage(
            "--message is missing: name the message to encode as (`wspect schema list` shows all)",
        ));
    };
    let message = schema.message(name, "--message")?;
    let text = input()?;
    // The own reader's errors are the better ones.
    json::tree(&text, 0).map_err(|error| exit::usage(format!("stdin is {error}")))?;
    let value = serde_json::from_slice(&text).map_err(exit::usage)?;
    let bytes = schema.encode(&message, &value)?;
    form.write(&bytes)
}

fn input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut limited = io::stdin().lock().take(INPUT_MAX + 1);
    limited
        .read_to_end(&mut bytes)
        .context("cannot read stdin")?;
    if bytes.len() as u64 > INPUT_MAX {
        return Err(exit::usage(format!(
            "stdin has more than {INPUT_MAX} bytes"
        )));
    }
    Ok(bytes)
}

impl TextForm {
    fn read(self, input: &[u8]) -> anyhow::Result<Vec<u8>> {
        if !self.hex && !self.base64 {
            return Ok(input.to_vec());
        }
        let text = String::from_utf8_lossy(input);
        if self.hex {
            return hex::decode(&text).map_err(|error| exit::usage(format!("stdin: {error}")));
        }
        let packed: String = text.split_whitespace().collect();
        STANDARD
            .decode(packed)
            .map_err(|error| exit::usage(format!("stdin is not padded standard base64: {error}")))
    }

    fn write(self, bytes: &[u8]) -> anyhow::Result<u8> {
        // Bytes as they are could do anything to a terminal.
        if self.base64 {
            print(&format!("{}\n", STANDARD.encode(bytes)))
        } else if self.hex || io::stdout().is_terminal() {
            print(&format!("{}\n", hex::encode(bytes)))
        } else {
            io::stdout().lock().write_all(bytes)?;
            Ok(exit::OK)
        }
    }
}

/// One line for a value: name, value, remark, offsets; its members below, further in.
fn tree(node: &Node, depth: usize, out: &mut String) {
    let value = match &node.value {
        Value::Object | Value::Array => String::new(),
        Value::Bytes(bytes) => format!("<{}>", hex::encode(bytes)),
        _ => node.to_json(),
    };
    let hint = node.hint.as_deref().unwrap_or_default();
    let hint = match hint {
        "" => String::new(),
        hint => format!("({})", sanitise::line(hint)),
    };
    let span = match &node.span {
        None => String::new(),
        Some(span) => format!("[{}..{}]", span.start, span.end),
    };
    let name = sanitise::line(&node.name).into_owned();
    let mut parts = vec![name, value, hint, span];
    parts.retain(|part| !part.is_empty());
    out.push_str(&"  ".repeat(depth));
    out.push_str(&parts.join(" "));
    out.push('\n');
    for child in &node.children {
        tree(child, depth + 1, out);
    }
}
