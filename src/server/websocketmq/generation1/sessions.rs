//! Which page belongs to which connection, as the sample server keeps it.

use std::collections::HashMap;

/// Pages by connection and connections by page. A page that registers again takes its new
/// connection; a connection that registers again gives up its old page.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    clients: HashMap<String, String>,
    pages: HashMap<String, String>,
}

impl Sessions {
    pub(super) fn register(&mut self, page: &str, client: &str) {
        if let Some(old) = self.clients.get(page)
            && old != client
        {
            self.pages.remove(old);
        }
        if let Some(old) = self.pages.get(client)
            && old != page
        {
            self.clients.remove(old);
        }
        self.clients.insert(page.to_owned(), client.to_owned());
        self.pages.insert(client.to_owned(), page.to_owned());
    }

    /// Forgets a connection and the page it belongs to.
    pub(super) fn forget(&mut self, client: &str) {
        if let Some(page) = self.pages.remove(client) {
            self.clients.remove(&page);
        }
    }

    /// The connection of a page.
    pub(super) fn client(&self, page: &str) -> Option<&str> {
        self.clients.get(page).map(String::as_str)
    }

    /// The page of a connection.
    pub(super) fn page(&self, client: &str) -> Option<&str> {
        self.pages.get(client).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_the_newer_connection_and_a_connection_to_the_newer_page() {
        let mut sessions = Sessions::default();
        sessions.register("page-1", "a");
        sessions.register("page-2", "a");
        assert_eq!(sessions.client("page-1"), None);
        assert_eq!(sessions.client("page-2"), Some("a"));
        sessions.register("page-2", "b");
        assert_eq!(sessions.client("page-2"), Some("b"));
        // The older connection leaves: its page is the other one's by now.
        sessions.forget("a");
        assert_eq!(sessions.client("page-2"), Some("b"));
        sessions.forget("b");
        assert_eq!(sessions.client("page-2"), None);
    }
}
