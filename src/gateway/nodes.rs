//! The nodes of the NocoBase behind us, and which of them answer.
//!
//! With one there is nothing to choose. Of several each request goes to the next one that answers. One that does not is
//! left alone until it answers the question after its health again (`health`). A request
//! whose connection does not come about goes to another node, for nothing of it was sent (`connector`); whatever was
//! sent over a connection is sent once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::config::UpstreamUrl;

/// The nodes, in the order in which the settings name them.
pub struct Nodes {
    nodes: Vec<Node>,
    /// Counts requests, of which each goes to the next node.
    turn: AtomicUsize,
}

/// One node.
pub struct Node {
    url: UpstreamUrl,
    authority: Authority,
    answers: AtomicBool,
}

impl Nodes {
    /// These, of which nothing bad is known. An address that is none is left out, which the settings exclude.
    pub fn of(urls: &[UpstreamUrl]) -> Self {
        let nodes = urls.iter().filter_map(|url| {
            Some(Node {
                url: url.clone(),
                authority: url.authority().parse().ok()?,
                answers: AtomicBool::new(true),
            })
        });
        Self {
            nodes: nodes.collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// The node that is named in this place.
    pub fn get(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are several.
    pub fn are_several(&self) -> bool {
        self.nodes.len() > 1
    }

    /// The node for the next request. While none answers each gets its share, so that clients read what NocoBase says.
    pub fn next(&self) -> Option<&Node> {
        if let [only] = self.nodes.as_slice() {
            return Some(only);
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let from = turn.checked_rem(self.nodes.len())?;
        let in_turn = || self.nodes.iter().cycle().skip(from).take(self.nodes.len());
        in_turn()
            .find(|node| node.answers())
            .or_else(|| in_turn().next())
    }

    /// Notes that no connection to this node came about, and gives the others: those that answer first.
    pub fn instead_of(&self, authority: Option<&Authority>) -> Vec<&Node> {
        let (failed, mut others): (Vec<_>, Vec<_>) = self
            .nodes
            .iter()
            .partition(|node| Some(&node.authority) == authority);
        if self.are_several() {
            for node in failed {
                node.note(false);
            }
        }
        others.sort_by_key(|node| !node.answers());
        others
    }
}

impl Node {
    /// Host and port, as they stand in a Host header.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The address of a path, taken as it is: what is looked at here must be what NocoBase gets. Nothing for what no
    /// request can name.
    pub fn uri(&self, path_and_query: &str) -> Option<Uri> {
        let path: PathAndQuery = path_and_query.parse().ok()?;
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(path);
        uri.build().ok()
    }

    /// Where it is.
    pub fn url(&self) -> &UpstreamUrl {
        &self.url
    }

    /// Whether nothing else is known.
    fn answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Notes whether it answers, and says so when that is new.
    pub fn note(&self, answers: bool) {
        if self.answers.swap(answers, Ordering::Relaxed) == answers {
            return;
        }
        if answers {
            log::info!("NocoBase at {} answers again", self.url);
        } else {
            log::warn!(
                "NocoBase at {} does not answer, or is not ready; requests go to the other nodes until it is",
                self.url
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(urls: &[&str]) -> Nodes {
        let urls: Vec<_> = urls.iter().map(|url| url.parse().unwrap()).collect();
        Nodes::of(&urls)
    }

    #[test]
    fn requests_take_turns_among_those_that_answer() {
        let nodes = nodes(&["http://a:1", "http://b:2", "http://c:3"]);
        let next = || nodes.next().unwrap().authority().to_owned();
        assert_eq!(
            [next(), next(), next(), next()],
            ["a:1", "b:2", "c:3", "a:1"]
        );
        nodes.nodes[1].note(false);
        for _ in 0..6 {
            assert_ne!(next(), "b:2");
        }
        let instead = nodes.instead_of(Some(&"a:1".parse().unwrap()));
        let instead: Vec<_> = instead.into_iter().map(Node::authority).collect();
        assert_eq!(instead, ["c:3", "b:2"], "those that answer come first");
        assert_eq!([next(), next()], ["c:3", "c:3"]);
        nodes.nodes[2].note(false);
        let all: std::collections::BTreeSet<_> = (0..3).map(|_| next()).collect();
        assert_eq!(all.len(), 3, "with none that answers each gets its share");
    }

    #[test]
    fn of_one_node_nothing_bad_is_noted() {
        let nodes = nodes(&["http://a:1"]);
        let instead = nodes.instead_of(Some(&"a:1".parse().unwrap()));
        assert!(instead.is_empty() && nodes.nodes[0].answers());
    }
}
