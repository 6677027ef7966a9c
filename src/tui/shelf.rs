//! What is done with saved documents, off the interface's task.

use crate::saved::{Saved, SavedError};

use super::effect::ShelfJob;
use super::input::Shelved;

/// Does `job`; or a sentence on why it is not done. Blocks.
pub(super) fn perform(saved: &Saved, job: ShelfJob) -> Result<Shelved, String> {
    done(saved, job).map_err(|error| error.to_string())
}

fn done(saved: &Saved, job: ShelfJob) -> Result<Shelved, SavedError> {
    let (sentence, renamed) = match job {
        ShelfJob::List => return Ok(Shelved::Listed(saved.list()?)),
        ShelfJob::Load { session, name } => {
            let text = saved.load(&name)?;
            return Ok(Shelved::Loaded {
                session,
                name,
                text,
            });
        }
        ShelfJob::Save {
            session,
            name,
            text,
        } => {
            let path = saved.save(&name, &text, true)?;
            return Ok(Shelved::Saved {
                session,
                name,
                path: path.display().to_string(),
                saved: saved.list()?,
            });
        }
        ShelfJob::Rename { old, new } => {
            saved.rename(&old, &new)?;
            (format!("{old} is called {new} now"), Some((old, new)))
        }
        ShelfJob::Duplicate { old, new } => {
            saved.duplicate(&old, &new)?;
            (format!("{old} is kept as {new} too"), None)
        }
        ShelfJob::Delete { name } => {
            saved.delete(&name)?;
            (format!("{name} is deleted"), None)
        }
    };
    Ok(Shelved::Changed {
        sentence,
        renamed,
        saved: saved.list()?,
    })
}
