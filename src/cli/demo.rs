//! The command `demo`, which runs everything on this machine: the server, a DingTalk authenticator,
//! and the sandbox in place of DingTalk.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::Args;
use dingtalk_sandbox::{Sandbox, Settings, seed};
use serde_json::{Value, json};
use url::Url;

use super::output::tell;
use super::signal::StopRequest;
use crate::clock::Clock;
use crate::config::{Config, Dialect, DingTalkHosts, Gateway, Install};
use crate::provider::dingtalk::NAMES;
use crate::server::{BoundServer, Server};
use crate::store::{AuthenticatorValues, NewUser, ServerLock, Store, StoreError};

/// The name of the authenticator that the demo creates.
const AUTHENTICATOR: &str = "dingtalk";
/// The account that exists from the beginning, so that linking by phone number can be seen.
const LINKED_PERSON: &str = "zhangwei";

/// The arguments of `demo`.
#[derive(Args, Debug)]
pub struct DemoArguments {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    sandbox: dingtalk_sandbox::Arguments,
    /// Whether members of the sandbox's organization without an account get one.
    #[arg(
        long,
        env = "DEMO_AUTO_SIGNUP",
        default_value_t = true,
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    demo_auto_signup: bool,
    /// Whether people are signed in without a click inside DingTalk. Its login page then offers
    /// the members of the organization only.
    #[arg(
        long,
        env = "DEMO_AUTO_SIGN_IN",
        default_value_t = false,
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    demo_auto_sign_in: bool,
}

/// Serves both until the operator stops it.
pub async fn run(arguments: DemoArguments) -> Result<(), Box<dyn std::error::Error>> {
    if arguments.config.database.dialect != Dialect::Sqlite {
        return Err(DemoError::NotSqlite.into());
    }
    let stop = StopRequest::listen()?;
    let settings = Settings::from(arguments.sandbox);
    let automatic = arguments.demo_auto_sign_in;
    let options = json!({
        "clientId": settings.client_id,
        "clientSecret": settings.client_secret,
        "corpId": automatic.then_some(&settings.corp_id),
        "public": {"autoSignup": arguments.demo_auto_signup, "autoSignIn": automatic},
    });
    let sandbox = Sandbox::bind(settings)?;
    let sandbox_address = sandbox.address();
    let sandbox_url = Url::parse(&format!("http://{}", to_open(sandbox_address)))?;
    let sandbox_handle = sandbox.handle();
    let sandbox = actix_web::rt::spawn(sandbox.run());

    let mut config = arguments.config;
    config.dingtalk = DingTalkHosts::all_at(&sandbox_url);
    config.gateway = Gateway::default();
    let _lock = ServerLock::take(&config)?;
    let opened = Server::open(config, Clock::system()).await?;
    prepare(&opened.app.store, options).await?;
    let server = BoundServer::bind(&opened)?;
    if is_for_others(server.address()) || is_for_others(sandbox_address) {
        eprintln!(
            "warning: other machines can reach this demo, and whoever does can sign in as anybody, root included"
        );
    }
    announce(&opened, &server, &sandbox_url);
    let ending = opened.clone();
    stop.stops(server.handle(), move || ending.end());
    server.run().await?;
    opened.app.close().await;
    sandbox_handle.stop(true).await;
    Ok(sandbox.await??)
}

/// Why the demo does not start.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    /// The database may be in use by others.
    #[error("the demo keeps its data in SQLite: unset DB_DIALECT")]
    NotSqlite,
    /// There are accounts or authenticators that the demo did not create.
    #[error(
        "the storage folder is in use by something else than the demo: set STORAGE_PATH to a folder of its own"
    )]
    NotOfDemo,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates, once, the authenticator and the account that visitors of the demo need. Anybody can
/// sign in as anybody in the sandbox, so an installation that was created for another purpose is
/// never connected to it.
async fn prepare(store: &Store, options: Value) -> Result<(), DemoError> {
    let transaction = store.begin().await?;
    let existing = transaction.authenticator(AUTHENTICATOR).await?;
    let somebodys = match &existing {
        Some(row) => row.options.get("clientId") != options.get("clientId"),
        // A first start has created one authenticator and one account.
        None => {
            transaction.authenticator_order().await?.len() > 1
                || transaction.user(2).await?.is_some()
        }
    };
    if somebodys {
        return Err(DemoError::NotOfDemo);
    }
    let values = AuthenticatorValues {
        name: AUTHENTICATOR.to_owned(),
        auth_type: NAMES.auth_type.to_owned(),
        title: None,
        description: "The sandbox".to_owned(),
        options,
        enabled: true,
        author: None,
    };
    if let Some(existing) = existing {
        transaction
            .update_authenticator(existing.id, values)
            .await?;
        return Ok(transaction.commit().await?);
    }
    transaction.create_authenticator(values).await?;
    transaction.set_languages(&["en-US", "zh-CN"]).await?;
    if let Some(person) = seed::people()
        .into_iter()
        .find(|person| person.id == LINKED_PERSON)
    {
        let user = NewUser {
            nickname: Some("Zhang Wei".to_owned()),
            username: Some(LINKED_PERSON.to_owned()),
            phone: person.mobile,
            ..NewUser::default()
        };
        transaction.create_user(user).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whether other machines can reach an address at which something listens.
fn is_for_others(listening: SocketAddr) -> bool {
    !listening.ip().to_canonical().is_loopback()
}

/// The address that a browser on this machine opens to reach what listens at this one. The address that
/// stands for all of the machine's addresses cannot be opened.
fn to_open(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

fn announce(opened: &Server, server: &BoundServer, sandbox_url: &Url) {
    let app = &opened.app;
    let address = to_open(server.address());
    let root = &app.config.install;
    tell!("Open http://{address}/");
    if opened.has_web_client() {
        tell!("  the second generation of the web client is at http://{address}/v/");
    } else {
        tell!("  NocoBase's pages are not here yet: run `make ui` and start again");
    }
    tell!("  «Sign in via DingTalk» leads to the sandbox at {sandbox_url}");
    tell!("    Zhang Wei has an account with his phone number and is linked to it");
    tell!("    other members of the organization are signed up; outsiders are refused");
    tell!("  how to open it inside DingTalk stands at {sandbox_url}_sandbox/webview");
    tell!("  messages to Zhang Wei are shown at {sandbox_url}_sandbox/inbox/zhangwei");
    let password = match root.init_root_password {
        // This password is not secret: NocoBase's documentation contains it.
        None => Install::DOCUMENTED_PASSWORD,
        Some(_) => "of INIT_ROOT_PASSWORD",
    };
    tell!(
        "  or sign in as {} with the password {password}",
        root.init_root_username
    );
    tell!(
        "Ctrl-C ends it; everything is kept in {}",
        app.config.storage_path.display()
    );
}
