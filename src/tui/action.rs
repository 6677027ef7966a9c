//! Everything a person can mean, in one table.
//!
//! [`ACTIONS`] feeds the keys, the help screen, the command palette, the README and the tests.
//! An action has one row, one name and the contexts its row is listed under; a binding is written
//! nowhere else.

/// Where a key means something. What has the focus decides which contexts are asked, in order:
/// see [`State::contexts`](super::state::State::contexts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// Anywhere, text fields included.
    Everywhere,
    /// While sessions are on screen and nothing lies over them.
    Sessions,
    /// The events pane.
    Events,
    /// The detail pane.
    Detail,
    /// Anything with a cursor that goes up and down.
    Move,
    /// A panel over the sessions that only shows something.
    Panel,
    /// A field or list that is accepted or left.
    Prompt,
    /// A field of text.
    Edit,
    /// The list of saved documents.
    Shelf,
    /// The composer.
    Compose,
    /// The choice of how an event type is read.
    DecodeAs,
    /// The list of asks without a reply.
    Asks,
    /// The panel of filters.
    Filters,
    /// The panel of both verdicts about an event.
    Why,
    /// The broker panel.
    Broker,
    /// The topics in it.
    BrokerTopics,
    /// The clients in it.
    BrokerClients,
    /// The calls in it.
    BrokerCalls,
    /// A question before something that can hurt others.
    Confirm,
}

impl Context {
    /// All contexts, in the order of the help screen.
    pub const ALL: [Self; 19] = [
        Self::Sessions,
        Self::Events,
        Self::Detail,
        Self::Move,
        Self::Panel,
        Self::Prompt,
        Self::Edit,
        Self::Compose,
        Self::Shelf,
        Self::DecodeAs,
        Self::Asks,
        Self::Filters,
        Self::Why,
        Self::Broker,
        Self::BrokerTopics,
        Self::BrokerClients,
        Self::BrokerCalls,
        Self::Confirm,
        Self::Everywhere,
    ];

    /// Heading on the help screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Sessions => "Sessions",
            Self::Events => "Events",
            Self::Detail => "Detail",
            Self::Move => "Moving",
            Self::Panel => "Panels",
            Self::Prompt => "Prompts and lists",
            Self::Edit => "Text fields",
            Self::Shelf => "Saved documents",
            Self::Compose => "Composer",
            Self::DecodeAs => "Decode as",
            Self::Asks => "Asks without a reply",
            Self::Filters => "Filters",
            Self::Why => "Why",
            Self::Broker => "Broker",
            Self::BrokerTopics => "Broker: topics",
            Self::BrokerClients => "Broker: clients",
            Self::BrokerCalls => "Broker: calls",
            Self::Confirm => "Questions",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it does.
    pub action: Action,
    /// Where its keys mean it.
    pub context: Context,
    /// Its name in the palette.
    pub name: &'static str,
    /// Its keys, as [`Chord::parse`](super::keymap::Chord::parse) reads them.
    pub keys: &'static [&'static str],
    /// What it does, in a few words.
    pub help: &'static str,
}

macro_rules! actions {
    ($($context:ident { $($action:ident $name:literal [$($key:literal),+] $help:literal;)+ })+) => {
        /// What a person meant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[doc = $help] $action,)+)+
        }

        /// All actions, each once.
        pub static ACTIONS: &[Row] = &[
            $($(Row {
                action: Action::$action,
                context: Context::$context,
                name: $name,
                keys: &[$($key),+],
                help: $help,
            },)+)+
        ];
    };
}

