//! The application that a request is for. NocoBase can run several in one process, at one address.

use std::collections::HashMap;

use http::HeaderMap;
use http::header::{HOST, HeaderName};

use super::{Parameters, Unclear};

/// NocoBase's name for its main application.
const MAIN: &str = "main";
/// The parameter that names an application.
const PARAMETER: &str = "__appName";

const NAME: HeaderName = HeaderName::from_static("x-app");
const HOSTNAME: HeaderName = HeaderName::from_static("x-hostname");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// An application of NocoBase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// The main application, whose database the gateway shares.
    Main,
    /// A sub-application, with accounts and authenticators of its own.
    Other,
}

/// Host names of sub-applications, from NocoBase's table `applications`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostNames {
    /// Applications by host name.
    pub applications: HashMap<String, String>,
    /// Whether the NocoBase plugin that uses host names is enabled. After it was disabled, NocoBase
    /// still uses them until its next start.
    pub are_looked_at: bool,
}

/// The application of a request with these headers, as they will be sent.
///
/// NocoBase uses the last one of the header `X-App`, the parameter `__appName` and the path;
/// without any of them its plugin `multi-app-manager` looks up the host name. A request that names
/// two different applications is unclear; no client needs to send one.
pub fn application(
    headers: &HeaderMap,
    query: &str,
    in_path: Option<&str>,
    hosts: &HostNames,
) -> Result<Application, Unclear> {
    let in_header = text(headers, &NAME)?;
    let in_query = in_query(query)?;
    let mut named = [in_header, in_query.as_deref(), in_path]
        .into_iter()
        .flatten();
    if let Some(name) = named.next() {
        if named.any(|other| other != name) || !is_name(name) {
            return Err(Unclear);
        }
        return Ok(if name == MAIN {
            Application::Main
        } else {
            Application::Other
        });
    }
    by_host(headers, hosts)
}

fn by_host(headers: &HeaderMap, hosts: &HostNames) -> Result<Application, Unclear> {
    if hosts.applications.is_empty() {
        return Ok(Application::Main);
    }
    let named = match text(headers, &HOSTNAME)? {
        Some(name) => Some(name),
        None => hostname(headers)?,
    };
    let Some(named) = named else {
        return Ok(Application::Main);
    };
    if hosts
        .applications
        .get(named)
        .is_some_and(|name| name != MAIN)
    {
        return if hosts.are_looked_at {
            Ok(Application::Other)
        } else {
            Err(Unclear)
        };
    }
    // Some databases ignore case and trailing spaces in comparisons.
    let alike = |other: &String| other.trim_end().eq_ignore_ascii_case(named.trim_end());
    if hosts.applications.keys().any(alike) {
        return Err(Unclear);
    }
    Ok(Application::Main)
}

/// The host name that NocoBase takes from `X-Forwarded-Host`, or else from `Host`.
fn hostname(headers: &HeaderMap) -> Result<Option<&str>, Unclear> {
    let host = match text(headers, &FORWARDED_HOST)? {
        Some(host) => Some(host),
        None => text(headers, &HOST)?,
    };
    let Some(host) = host else { return Ok(None) };
    if host.contains('@') {
        return Err(Unclear);
    }
    let first = host.split(',').next().unwrap_or_default().trim();
    let name = first.split(':').next().unwrap_or_default();
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// A header that may appear only once; none if it is empty.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Unclear> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Unclear);
    }
    let value = value.to_str().map_err(|_| Unclear)?.trim();
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The application in the query. Only one spelling of the parameter is accepted, while `qs` knows
/// others.
fn in_query(query: &str) -> Result<Option<String>, Unclear> {
    if !mentions_parameter(query) {
        return Ok(None);
    }
    let parameters = Parameters::read(query)?;
    let mut values = parameters.exactly(PARAMETER);
    let value = values.next().ok_or(Unclear)?;
    let spelled = query.match_indices(PARAMETER).count();
    if values.next().is_some() || spelled != 1 || parameters.mentioning(PARAMETER) != 1 {
        return Err(Unclear);
    }
    Ok(Some(value.to_owned()).filter(|value| !value.is_empty()))
}

fn mentions_parameter(query: &str) -> bool {
    query.contains(PARAMETER)
        || (query.contains('%')
            && percent_encoding::percent_decode_str(query)
                .decode_utf8_lossy()
                .contains(PARAMETER))
}

