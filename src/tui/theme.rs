//! Colours: dark, light, or none at all.

use ratatui::style::{Color, Modifier, Style};

use crate::entry::Badge;
use crate::session::State;

/// Which colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
    /// No colour; bold, dim, underlined and reversed text only. What `NO_COLOR` asks for.
    Plain,
}

/// What each part of the screen looks like.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What matters less.
    pub dim: Style,
    /// Headings, names.
    pub title: Style,
    /// The frame of a pane.
    pub border: Style,
    /// The frame of the pane with the focus.
    pub focus: Style,
    /// The selected row.
    pub cursor: Style,
    /// The selected row of a pane without the focus.
    pub shadow: Style,
    /// Fine.
    pub good: Style,
    /// Worth a look.
    pub warn: Style,
    /// Wrong.
    pub bad: Style,
    /// A key to press.
    pub key: Style,
    /// Text that was searched for, bytes of the selected node.
    pub found: Style,
    /// Arrow of what came in.
    pub incoming: Style,
    /// Arrow of what went out.
    pub outgoing: Style,
    /// Field names of trees.
    pub name: Style,
    /// Text values.
    pub string: Style,
    /// Numbers, truth values, null.
    pub number: Style,
    asks: Style,
    answers: Style,
    greets: Style,
    streams: Style,
}

impl Theme {
    /// The theme of that tone.
    #[must_use]
    pub fn new(tone: Tone) -> Self {
        match tone {
            Tone::Dark => Self::coloured(&DARK),
            Tone::Light => Self::coloured(&LIGHT),
            Tone::Plain => Self::plain(),
        }
    }

    fn coloured(palette: &Palette) -> Self {
        let of = |index| Style::new().fg(Color::Indexed(index));
        let bold = |index| of(index).add_modifier(Modifier::BOLD);
        Self {
            text: Style::new(),
            dim: of(palette.dim),
            title: bold(palette.title),
            border: of(palette.border),
            focus: of(palette.focus),
            cursor: Style::new().bg(Color::Indexed(palette.cursor)),
            shadow: Style::new().bg(Color::Indexed(palette.shadow)),
            good: of(palette.green),
            warn: bold(palette.yellow),
            bad: bold(palette.red),
            key: bold(palette.focus),
            found: Style::new()
                .fg(Color::Indexed(palette.found_text))
                .bg(Color::Indexed(palette.found)),
            incoming: of(palette.green),
            outgoing: of(palette.blue),
            name: of(palette.blue),
            string: of(palette.green),
            number: of(palette.magenta),
            asks: of(palette.blue),
            answers: of(palette.green),
            greets: of(palette.magenta),
            streams: of(palette.cyan),
        }
    }

    fn plain() -> Self {
        let none = Style::new();
        let bold = none.add_modifier(Modifier::BOLD);
        let reversed = none.add_modifier(Modifier::REVERSED);
        Self {
            text: none,
            dim: none.add_modifier(Modifier::DIM),
            title: bold,
            border: none.add_modifier(Modifier::DIM),
            focus: bold,
            cursor: reversed,
            shadow: none.add_modifier(Modifier::UNDERLINED),
            good: none,
            warn: bold,
            bad: bold.add_modifier(Modifier::UNDERLINED),
            key: bold,
            found: reversed,
            incoming: none,
            outgoing: bold,
            name: none,
            string: none,
            number: none,
            asks: none,
            answers: none,
            greets: none,
            streams: none,
        }
    }

    /// What a badge looks like.
    #[must_use]
    pub fn badge(&self, badge: Badge) -> Style {
        match badge {
            Badge::Batch | Badge::Request | Badge::Publish => self.asks,
            Badge::Ack | Badge::Response => self.answers,
            Badge::Welcome
            | Badge::Register
            | Badge::Registered
            | Badge::Subscribe
            | Badge::Subscribed
            | Badge::Unsubscribe
            | Badge::Unsubscribed
            | Badge::Step => self.greets,
            Badge::Event | Badge::Message => self.streams,
            Badge::Ping | Badge::Pong => self.dim,
            Badge::Close | Badge::State => self.title,
            Badge::Refusal | Badge::Error | Badge::Malformed | Badge::Lost => self.bad,
        }
    }

    /// What a session's state looks like.
    #[must_use]
    pub fn state(&self, state: State) -> Style {
        match state {
            State::Live => self.good.add_modifier(Modifier::BOLD),
            State::Open | State::Registering | State::Dialing | State::Waiting => self.warn,
            State::Refused | State::Failed => self.bad,
            State::Idle | State::Closing | State::Closed => self.dim,
        }
    }
}

/// Indexed colours (the 256 every colour terminal has).
struct Palette {
    dim: u8,
    title: u8,
    border: u8,
    focus: u8,
    cursor: u8,
    shadow: u8,
    green: u8,
    yellow: u8,
    red: u8,
    blue: u8,
    magenta: u8,
    cyan: u8,
    found: u8,
    found_text: u8,
}

const DARK: Palette = Palette {
    dim: 245,
    title: 255,
    border: 240,
    focus: 215,
    cursor: 238,
    shadow: 236,
    green: 114,
    yellow: 221,
    red: 203,
    blue: 111,
    magenta: 176,
    cyan: 80,
    found: 221,
    found_text: 16,
};

const LIGHT: Palette = Palette {
    dim: 243,
    title: 232,
    border: 249,
    focus: 130,
    cursor: 253,
    shadow: 255,
    green: 28,
    yellow: 130,
    red: 160,
    blue: 25,
    magenta: 90,
    cyan: 30,
    found: 220,
    found_text: 16,
};
