//! The application and the action in a path.

use actix_web::http::Method;
use percent_encoding::percent_decode_str;

use super::Unclear;
use crate::edge::address::Address;

/// What a path addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Not the API, but a page or a file.
    Elsewhere,
    /// The API.
    Api {
        /// The application, if the path names one: `/api/__app/<name>/…`.
        application: Option<String>,
        /// The action, if the rest is the address of one.
        address: Option<Address>,
    },
}

impl Path {
    /// Parses a path as it will be sent. `below` returns the part after the API's path.
    ///
    /// NocoBase uses the path as it is, except for a few spellings that its URL parser normalises;
    /// a proxy in front of it may normalise all of them. The results of both are compared.
    pub fn read<F>(
        method: &Method,
        sent: &str,
        below: F,
        concerns_us: impl Fn(&Address) -> bool,
    ) -> Result<Self, Unclear>
    where
        F: for<'a> Fn(&'a str) -> Option<&'a str>,
    {
        let direct = Self::direct(method, below(sent));
        if is_plain(sent) {
            return Ok(direct);
        }
        let straightened = straightened(sent);
        let straightened = Self::direct(method, below(&straightened));
        if direct == straightened
            || ![&direct, &straightened]
                .into_iter()
                .any(|path| path.is(&concerns_us))
        {
            return Ok(direct);
        }
        Err(Unclear)
    }

    fn direct(method: &Method, below: Option<&str>) -> Self {
        let Some(below) = below else {
            return Self::Elsewhere;
        };
        let (application, below) = match below.strip_prefix("__app/") {
            Some(rest) => {
                let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
                (Some(name).filter(|name| !name.is_empty()), rest)
            }
            None => (None, below),
        };
        Self::Api {
            application: application.map(str::to_owned),
            address: Address::parse(method, below).ok(),
        }
    }

    fn is(&self, concerns_us: impl Fn(&Address) -> bool) -> bool {
        match self {
            Self::Elsewhere => false,
            Self::Api { address, .. } => address.as_ref().is_some_and(concerns_us),
        }
    }
}

/// NocoBase's collections whose rows the gateway checks or changes.
pub const COLLECTIONS: [&str; 4] = [
    "authenticators",
    "userDataSyncSources",
    "notificationChannels",
    "notificationSendLogs",
];

/// Whether an action is this product's, or one of NocoBase's to which the gateway adds something.
/// `is_answered_here` knows the resources that belong completely to this product.
pub fn concerns_us(address: &Address, is_answered_here: impl Fn(&str) -> bool) -> bool {
    let (owner, _) = address
        .resource
        .split_once('.')
        .unwrap_or((&address.resource, ""));
    matches!(owner, "auth" | "pm" | "userData")
        || COLLECTIONS.contains(&owner)
        || is_answered_here(owner)
        || asks_about_collections(owner)
        || (owner == "app" && address.action == "getLang")
}

/// Whether a resource of NocoBase answers questions about any collection, which the body names:
/// charts, SQL of pages and of collections, and the values of variables.
pub fn asks_about_collections(resource: &str) -> bool {
    matches!(
        resource,
        "charts" | "flowSql" | "sqlCollection" | "variables"
    )
}

/// Whether everybody parses this path in the same way.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~:@/.,+=!$&'()*;".contains(&byte);
    path.bytes().all(plain)
        && !path.contains("//")
        && !path.split('/').any(|part| matches!(part, "." | ".."))
}

/// The path after every normalisation that anybody may apply: it is percent-decoded, backslashes
/// become slashes, and empty segments, dot segments and anything that looks like a host name are
/// removed.
fn straightened(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let slashes = decoded.replace('\\', "/");
    let after_host = slashes
        .strip_prefix("//")
        .filter(|rest| {
            rest.split('/')
                .next()
                .is_some_and(|host| host.contains('@'))
        })
        .map_or(slashes.as_str(), |rest| {
            rest.find('/')
                .and_then(|at| rest.get(at..))
                .unwrap_or_default()
        });
    let mut kept: Vec<&str> = Vec::new();
    for part in after_host.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Result<Path, Unclear> {
        let is_answered_here = |resource: &str| resource.starts_with("dingtalk");
        let concerns = |address: &Address| concerns_us(address, is_answered_here);
        Path::read(
            &Method::GET,
            path,
            |path| path.strip_prefix("/api/"),
            concerns,
        )
    }

    /// Application, resource and action, separated by spaces; `-` for no application.
    fn told(path: &str) -> String {
        match read(path) {
            Err(Unclear) => "unclear".to_owned(),
            Ok(Path::Elsewhere) => "elsewhere".to_owned(),
            Ok(Path::Api {
                application,
                address,
            }) => {
                let application = application.as_deref().unwrap_or("-");
                address.map_or_else(
                    || format!("{application} nothing"),
                    |address| format!("{application} {} {}", address.resource, address.action),
                )
            }
        }
    }

    #[test]
    fn a_path_names_an_application_and_an_action() {
        for (path, expected) in [
            ("/api/authenticators:list", "- authenticators list"),
            ("/api/authenticators", "- authenticators list"),
            ("/api/authenticators:list/", "- authenticators list"),
            (
                "/api/__app/main/authenticators:list",
                "main authenticators list",
            ),
            ("/api/__app/a/authenticators", "a authenticators list"),
            ("/api/__app/main", "main nothing"),
            ("/api/__app//authenticators:list", "unclear"),
            ("/api/%61uthenticators:list", "- authenticators list"),
            ("/api/authenticators%3Alist", "- authenticators list"),
            ("/api/users:get/a%2Fb", "- users get"),
            ("/admin/settings", "elsewhere"),
            ("/API/authenticators:list", "elsewhere"),
            ("/", "elsewhere"),
        ] {
            assert_eq!(told(path), expected, "{path}");
        }
    }

    #[test]
    fn what_concerns_us_in_one_reading_only_is_unclear() {
        for path in [
            "/api/authenticators%2F1",
            "/api//authenticators:list",
            "//api/authenticators:list",
            "/api/./authenticators:list",
            "/api/x/../authenticators:list",
            "/api/x/%2e%2e/authenticators:list",
            "/x/../api/authenticators:list",
            "/x%2f..%2fapi/authenticators:list",
            "/api\\authenticators:list",
            "/api\\__app\\main\\authenticators:list",
            "//a@b/api/authenticators:list",
            "//a@b/api/__app/main/authenticators:list",
            "/api/%5F_app/main/authenticators:list",
            "/%61pi/authenticators:list",
        ] {
            assert_eq!(told(path), "unclear", "{path}");
        }
        // Others parse these paths differently, which does not matter, because they do not concern
        // this product.
        for path in [
            "/api/attachments:get/a%2Fb",
            "/admin/x//y",
            "/files/a/../b",
            "/api/users:list%20",
        ] {
            assert_ne!(told(path), "unclear", "{path}");
        }
    }

    #[test]
    fn of_the_texts_and_questions_of_nocobase_some_concern_us() {
        for (address, expected) in [
            ("app:getLang", true),
            ("app:getInfo", false),
            ("posts:getLang", false),
            ("charts:query", true),
            ("variables/1:resolve", true),
            ("flowSql:run", true),
            ("sqlCollection:execute", true),
            ("dingtalk:redirect", true),
            ("authenticators/1/users:list", true),
            ("users/1/authenticators:list", false),
        ] {
            let read = Address::parse(&Method::GET, address).unwrap();
            let concerns = concerns_us(&read, |name| name == "dingtalk");
            assert_eq!(concerns, expected, "{address}");
        }
    }
}
