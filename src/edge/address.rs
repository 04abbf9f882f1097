//! NocoBase's addresses: `/api/<resource>:<action>` in all its forms.

use actix_web::http::Method;
use percent_encoding::percent_decode_str;

/// The resource and the action that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Such as `authenticators`, or `users.roles` for the roles of one user.
    pub resource: String,
    /// Such as `publicList`.
    pub action: String,
    /// The key of the row, which `filterByTk` can also name.
    pub key: Option<String>,
    /// The key of the parent row, as in `/api/users/1/roles`.
    pub parent_key: Option<String>,
}

/// Why a path is not the address of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// No action answers to this method and path.
    NotFound,
    /// A percent sign is not followed by two hexadecimal digits, or the text is not UTF-8.
    Malformed,
}

impl Address {
    /// Parses what follows the API's base path. A path with a colon names its action and ignores
    /// the method; a path without one takes its action from the method, as in REST.
    pub fn parse(method: &Method, path: &str) -> Result<Self, AddressError> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<String> = path.split('/').map(decode).collect::<Result<_, _>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (resource, parent_key, last, key) = match *parts.as_slice() {
            [last] => (None, None, last, None),
            // `/users:get/1`, or `/users/1`.
            [last, key] => (None, None, last, Some(key)),
            [resource, parent, last] => (Some(resource), Some(parent), last, None),
            [resource, parent, last, key] => (Some(resource), Some(parent), last, Some(key)),
            _ => return Err(AddressError::NotFound),
        };
        let mut words = last.split(':');
        let name = words.next().unwrap_or_default();
        let action = match words.next() {
            Some(action) => action,
            None => rest_action(method, key.is_some(), resource.is_some())
                .ok_or(AddressError::NotFound)?,
        };
        let named = |text: &&str| !text.is_empty();
        if name.is_empty() || action.is_empty() || parts.iter().any(|part| part.is_empty()) {
            return Err(AddressError::NotFound);
        }
        Ok(Self {
            resource: resource.map_or_else(|| name.to_owned(), |owner| format!("{owner}.{name}")),
            action: action.to_owned(),
            key: key.filter(named).map(str::to_owned),
            parent_key: parent_key.filter(named).map(str::to_owned),
        })
    }
}

/// The action of a method. Below another row, `POST` creates one whether it names a key or not.
fn rest_action(method: &Method, has_key: bool, is_below: bool) -> Option<&'static str> {
    Some(match (method.as_str(), has_key) {
        ("GET", false) => "list",
        ("GET", true) => "get",
        ("POST", _) if !has_key || is_below => "create",
        ("PUT" | "PATCH", true) => "update",
        ("DELETE", _) => "destroy",
        _ => return None,
    })
}

fn decode(part: &str) -> Result<String, AddressError> {
    let mut rest = part;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.get(..2).ok_or(AddressError::Malformed)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(AddressError::Malformed);
        }
        rest = after;
    }
    let text = percent_decode_str(part)
        .decode_utf8()
        .map_err(|_| AddressError::Malformed)?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resource, action and key, with spaces between; `-` for no key.
    fn parsed(method: &Method, path: &str) -> String {
        let address = Address::parse(method, path).unwrap();
        let key = address.key.as_deref().unwrap_or("-");
        format!("{} {} {key}", address.resource, address.action)
    }

    #[test]
    fn every_form_is_understood() {
        for (method, path, expected) in [
            (Method::GET, "auth:check", "auth check -"),
            (Method::DELETE, "auth:check", "auth check -"),
            (Method::POST, "users:update/2", "users update 2"),
            (Method::GET, "authenticators", "authenticators list -"),
            (Method::GET, "authenticators/", "authenticators list -"),
            (Method::GET, "authenticators/1", "authenticators get 1"),
            (Method::PATCH, "authenticators/1", "authenticators update 1"),
            (
                Method::DELETE,
                "authenticators/1",
                "authenticators destroy 1",
            ),
            (Method::GET, "users/1/roles", "users.roles list -"),
            (Method::GET, "users/1/roles/admin", "users.roles get admin"),
            (Method::POST, "users/5/roles:set", "users.roles set -"),
            (Method::POST, "users/5/roles", "users.roles create -"),
            (Method::POST, "users/5/roles/x", "users.roles create x"),
            (Method::GET, "users:list:x", "users list -"),
            (
                Method::GET,
                "authenticators/a%2Fb",
                "authenticators get a/b",
            ),
        ] {
            assert_eq!(parsed(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn what_nobody_answers_is_not_found() {
        for (method, path) in [
            (Method::POST, "authenticators/1"),
            (Method::PUT, "authenticators"),
            (Method::HEAD, "authenticators"),
            (Method::OPTIONS, "authenticators"),
            (Method::GET, ""),
            (Method::GET, "/"),
            (Method::GET, ":list"),
            (Method::GET, "a//b"),
            (Method::GET, "a/b/c/d/e"),
        ] {
            assert_eq!(
                Address::parse(&method, path),
                Err(AddressError::NotFound),
                "{method} {path}"
            );
        }
        for path in ["%zz", "%", "a%2", "%ff", "auth:check/%é"] {
            assert_eq!(
                Address::parse(&Method::GET, path),
                Err(AddressError::Malformed),
                "{path}"
            );
        }
    }
}
