//! The list of clients.

use crate::protocol::websocketmq::{Client, Picture};
use crate::tui::figures;
use crate::tui::state::State;
use crate::tui::state::broker::{Panel, clients};

use super::super::row;
use super::table::{Cell, Column, Row};
use super::{About, List};

const COLUMNS: [Column; 6] = [
    Column::left("", 1, 0),
    Column::left("name", 22, 0),
    Column::left("type", 9, 44),
    Column::left("since", 15, 60),
    Column::left("id", 43, 40),
    Column::left("url", 0, 96),
];
const NARROW: [Column; 5] = [
    Column::left("", 1, 0),
    Column::left("name", 20, 0),
    Column::left("type", 8, 44),
    Column::left("since", 15, 60),
    Column::left("id", 0, 40),
];

/// The rows, below what is to know of the list.
pub(super) fn list(state: &State, picture: &Picture, width: u16) -> List {
    let mut rows = Vec::new();
    if width >= 40
        && let Some(known) = &picture.clients
    {
        let age = known.at.map_or("never answered".to_owned(), |at| {
            format!("asked {} ago", figures::left(state.now.since(at)))
        });
        let every = match known.every {
            Some(every) => format!("again every {}", figures::left(every)),
            None => "not watched; W watches".to_owned(),
        };
        let moved = if known.arrived + known.left > 0 {
            format!("; {} came, {} left", known.arrived, known.left)
        } else {
            String::new()
        };
        rows.push(Row::Title(format!("{age}, {every}{moved}")));
    }
    for client in clients(picture) {
        let mut cells = cells(state, client);
        if width < 96 {
            cells.pop();
        }
        rows.push(Row::Cells(cells));
    }
    List {
        columns: if width < 96 { &NARROW } else { &COLUMNS },
        rows,
        nothing: "no list yet: r asks the broker (system:list_clients, generation 2.2 and newer), \
                  W asks again and again. There are no messages on who comes and goes.",
    }
}

fn name(client: &Client) -> &str {
    if client.name.is_empty() {
        "(no name)"
    } else {
        &client.name
    }
}

fn since(state: &State, client: &Client) -> String {
    let clock = |at| row::time(at, &state.zone, 8);
    match (client.gone, client.since) {
        (Some(gone), _) => format!("left {}", clock(gone)),
        (None, Some(since)) if client.from_start => format!("before {}", clock(since)),
        (None, Some(since)) => format!("came {}", clock(since)),
        (None, None) => String::new(),
    }
}

fn cells(state: &State, client: &Client) -> Vec<Cell> {
    let theme = &state.theme;
    let (sign, style) = match (client.own, client.gone) {
        (_, Some(_)) => ("○", theme.dim),
        (true, None) => ("◆", theme.key),
        (false, None) => ("●", theme.good),
    };
    let text = if client.gone.is_some() {
        theme.dim
    } else {
        theme.text
    };
    let shown = if client.own {
        format!("{} (us)", name(client))
    } else {
        name(client).to_owned()
    };
    vec![
        Cell::new(sign, style),
        Cell::new(shown, if client.own { theme.key } else { text }),
        Cell::new(&*client.kind, text),
        Cell::new(since(state, client), theme.dim),
        Cell::new(&*client.id, text),
        Cell::new(&*client.url, theme.dim),
    ]
}

/// What is to say of the selected client, and of the list.
pub(super) fn about(state: &State, panel: &Panel, picture: &Picture) -> Vec<About> {
    let theme = &state.theme;
    let mut lines = Vec::new();
    if let Some(known) = &picture.clients {
        if known.missing_self {
            let text = "⚠ We are not on the list although we are connected: another connection \
                        came under our id and one of the two has ended, which removed the entry \
                        of both. Publishes and replies still come; calls through the broker do \
                        not, until we reconnect (r).";
            lines.push(About::Text(text.to_owned(), theme.warn));
        }
        if let Some(error) = &known.error {
            lines.push(About::Text(format!("⚠ asking failed: {error}"), theme.warn));
        }
        if known.forgotten > 0 {
            let text = format!("{} clients are not listed", figures::count(known.forgotten));
            lines.push(About::Text(text, theme.dim));
        }
    }
    let Some(client) = panel.client(picture) else {
        return lines;
    };
    let title = if client.own {
        format!("{}: this connection", name(client))
    } else {
        name(client).to_owned()
    };
    lines.push(About::Text(title, theme.title));
    lines.push(About::Fact("id", client.id.clone(), theme.text));
    let kind = match client.kind.as_str() {
        "" | "unknown" => "unknown: it has not registered".to_owned(),
        kind => kind.to_owned(),
    };
    lines.push(About::Fact("type", kind, theme.text));
    if !client.url.is_empty() {
        lines.push(About::Fact("url", client.url.clone(), theme.text));
    }
    let lasted = |since| figures::age(state.now.since(since));
    let stay = match (client.since, client.gone) {
        (_, Some(gone)) => format!("missing for {}", lasted(gone)),
        (Some(since), None) if client.from_start => {
            format!("at least {}; it was there when first asked", lasted(since))
        }
        (Some(since), None) => lasted(since),
        (None, None) => String::new(),
    };
    if !stay.is_empty() {
        lines.push(About::Fact("there", stay, theme.text));
    }
    lines
}
