//! The addresses of DingTalk. Only an operator can set them: a visitor who could choose a host
//! would receive the client secret.

use clap::Args;
use url::Url;

/// The three hosts of DingTalk's open platform, and its script for sign-in pages. Their defaults
/// depend on the site, as the attributes say.
#[derive(Args, Clone, Debug)]
pub struct DingTalkHosts {
    /// Which DingTalk to use: dingtalk.com for China, or dingtalk.io for other countries. For any
    /// other, set the three addresses below.
    #[arg(long = "dingtalk-site", env = "DINGTALK_SITE", default_value = CHINA, value_parser = [CHINA, ELSEWHERE], value_name = "SITE")]
    pub dingtalk_site: String,
    /// Host of the login page.
    #[arg(long = "dingtalk-login-url", env = "DINGTALK_LOGIN_URL", default_value = "https://login.dingtalk.com", default_value_if("dingtalk_site", ELSEWHERE, "https://login.dingtalk.io"), value_parser = base_url, value_name = "URL")]
    pub login: Url,
    /// Host of the new interfaces.
    #[arg(long = "dingtalk-api-url", env = "DINGTALK_API_URL", default_value = "https://api.dingtalk.com", default_value_if("dingtalk_site", ELSEWHERE, "https://api.dingtalk.io"), value_parser = base_url, value_name = "URL")]
    pub api: Url,
    /// Host of the old interfaces.
    #[arg(long = "dingtalk-oapi-url", env = "DINGTALK_OAPI_URL", default_value = "https://oapi.dingtalk.com", default_value_if("dingtalk_site", ELSEWHERE, "https://oapi.dingtalk.io"), value_parser = base_url, value_name = "URL")]
    pub oapi: Url,
    /// The script with which a sign-in page shows DingTalk's QR code. dingtalk.io has none that is
    /// known.
    #[arg(long = "dingtalk-login-script-url", env = "DINGTALK_LOGIN_SCRIPT_URL", default_value = SCRIPT, default_value_if("dingtalk_site", ELSEWHERE, None::<&str>), value_parser = script_url, value_name = "URL")]
    pub login_script: Option<Url>,
}

/// The two public sites of DingTalk.
const CHINA: &str = "dingtalk.com";
const ELSEWHERE: &str = "dingtalk.io";
/// The script, from DingTalk's page "Obtain user personal information".
const SCRIPT: &str = "https://g.alicdn.com/dingding/h5-dingtalk-login/0.21.0/ddlogin.js";
/// The path of the sandbox's own script.
const SANDBOX_SCRIPT: &str = "/h5-dingtalk-login/ddlogin.js";

impl DingTalkHosts {
    /// All three hosts at one address, as in the sandbox.
    pub fn all_at(base: &Url) -> Self {
        Self {
            dingtalk_site: CHINA.to_owned(),
            login: base.clone(),
            api: base.clone(),
            oapi: base.clone(),
            login_script: base.join(SANDBOX_SCRIPT).ok(),
        }
    }

    /// Whether all hosts are on this machine.
    pub fn are_local(&self) -> bool {
        [&self.login, &self.api, &self.oapi]
            .into_iter()
            .all(is_loopback)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let url = safe_url(text)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be scheme, host and port only".to_owned());
    }
    Ok(url)
}

fn script_url(text: &str) -> Result<Url, String> {
    let url = safe_url(text)?;
    // The address is used in a content security policy, where these characters have another
    // meaning.
    if url.query().is_some() || url.fragment().is_some() || url.path().contains([';', ',']) {
        return Err("must be scheme, host, port and a plain path".to_owned());
    }
    Ok(url)
}

fn safe_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
    match url.scheme() {
        "https" => {}
        // The client secret is sent to this host, so HTTP without TLS is only allowed for a sandbox
        // on this machine.
        "http" if is_loopback(&url) => {}
        _ => return Err("must start with https:// (http:// only on this machine)".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        hosts: DingTalkHosts,
    }

    #[test]
    fn one_setting_names_the_usual_three_and_each_may_be_another() {
        for (flags, login, api, oapi) in [
            (
                &[][..],
                "login.dingtalk.com",
                "api.dingtalk.com",
                "oapi.dingtalk.com",
            ),
            (
                &["--dingtalk-site=dingtalk.io"],
                "login.dingtalk.io",
                "api.dingtalk.io",
                "oapi.dingtalk.io",
            ),
            (
                &[
                    "--dingtalk-site=dingtalk.io",
                    "--dingtalk-api-url=https://api.corp.example",
                ],
                "login.dingtalk.io",
                "api.corp.example",
                "oapi.dingtalk.io",
            ),
        ] {
            let line = ["test"].iter().chain(flags);
            let CommandLine { hosts } = CommandLine::try_parse_from(line).unwrap();
            for (url, host) in [
                (&hosts.login, login),
                (&hosts.api, api),
                (&hosts.oapi, oapi),
            ] {
                assert_eq!(url.as_str(), format!("https://{host}/"), "{flags:?}");
            }
        }
        for bad in ["dingtalk.example", "", "https://dingtalk.io"] {
            let flag = format!("--dingtalk-site={bad}");
            assert!(
                CommandLine::try_parse_from(["test", &flag]).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_script_of_sign_in_pages_is_one_of_dingtalk_for_china() {
        for (flags, script) in [
            (&[][..], Some(SCRIPT)),
            (&["--dingtalk-site=dingtalk.io"], None),
            (
                &[
                    "--dingtalk-site=dingtalk.io",
                    "--dingtalk-login-script-url=https://cdn.corp.example/ddlogin.js",
                ],
                Some("https://cdn.corp.example/ddlogin.js"),
            ),
        ] {
            let line = ["test"].iter().chain(flags);
            let CommandLine { hosts } = CommandLine::try_parse_from(line).unwrap();
            assert_eq!(hosts.login_script.as_ref().map(Url::as_str), script);
        }
        for bad in [
            "http://cdn.corp.example/a.js",
            "https://cdn.corp.example/a.js;script-src",
            "https://cdn.corp.example/a.js?b",
            "ddlogin.js",
        ] {
            assert!(script_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn plain_http_is_only_for_this_machine() {
        assert!(base_url("https://api.dingtalk.io").is_ok());
        assert!(base_url("http://127.0.0.1:13010").is_ok());
        assert!(base_url("http://localhost:13010/").is_ok());
        for bad in [
            "http://api.dingtalk.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "https://api.dingtalk.com/v1.0",
            "https://user:secret@api.dingtalk.com",
            "api.dingtalk.com",
            "",
        ] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }
}
