//! From the sources of a profile to a schema.

use std::fs;
use std::path::{Path, PathBuf};

use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};

use super::{Rule, Schema, SchemaError, Sources, builtin};

pub(super) fn load(sources: &Sources, base: &Path) -> Result<Schema, SchemaError> {
    let mut pool = compile(sources, base)?;
    for set in &sources.descriptor_sets {
        add_set(&mut pool, &base.join(set))?;
    }
    // A user's own copy of a contract counts; ours is added where there is none.
    for file in builtin::contracts().files() {
        let _already_there = pool.add_file_descriptor_proto(file.file_descriptor_proto().clone());
    }
    let mut schema = Schema {
        pool,
        ..Schema::default()
    };
    let told = sources.told.iter().map(|rule| (rule, true));
    let types = sources.types.iter().map(|rule| (rule, false));
    for (rule, told) in told.chain(types) {
        let rule = schema.rule(rule.clone(), told)?;
        schema.rules.push(rule);
    }
    schema.rules.sort_by_key(Rule::rank);
    if let Some(name) = &sources.message {
        schema.whole = Some(schema.message(name, "`message`")?);
    }
    Ok(schema)
}

fn compile(sources: &Sources, base: &Path) -> Result<DescriptorPool, SchemaError> {
    if sources.files.is_empty() {
        return Ok(DescriptorPool::new());
    }
    let files: Vec<_> = sources.files.iter().map(|file| from(base, file)).collect();
    let mut folders: Vec<_> = sources.include.iter().map(|dir| from(base, dir)).collect();
    for file in files.iter().filter(|file| file.exists()) {
        let own = file.parent().map(Path::to_owned).unwrap_or_default();
        if !folders.contains(&own) {
            folders.push(own);
        }
    }
    let mut resolver = ChainFileResolver::new();
    for folder in folders {
        resolver.add(IncludeFileResolver::new(folder));
    }
    resolver.add(builtin::Resolver);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true);
    for path in files {
        // The compiler does not tell "missing" from "not under an include folder".
        let found = match (fs::metadata(&path), builtin::name_of(&path)) {
            (Ok(_), _) => path.as_path(),
            (Err(_), Some(name)) => Path::new(name),
            (Err(source), None) => {
                let kind = "schema";
                return Err(SchemaError::Unreadable { kind, path, source });
            }
        };
        if let Err(error) = compiler.open_file(found) {
            return Err(uncompilable(&path, &error));
        }
    }
    Ok(compiler.descriptor_pool())
}

/// An absolute path, so that files are recognised under include folders however both are given.
fn from(base: &Path, path: &Path) -> PathBuf {
    let joined = base.join(path);
    std::path::absolute(&joined).unwrap_or(joined)
}

/// The `Debug` form of the compiler's error is the one with file, line and column.
fn uncompilable(path: &Path, error: &protox::Error) -> SchemaError {
    let mut what = format!("{error:?}");
    if let Some(import) = missing_import(error) {
        let advice = match folder_of(path, &import) {
            Some(folder) => format!("it is found with `-I {}`", folder.display()),
            None => "name the folder it is in with `-I` or `[schema] include`".to_owned(),
        };
        what = format!("{what}; {advice}");
    }
    SchemaError::Uncompilable {
        path: path.to_owned(),
        what,
    }
}

fn missing_import(error: &protox::Error) -> Option<String> {
    let text = error.to_string();
    let name = text.strip_prefix("import '")?.strip_suffix("' not found")?;
    Some(name.to_owned())
}

/// The nearest folder above `path` from which `import` can be reached.
fn folder_of(path: &Path, import: &str) -> Option<PathBuf> {
    path.ancestors()
        .skip(1)
        .take(ANCESTORS_MAX)
        .find(|folder| folder.join(import).is_file())
        .map(Path::to_owned)
}

const ANCESTORS_MAX: usize = 8;

fn add_set(pool: &mut DescriptorPool, path: &Path) -> Result<(), SchemaError> {
    let bytes = fs::read(path).map_err(|source| SchemaError::Unreadable {
        kind: "descriptor set",
        path: path.to_owned(),
        source,
    })?;
    // Sets made without their imports can still lean on the well-known types.
    let mut with_contracts = pool.clone();
    let mut outcome = pool.decode_file_descriptor_set(bytes.as_slice());
    if outcome.is_err() {
        for file in builtin::contracts().files() {
            let _already_there =
                with_contracts.add_file_descriptor_proto(file.file_descriptor_proto().clone());
        }
        outcome = with_contracts.decode_file_descriptor_set(bytes.as_slice());
        if outcome.is_ok() {
            *pool = with_contracts;
        }
    }
    outcome.map_err(|error| SchemaError::BadSet {
        path: path.to_owned(),
        what: error.to_string(),
    })
}