/// Whether this can be the name of an application: NocoBase's names consist of these characters.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn hosts() -> HostNames {
        let applications = [("sub.example.com", "sub")];
        HostNames {
            applications: applications
                .map(|(host, name)| (host.to_owned(), name.to_owned()))
                .into(),
            are_looked_at: true,
        }
    }

    /// The result as a word: `main`, `other` or `unclear`.
    fn told(
        pairs: &[(&'static str, &'static str)],
        query: &str,
        in_path: Option<&str>,
    ) -> &'static str {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        match application(&headers, query, in_path, &hosts()) {
            Ok(Application::Main) => "main",
            Ok(Application::Other) => "other",
            Err(Unclear) => "unclear",
        }
    }

    #[test]
    fn one_place_names_the_application() {
        for (header, query, path, expected) in [
            ("", "", None, "main"),
            ("main", "", None, "main"),
            ("a", "", None, "other"),
            ("", "__appName=main", None, "main"),
            ("", "x=1&__appName=a", None, "other"),
            ("", "__appName=", None, "main"),
            ("", "__appName", None, "main"),
            ("", "", Some("main"), "main"),
            ("", "", Some("a"), "other"),
            ("a", "__appName=a", Some("a"), "other"),
            ("main", "__appName=main", Some("main"), "main"),
            ("Main", "", None, "other"),
        ] {
            assert_eq!(
                told(&[("x-app", header)], query, path),
                expected,
                "{header} {query} {path:?}"
            );
        }
    }

    #[test]
    fn two_names_are_unclear() {
        for (header, query, path) in [
            ("nope", "__appName=main", None),
            ("main", "__appName=a", None),
            ("a", "", Some("main")),
            ("", "__appName=a", Some("main")),
            ("", "__appName=main", Some("a")),
            ("", "__appName=a&__appName=main", None),
            ("", "__appName[]=main", None),
            ("", "__appName[0]=main", None),
            ("", "__appName%5B%5D=main", None),
            ("", "[__appName]=main", None),
            ("", "%5F_appName=main", None),
            ("", "__appN%61me=main", None),
            ("", "__appName=a]=x", None),
            ("", "a[__appName]=x", None),
            ("", "a=__appName", None),
            ("", "__appName=%6dain,x", None),
            ("", "__appName=main%20", None),
            ("main, main", "", None),
            ("", "", Some("%6dain")),
        ] {
            assert_eq!(
                told(&[("x-app", header)], query, path),
                "unclear",
                "{header} {query} {path:?}"
            );
        }
        assert_eq!(
            told(&[("x-app", "main"), ("x-app", "a")], "", None),
            "unclear"
        );
    }

    #[test]
    fn a_host_name_can_be_that_of_an_application() {
        for (headers, expected) in [
            (&[("host", "sub.example.com")][..], "other"),
            (&[("host", "sub.example.com:8080")], "other"),
            (&[("host", "example.com")], "main"),
            (
                &[("host", "example.com"), ("x-hostname", "sub.example.com")],
                "other",
            ),
            (
                &[("host", "sub.example.com"), ("x-hostname", "example.com")],
                "main",
            ),
            (&[("host", "sub.example.com"), ("x-hostname", "")], "other"),
            (
                &[("host", "a"), ("x-forwarded-host", "sub.example.com")],
                "other",
            ),
            (
                &[("host", "sub.example.com"), ("x-forwarded-host", "a")],
                "main",
            ),
            (
                &[("host", "a"), ("x-forwarded-host", "sub.example.com, b")],
                "other",
            ),
            (&[("host", "sub.example.com"), ("x-app", "main")], "main"),
            (&[("host", "SUB.example.com")], "unclear"),
            (&[("host", "x@sub.example.com")], "unclear"),
            (
                &[("x-hostname", "a"), ("x-hostname", "sub.example.com")],
                "unclear",
            ),
            (&[("host", "[::1]:80")], "main"),
            (&[], "main"),
        ] {
            assert_eq!(told(headers, "", None), expected, "{headers:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("sub.example.com"));
        let switched_off = HostNames {
            are_looked_at: false,
            ..hosts()
        };
        assert_eq!(application(&headers, "", None, &switched_off), Err(Unclear));
    }
}
