//! Who is connected, under which id, and who listens to what.
//!
//! Values in, values out; `P` is whatever the caller needs to reach a connection. Two quirks of
//! the real broker are kept: several connections may share an id, of which only the newest can
//! be found by it, and when any of them leaves, the id is forgotten although others live on.

use std::collections::HashMap;

/// Names a connection; never used twice.
pub(super) type LinkId = u64;

/// Most topics one connection may subscribe to; further ones are not kept. The real broker has
/// no limit.
pub(super) const TOPICS_MAX: usize = 100_000;

/// What is known of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Chosen by the client in the URL, or made up by the broker.
    pub id: String,
    /// For people.
    pub name: String,
    /// `unknown` until registered.
    pub kind: String,
    /// Where a browser's page came from; often empty.
    pub url: String,
}

impl Client {
    /// What the broker assumes of a client before it registers; `referer` is the header.
    pub(super) fn assumed(id: &str, referer: &str) -> Self {
        let name = if referer.is_empty() {
            let start = &id.as_bytes()[..id.len().min(8)];
            format!("client-{}", String::from_utf8_lossy(start))
        } else {
            format!("browser-{referer}")
        };
        Self {
            id: id.to_owned(),
            name,
            kind: "unknown".to_owned(),
            url: referer.to_owned(),
        }
    }

    /// Takes over what a registration says; empty values change nothing.
    pub(super) fn update(&mut self, name: &str, kind: &str, url: &str) {
        for (place, value) in [
            (&mut self.name, name),
            (&mut self.kind, kind),
            (&mut self.url, url),
        ] {
            if !value.is_empty() {
                value.clone_into(place);
            }
        }
        if self.kind == "browser" && self.url.is_empty() {
            "unknown-browser".clone_into(&mut self.url);
        }
    }
}

#[derive(Debug)]
struct Entry<P> {
    client: Client,
    peer: P,
    topics: Vec<String>,
}

/// All connections of a broker.
#[derive(Debug)]
pub(super) struct Registry<P> {
    links: HashMap<LinkId, Entry<P>>,
    /// The newest connection under each id, in the order the ids came.
    ids: Vec<(String, LinkId)>,
    /// Subscribers of each topic in the order they came.
    topics: HashMap<String, Vec<LinkId>>,
    next: LinkId,
}

impl<P: Clone> Registry<P> {
    pub(super) fn new() -> Self {
        Self {
            links: HashMap::new(),
            ids: Vec::new(),
            topics: HashMap::new(),
            next: 0,
        }
    }

    /// Adds a connection; from now on its client's id leads here.
    pub(super) fn join(&mut self, client: Client, peer: P) -> LinkId {
        let link = self.next;
        self.next += 1;
        self.forget(&client.id);
        self.ids.push((client.id.clone(), link));
        let entry = Entry {
            client,
            peer,
            topics: Vec::new(),
        };
        self.links.insert(link, entry);
        link
    }

    /// Removes a connection, its subscriptions, and its id, whoever else goes by that.
    pub(super) fn leave(&mut self, link: LinkId) {
        let Some(entry) = self.links.remove(&link) else {
            return;
        };
        self.forget(&entry.client.id);
        for topic in entry.topics {
            self.drop_subscriber(&topic, link);
        }
    }

    fn forget(&mut self, id: &str) {
        self.ids.retain(|(known, _)| known != id);
    }

    fn drop_subscriber(&mut self, topic: &str, link: LinkId) {
        if let Some(links) = self.topics.get_mut(topic) {
            links.retain(|known| *known != link);
            if links.is_empty() {
                self.topics.remove(topic);
            }
        }
    }

    /// The client behind a connection.
    pub(super) fn client_mut(&mut self, link: LinkId) -> Option<&mut Client> {
        self.links.get_mut(&link).map(|entry| &mut entry.client)
    }

    /// The connection an id leads to.
    pub(super) fn find(&self, id: &str) -> Option<P> {
        let (_, link) = self.ids.iter().find(|(known, _)| known == id)?;
        Some(self.links.get(link)?.peer.clone())
    }

