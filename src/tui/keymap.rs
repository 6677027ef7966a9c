//! From keys to actions.

use std::collections::HashMap;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::{ACTIONS, Action, Context};

/// A key with its modifiers, normalised: upper-case letters carry no shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// The chord of a key event.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = event.code;
        match code {
            KeyCode::Char(c) => {
                if modifiers.contains(KeyModifiers::CONTROL) {
                    code = KeyCode::Char(c.to_ascii_lowercase());
                }
                modifiers -= KeyModifiers::SHIFT;
            }
            KeyCode::BackTab => modifiers |= KeyModifiers::SHIFT,
            _ => {}
        }
        Self { code, modifiers }
    }

    /// Reads `q`, `G`, `ctrl-c`, `shift-tab`, `alt-backspace`, `f1`, `space`; `None` if it is no
    /// key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((name, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty())
        {
            modifiers |= match name {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = after;
        }
        let code = match rest {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            "tab" => KeyCode::Tab,
            "space" => KeyCode::Char(' '),
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pageup" => KeyCode::PageUp,
            "pagedown" => KeyCode::PageDown,
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "f1" => KeyCode::F(1),
            _ => {
                let mut chars = rest.chars();
                let c = chars.next().filter(|_| chars.next().is_none())?;
                KeyCode::Char(c)
            }
        };
        Some(Self { code, modifiers })
    }

    /// The character this chord types, if it types one.
    #[must_use]
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// The event a terminal would send; for tests and drivers.
    #[must_use]
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("tab"),
            KeyCode::Delete => f.write_str("delete"),
            KeyCode::PageUp => f.write_str("pageup"),
            KeyCode::PageDown => f.write_str("pagedown"),
            code => f.write_str(&code.to_string().to_lowercase()),
        }
    }
}

/// Keys to actions, by context.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: HashMap<(Context, Chord), Action, foldhash::fast::RandomState>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = ACTIONS
            .iter()
            .flat_map(|row| {
                let chords = row.keys.iter().filter_map(|key| Chord::parse(key));
                chords.map(|chord| ((row.context, chord), row.action))
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// What `chord` means in the first of `contexts` that knows it.
    #[must_use]
    pub fn lookup(&self, contexts: &[Context], chord: Chord) -> Option<Action> {
        contexts
            .iter()
            .find_map(|context| self.bindings.get(&(*context, chord)).copied())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_key_of_the_table_is_one_and_shows_as_written() {
        for row in ACTIONS {
            for key in row.keys {
                let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"));
                assert_eq!(chord.to_string(), *key);
                assert_eq!(Chord::of(chord.event()), chord, "{key}");
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_context() {
        let mut seen = HashSet::new();
        for row in ACTIONS {
            for key in row.keys {
                assert!(
                    seen.insert((row.context, *key)),
                    "{key} in {:?}",
                    row.context
                );
            }
        }
    }

    #[test]
    fn every_action_has_its_own_row_and_name() {
        let mut names = HashSet::new();
        for (index, row) in ACTIONS.iter().enumerate() {
            assert_eq!(row.action as usize, index);
            assert_eq!(row.action.row().name, row.name);
            assert!(names.insert(row.name), "{} twice", row.name);
        }
    }

    #[test]
    fn shifted_letters_come_without_shift_and_control_letters_in_lower_case() {
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Some(Chord::of(shifted)), Chord::parse("G"));
        let control = KeyEvent::new(KeyCode::Char('C'), KeyModifiers::CONTROL);
        assert_eq!(Some(Chord::of(control)), Chord::parse("ctrl-c"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "hyper-x", "f99", "ctrl-"] {
            assert_eq!(Chord::parse(text), None, "{text}");
        }
    }
}