actions! {
    Everywhere {
        Interrupt "interrupt" ["ctrl-c"] "End every session and leave";
        Suspend "suspend" ["ctrl-z"] "Back to the shell; `fg` returns";
        Redraw "redraw" ["ctrl-l"] "Draw the whole screen again";
    }
    Sessions {
        Quit "quit" ["q"] "End every session and leave";
        Help "help" ["?", "f1"] "All keys";
        Palette "palette" [":"] "Pick a command by name";
        Notices "notices" ["!"] "Diagnoses and failures";
        Facts "session facts" ["i"] "Handshake, latencies by label, how it ended";
        Unanswered "unanswered" ["u"] "Asks that wait for a reply, and lost ones";
        Probe "probe" ["b"] "Send a batch without events: nothing is published";
        Metrics "server metrics" ["M"] "The server's own metrics beside what was done here";
        Filters "filters" ["F"] "Filters over time, and what they do with the stored events";
        Why "why" ["w"] "Both verdicts about this event, or one that did not come";
        Broker "broker" ["B"] "Topics, clients and calls of the broker";
        Documented "documented filter" ["D"] "Show only what the documented filters let through";
        ShadowSession "shadow session" ["S"] "Compare with a second connection without filters; ends it";
        NextPane "next pane" ["tab"] "Other pane";
        PreviousPane "previous pane" ["shift-tab"] "Other pane, backwards";
        Detail "detail" ["d"] "Show or hide the detail pane";
        Zoom "zoom" ["z"] "Give the whole screen to this pane";
        Narrower "narrower detail" [">"] "Give the events more room";
        Wider "wider detail" ["<"] "Give the detail more room";
        Tab1 "tab 1" ["1"] "Session by number";
        Tab2 "tab 2" ["2"] "Session by number";
        Tab3 "tab 3" ["3"] "Session by number";
        Tab4 "tab 4" ["4"] "Session by number";
        Tab5 "tab 5" ["5"] "Session by number";
        Tab6 "tab 6" ["6"] "Session by number";
        Tab7 "tab 7" ["7"] "Session by number";
        Tab8 "tab 8" ["8"] "Session by number";
        Tab9 "tab 9" ["9"] "Session by number";
        NextTab "next tab" ["ctrl-n"] "Next session";
        PreviousTab "previous tab" ["ctrl-p"] "Previous session";
        NewTab "new tab" ["t"] "One more session";
        CloseTab "close tab" ["ctrl-w"] "End this session and close its tab";
        Reconnect "reconnect" ["r"] "Dial now; cuts a wait short";
        Disconnect "disconnect" ["x"] "Close the connection and stay idle";
        Compose "compose" ["c"] "Write something to send";
        SendAgain "send again" ["R"] "Send this message, or the marked ones, again";
        Resend "edit and resend" ["e"] "Write the like of this frame";
        Filter "filter" ["/"] "Show only what a jq filter takes";
        ClearFilter "clear filter" ["\\"] "Show everything again";
        Search "search" ["s", "ctrl-f"] "Find text in the payloads";
        SearchNext "next match" ["n"] "Next match of the search";
        SearchPrevious "previous match" ["N"] "Previous match of the search";
        Pause "pause" ["space"] "Freeze the list; reading goes on";
        Copy "copy" ["y"] "Copy something of this entry";
        Mark "mark" ["m"] "Mark this entry, or unmark it";
        NextMark "next mark" ["'"] "Next marked entry";
        PreviousMark "previous mark" ["\""] "Previous marked entry";
        Pair "other half" ["p"] "From the ask to its reply and back";
    }
    Events {
        Follow "follow" ["G", "end"] "Newest entry, and stay with it";
        Inspect "inspect" ["enter"] "Look at this entry";
        LeaveEvents "dismiss notice" ["esc"] "Put the newest notice away";
    }
    Detail {
        NextFacet "next reading" ["]"] "Next reading: decoded, raw, hex, frame, pair";
        PreviousFacet "previous reading" ["["] "Previous reading";
        Left "left" ["left", "h"] "Close this branch; one byte back in hex";
        Right "right" ["right", "l"] "Open this branch; one byte on in hex";
        Fold "fold" ["enter"] "Open or close this branch";
        FoldAll "fold all" ["-"] "Close all branches";
        UnfoldAll "unfold all" ["+", "="] "Open all branches";
        FilterField "filter on field" ["f"] "Show only entries with this value here";
        DecodeAs "decode type as" ["a"] "Choose what events of this type are decoded as";
        LeaveDetail "back to events" ["esc"] "Back to the events";
    }
    Move {
        Up "up" ["up", "k"] "One up";
        Down "down" ["down", "j"] "One down";
        PageUp "page up" ["pageup", "ctrl-b"] "One page up";
        PageDown "page down" ["pagedown", "ctrl-d"] "One page down";
        Top "top" ["g", "home"] "First";
        Bottom "bottom" ["G", "end"] "Last";
    }
    Panel {
        ClosePanel "close" ["esc", "q", "?", "!", "i"] "Close the panel";
    }
    Prompt {
        Accept "accept" ["enter"] "Take it";
        Cancel "cancel" ["esc"] "Leave it";
        Earlier "earlier" ["up", "ctrl-p"] "Earlier in the history, or one up";
        Later "later" ["down", "ctrl-n"] "Later in the history, or one down";
    }
    Edit {
        EditLeft "cursor left" ["left", "ctrl-b"] "Cursor left";
        EditRight "cursor right" ["right"] "Cursor right";
        EditStart "cursor to start" ["home", "ctrl-a"] "Cursor to the start";
        EditEnd "cursor to end" ["end", "ctrl-e"] "Cursor to the end";
        EraseLeft "erase left" ["backspace", "ctrl-h"] "Erase before the cursor";
        EraseRight "erase right" ["delete", "ctrl-d"] "Erase at the cursor";
        EraseWord "erase word" ["ctrl-w", "alt-backspace"] "Erase the word before the cursor";
        EraseToStart "erase to start" ["ctrl-u"] "Erase up to the cursor";
        EraseToEnd "erase to end" ["ctrl-k"] "Erase from the cursor on";
    }
    Shelf {
        RenameSaved "rename saved" ["alt-r"] "Call the document something else";
        DuplicateSaved "duplicate saved" ["alt-d"] "Keep the document under a second name";
        DeleteSaved "delete saved" ["ctrl-x"] "Delete the document; asks once more";
    }
    Compose {
        Send "send" ["ctrl-s", "alt-enter"] "Send it";
        SendMany "send many" ["alt-s"] "Send it a number of times, or at a rate";
        CopyCommand "copy command" ["alt-y"] "Copy it as a `wspect send` command";
        SaveDocument "save document" ["alt-w"] "Save the document under a name";
        OpenSaved "saved documents" ["alt-o"] "Open a saved document";
        StopSending "stop sending" ["alt-x"] "Make no more of what is sent many times";
        ToggleLint "toggle lint" ["alt-l"] "Send also what the server would lose, or refuse it again";
        CloseComposer "close composer" ["esc"] "Close it; what was written stays";
        NextField "next field" ["tab"] "Next field";
        PreviousField "previous field" ["shift-tab"] "Field before";
        NextKind "next kind" ["alt-right"] "Next kind of message";
        PreviousKind "previous kind" ["alt-left"] "Kind of message before";
        OlderSent "older sent" ["ctrl-p"] "What was sent before this";
        NewerSent "newer sent" ["ctrl-n"] "What was sent after this, then the draft";
        OpenEditor "open editor" ["ctrl-e"] "Edit the document in $VISUAL or $EDITOR";
        AddEvent "add event" ["alt-a", "+"] "One more event in the batch";
        RemoveEvent "remove event" ["alt-r", "-"] "Take this event out of the batch";
        NextEvent "next event" ["alt-n"] "Next event of the batch";
        PreviousEvent "previous event" ["alt-p"] "Event of the batch before";
        FillIn "fill in" ["alt-f"] "All fields of the event's message anew";
        Complete "complete" ["ctrl-space", "alt-c"] "Put in the next field or value that fits at the cursor";
        FilterPresets "filter presets" ["alt-g"] "Filters or topics to begin with, and what comes of them";
        KeepFilters "keep filters" ["alt-k"] "Save the filters to the profile";
        ComposeUndo "undo" ["alt-u"] "Take back the last change of the text";
        ComposeEnter "new line" ["enter"] "New line; elsewhere the next field";
        ComposeUp "line up" ["up"] "Line up; event types before";
        ComposeDown "line down" ["down"] "Line down; event types after";
        ComposePageUp "lines up" ["pageup"] "Ten lines up";
        ComposePageDown "lines down" ["pagedown"] "Ten lines down";
    }
    DecodeAs {
        SaveReading "save to profile" ["ctrl-s"] "Decode so, and save that to the profile";
    }
    Asks {
        JumpToAsk "go to ask" ["enter"] "Look at this ask";
        EditAsk "edit ask" ["e"] "Write the like of this ask";
        RepeatAsk "send ask again" ["s"] "Send it again as it was";
        RepeatLost "send lost again" ["R"] "Send every lost one again as it was";
        CloseAsks "close asks" ["esc", "q", "u"] "Close the list";
    }
    Filters {
        TakeItem "take" ["enter"] "Count by this set; go to the newest event of a count";
        OnlyClass "only these" ["o"] "Show the events of this count alone";
        OtherEvents "events of" ["v"] "Count another session's events";
        CloseFilters "close filters" ["esc", "q", "F"] "Close the panel";
    }
    Why {
        PreviousSet "previous set" ["left", "h"] "Judge by the set of filters before";
        NextSet "next set" ["right", "l"] "Judge by the next set of filters";
        TypeFilters "type filters" ["f"] "Judge by filters of your own";
        TypeEvent "type event" ["p"] "Judge an event you type or paste";
        EditEvent "edit event" ["ctrl-e"] "Judge an event you write in $VISUAL or $EDITOR";
        OtherFilters "filters of" ["v"] "Judge by another session's filters";
        CloseWhy "close why" ["esc", "q", "w"] "Close the panel";
    }
    Broker {
        NextSection "next list" ["tab", "right", "l"] "Topics, clients, calls: the next of them";
        PreviousSection "previous list" ["shift-tab", "left", "h"] "The list before";
        BrokerEntry "go to message" ["enter"] "Go to its newest message";
        BrokerOnly "only its messages" ["o"] "Show the messages of this topic, client or call alone";
        Diagnostics "diagnostics topics" ["D"] "Subscribe to the four topics that tell what goes on";
        HoldCalls "hold calls" ["H"] "Keep calls nobody handles for you, or refuse them at once";
        WatchClients "watch clients" ["W"] "Ask for the clients again and again, or stop that";
        CloseBroker "close broker" ["esc", "q", "B"] "Close the panel";
    }
    BrokerTopics {
        ToggleSubscription "subscribe or not" ["s"] "Subscribe to this topic, or unsubscribe";
        SubscribeTo "subscribe to" ["n"] "Subscribe to a topic you type";
        PublishHere "publish here" ["p"] "Write a message to be published on this topic";
        RequestHere "request here" ["r"] "Write a request on this topic";
    }
    BrokerClients {
        CallClient "call client" ["c"] "Write a call to this client, through the broker";
        RoundTrip "round trip" ["s"] "Call yourself through the broker and see how long it takes";
        RefreshClients "ask for clients" ["r"] "Ask for the clients now";
        ConnectAs "connect as" ["C"] "Open a session under this client's id; asks first";
    }
    BrokerCalls {
        AnswerCall "answer" ["a"] "Write the answer to this call";
        RefuseCall "refuse" ["x"] "Say that nobody handles it, now";
        IgnoreCall "stay silent" ["i"] "Leave it without an answer, on purpose";
    }
    Confirm {
        Agree "agree" ["y"] "Yes, do it";
        Disagree "disagree" ["n", "esc", "q"] "No, leave it";
    }
}

impl Action {
    /// The table row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        // Variants and rows come from one listing, in one order.
        &ACTIONS[self as usize]
    }

    /// True if the palette offers it: what needs no field or panel to make sense.
    #[must_use]
    pub fn in_palette(self) -> bool {
        !matches!(
            self.row().context,
            Context::Panel
                | Context::Prompt
                | Context::Edit
                | Context::Compose
                | Context::Shelf
                | Context::DecodeAs
                | Context::Asks
                | Context::Filters
                | Context::Why
                | Context::Broker
                | Context::BrokerTopics
                | Context::BrokerClients
                | Context::BrokerCalls
                | Context::Confirm
        ) && self != Self::Palette
    }

    /// Index of the session for `Tab1` to `Tab9`.
    #[must_use]
    pub fn tab(self) -> Option<usize> {
        let first = Self::Tab1 as usize;
        (first..=Self::Tab9 as usize)
            .contains(&(self as usize))
            .then(|| self as usize - first)
    }
}
