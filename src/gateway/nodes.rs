//! The nodes of NocoBase, and which of them answer.
//!
//! With a single node there is nothing to choose. With several, each request goes to the next node
//! that answers. A node that does not answer gets no requests until its health check succeeds again
//! (`health`). When a connection fails, the request goes to another node, because nothing of it was
//! sent yet (`connector`); what was sent over a connection is never repeated.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::config::UpstreamUrl;

/// The nodes, in the order of the settings.
pub struct Nodes {
    nodes: Vec<Node>,
    /// Counts requests, each of which goes to the next node.
    turn: AtomicUsize,
}

/// One node.
pub struct Node {
    url: UpstreamUrl,
    authority: Authority,
    answers: AtomicBool,
}

impl Nodes {
    /// These nodes, all of which count as answering. An invalid address is left out, but the
    /// settings exclude that.
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

    /// The node at this index.
    pub fn get(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The number of nodes.
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are several nodes.
    pub fn are_several(&self) -> bool {
        self.nodes.len() > 1
    }

    /// The node for the next request. If none answers, they take turns all the same, so that
    /// clients see NocoBase's own answer.
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

    /// Notes that a connection to this node failed, and returns the others, those that answer
    /// first.
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
    /// The host and port, as in a Host header.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The address of a path, without any change to the path, because NocoBase must get exactly
    /// what was checked here. None for a path that no request can have.
    pub fn uri(&self, path_and_query: &str) -> Option<Uri> {
        let path: PathAndQuery = path_and_query.parse().ok()?;
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(path);
        uri.build().ok()
    }

    /// The address of the node.
    pub fn url(&self) -> &UpstreamUrl {
        &self.url
    }

    /// Whether the node counts as answering.
    fn answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Notes whether the node answers, and reports a change in the log.
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

    #[test]
    fn each_node_is_found_to_be_asked_how_it_is() {
        let nodes = nodes(&["http://a:1", "http://b:2"]);
        let all = (0..nodes.count()).filter_map(|index| nodes.get(index));
        let all: Vec<_> = all.map(Node::authority).collect();
        assert_eq!(all, ["a:1", "b:2"]);
        assert!(nodes.get(2).is_none());
    }
}