    /// Everybody who can be found by id.
    pub(super) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.ids
            .iter()
            .filter_map(|(_, link)| Some(&self.links.get(link)?.client))
    }

    /// Starts deliveries of `topic`; asking twice changes nothing. False if it cannot be kept.
    pub(super) fn subscribe(&mut self, link: LinkId, topic: &str) -> bool {
        let Some(entry) = self.links.get_mut(&link) else {
            return false;
        };
        let listening = self
            .topics
            .get(topic)
            .is_some_and(|links| links.contains(&link));
        if listening {
            return true;
        }
        if entry.topics.len() == TOPICS_MAX {
            return false;
        }
        entry.topics.push(topic.to_owned());
        self.topics.entry(topic.to_owned()).or_default().push(link);
        true
    }

    /// Ends deliveries of `topic`.
    pub(super) fn unsubscribe(&mut self, link: LinkId, topic: &str) {
        if let Some(entry) = self.links.get_mut(&link) {
            entry.topics.retain(|known| known != topic);
        }
        self.drop_subscriber(topic, link);
    }

    /// Everybody a publish on exactly that topic goes to.
    pub(super) fn subscribers(&self, topic: &str) -> Vec<P> {
        let links = self
            .topics
            .get(topic)
            .map(Vec::as_slice)
            .unwrap_or_default();
        links
            .iter()
            .filter_map(|link| Some(self.links.get(link)?.peer.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(ids: &[&str]) -> (Registry<&'static str>, Vec<LinkId>) {
        let mut registry = Registry::new();
        let peers = ["first", "second", "third"];
        let links = ids
            .iter()
            .zip(peers)
            .map(|(id, peer)| registry.join(Client::assumed(id, ""), peer))
            .collect();
        (registry, links)
    }

    #[test]
    fn a_client_is_named_after_its_id_or_its_page() {
        let client = Client::assumed("inspector-0001", "");
        assert_eq!(
            (client.name.as_str(), client.kind.as_str()),
            ("client-inspecto", "unknown")
        );
        let page = Client::assumed("inspector-0001", "http://a/");
        assert_eq!(
            (page.name.as_str(), page.url.as_str()),
            ("browser-http://a/", "http://a/")
        );
    }

    #[test]
    fn a_registration_leaves_alone_what_it_does_not_say() {
        let mut client = Client::assumed("inspector-0001", "");
        client.update("", "browser", "");
        assert_eq!(client.name, "client-inspecto");
        assert_eq!(client.url, "unknown-browser");
        client.update("me", "", "http://b/");
        assert_eq!(
            (client.name.as_str(), client.kind.as_str()),
            ("me", "browser")
        );
        assert_eq!(client.url, "http://b/");
    }

    #[test]
    fn the_newest_of_one_id_is_found_until_any_of_them_leaves() {
        let (mut registry, links) = registry(&["same-id-1", "same-id-1"]);
        assert!(registry.subscribe(links[1], "t"));
        assert_eq!(registry.find("same-id-1"), Some("second"));
        assert_eq!(registry.clients().count(), 1);
        registry.leave(links[0]);
        assert_eq!(registry.find("same-id-1"), None);
        assert_eq!(registry.clients().count(), 0);
        assert_eq!(registry.subscribers("t"), ["second"]);
    }

    #[test]
    fn a_topic_reaches_each_subscriber_once() {
        let (mut registry, links) = registry(&["a", "b", "c"]);
        for link in [links[0], links[2], links[0]] {
            assert!(registry.subscribe(link, "t"));
        }
        assert_eq!(registry.subscribers("t"), ["first", "third"]);
        assert!(registry.subscribers("T").is_empty() && registry.subscribers("*").is_empty());
        registry.unsubscribe(links[0], "t");
        registry.unsubscribe(links[1], "never");
        assert_eq!(registry.subscribers("t"), ["third"]);
        registry.leave(links[2]);
        assert!(registry.subscribers("t").is_empty() && registry.topics.is_empty());
    }
}
