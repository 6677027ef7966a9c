//! Documents that are sent again and again: read and checked once, filled in each time.
//!
//! ```text
//! text ─► Recipe::all ─► one for each document ─► make ─► Command, make ─► Command, …
//!         checks all                              fills in what changes: id, time, templates
//! ```

use std::sync::Arc;

use super::batch::BatchRecipe;
use super::context::Context;
use super::document::Source;
use super::error::ComposeError;
use super::{Language, Prepared, sources};
use crate::protocol::{Command, Settings, System};
use crate::schema::Schema;

/// A document that has been read and checked, to be made any number of times.
///
/// Made by whoever sends the same document many times, kept for the whole run. What [`make`]
/// gives is what [`parse`] would give for the same text with the same context; a batch whose data
/// holds no templates takes about as long as copying it.
///
/// [`make`]: Self::make
/// [`parse`]: super::parse
#[derive(Clone, Debug)]
pub struct Recipe {
    source: Source<'static>,
    system: System,
    settings: Arc<Settings>,
    schema: Arc<Schema>,
    form: Form,
    /// The document as it was first made.
    first: Prepared,
}

#[derive(Clone, Debug)]
enum Form {
    /// Read anew each time.
    Whole,
    /// Always the same.
    Constant,
    /// A batch of which some parts change.
    Batch(Box<BatchRecipe>),
}

impl Form {
    fn of(
        source: &Source<'_>,
        first: &Prepared,
        language: Language<'_>,
        mut context: Context<'_>,
    ) -> Self {
        let is_batch = language.system == System::Raccoon && first.preview.is_some();
        if !is_batch {
            let pattern = source.pattern();
            let is_constant = pattern.is_ok_and(|pattern| pattern.is_constant());
            return if is_constant {
                Self::Constant
            } else {
                Self::Whole
            };
        }
        context.counter += 1;
        let settings = &language.settings.raccoon;
        let recipe = BatchRecipe::new(source, settings, language.schema, context);
        recipe.map_or(Self::Whole, |recipe| Self::Batch(Box::new(recipe)))
    }
}

impl Recipe {
    /// Reads `text` as documents of `system` and checks all of them as they would be made next;
    /// the context stays as it is.
    pub fn all(
        text: &str,
        system: System,
        settings: &Arc<Settings>,
        schema: &Arc<Schema>,
        context: &Context<'_>,
    ) -> Result<Vec<Self>, ComposeError> {
        let mut context = *context;
        let language = Language {
            system,
            settings,
            schema,
        };
        let sources = sources(text, system)?.into_iter();
        let recipes = sources.map(|source| {
            let before = context;
            let first = language.prepare(&source, &mut context)?;
            Ok(Self {
                form: Form::of(&source, &first, language, before),
                source: source.into_owned(),
                system,
                settings: Arc::clone(settings),
                schema: Arc::clone(schema),
                first,
            })
        });
        recipes.collect()
    }

    fn language(&self) -> Language<'_> {
        Language {
            system: self.system,
            settings: &self.settings,
            schema: &self.schema,
        }
    }

    /// The document as it would be made first; for what is shown of it before it is sent.
    #[must_use]
    pub fn first(&self) -> &Prepared {
        &self.first
    }

    /// The document once more, with what changes filled in. Adds one to the context's counter.
    ///
    /// Fails only if a template gives something now that does not fit.
    pub fn make(&self, context: &mut Context<'_>) -> Result<Command, ComposeError> {
        match &self.form {
            Form::Constant => {
                context.counter += 1;
                Ok(self.first.command.clone())
            }
            Form::Whole => self.whole(context),
            Form::Batch(recipe) => {
                let before = *context;
                context.counter += 1;
                let made = recipe.make(&self.source, &self.schema, context);
                made.map(Command::Batch).or_else(|_| {
                    // For the place in the document that the complaint is about.
                    *context = before;
                    self.whole(context)
                })
            }
        }
    }

    fn whole(&self, context: &mut Context<'_>) -> Result<Command, ComposeError> {
        let prepared = self.language().prepare(&self.source, context)?;
        Ok(prepared.command)
    }
}

#[cfg(test)]
mod tests;
