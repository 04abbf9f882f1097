//! How NocoBase 2.2.15 reads a request.
//!
//! The gateway decides what a request is, and NocoBase parses the same request again. If the two
//! differ, a request could be checked as one thing and answered as another. So every part that both
//! use is parsed here as NocoBase does it, from what will be sent and not from what arrived. What
//! NocoBase, or a proxy in front of it, could read in two ways is [`Unclear`], and is refused if it
//! concerns this product.

mod application;
mod parameters;
mod path;
mod target_collection;

pub use application::{Application, HostNames, application};
pub use parameters::Parameters;
pub use path::{Path, asks_about_collections, concerns_us};
pub use target_collection::leads_to_guarded_collection;

/// A request that can be read in more than one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request can be read in more than one way")]
pub struct Unclear;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use actix_web::http::Method;
    use http::{HeaderMap, HeaderName, HeaderValue};
    use serde::Deserialize;

    use super::*;

    /// A request that was sent to a real NocoBase; `tests/browser/peer/reads-alike.mjs` sends it
    /// again.
    #[derive(Deserialize)]
    struct Recorded {
        target: String,
        #[serde(default)]
        headers: HashMap<String, String>,
        ours: String,
    }

    fn told(request: &Recorded, hosts: &HostNames) -> Result<Application, Unclear> {
        let target = request.target.replace("ACTION", "authenticators:list");
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("example.com"));
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        match Path::read(
            &Method::GET,
            path,
            |path| path.strip_prefix("/api/"),
            |address| concerns_us(address, |resource| resource.starts_with("dingtalk")),
        )? {
            Path::Elsewhere => panic!("{path} is the API's"),
            Path::Api {
                application: named, ..
            } => application(&headers, query, named.as_deref(), hosts),
        }
    }

    #[test]
    fn an_application_is_read_as_a_nocobase_reads_it() {
        let table = include_str!("../../../tests/contract/applications.json");
        let table: Vec<Recorded> = serde_json::from_str(table).unwrap();
        assert!(table.len() >= 40);
        let hosts = HostNames {
            applications: [("sub.example.com".to_owned(), "sub".to_owned())].into(),
            are_looked_at: true,
        };
        for request in &table {
            let told = match told(request, &hosts) {
                Ok(Application::Main) => "main",
                Ok(Application::Other) => "other",
                Err(Unclear) => "unclear",
            };
            let (target, headers) = (&request.target, &request.headers);
            assert_eq!(told, request.ours, "{target} {headers:?}");
        }
    }
}
