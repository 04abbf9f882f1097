//! `demo` — everything on this machine, ready to click: the server, a DingTalk authenticator, and
//! the sandbox in DingTalk's place.

use clap::Args;
use dingtalk_sandbox::{Sandbox, Settings, seed};
use serde_json::{Value, json};
use url::Url;

use super::signal::StopRequest;
use crate::clock::Clock;
use crate::config::{Config, Dialect, DingTalkHosts, Gateway, Install};
use crate::provider::dingtalk::NAMES;
use crate::server::{BoundServer, Server};
use crate::store::{AuthenticatorValues, NewUser, ServerLock, Store, StoreError};

/// Name of the authenticator that the demo creates.
const AUTHENTICATOR: &str = "dingtalk";
/// The account that exists beforehand, so that linking by phone number can be seen.
const LINKED_PERSON: &str = "zhangwei";

/// What the demo can be told.
#[derive(Args, Debug)]
pub struct DemoArguments {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    sandbox: dingtalk_sandbox::Arguments,
    /// Whether members of the sandbox's organisation without an account get one.
    #[arg(
        long,
        env = "DEMO_AUTO_SIGNUP",
        default_value_t = true,
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    demo_auto_signup: bool,
    /// Whether people are signed in without a click inside DingTalk. Its login page then offers
    /// the members of the organisation only.
    #[arg(
        long,
        env = "DEMO_AUTO_SIGN_IN",
        default_value_t = false,
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    demo_auto_sign_in: bool,
}

/// Serves both until told to stop.
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
    let sandbox_url = Url::parse(&format!("http://{}", sandbox.address()))?;
    let sandbox_handle = sandbox.handle();
    let sandbox = actix_web::rt::spawn(sandbox.run());

    let mut config = arguments.config;
    config.dingtalk = DingTalkHosts::all_at(&sandbox_url);
    config.gateway = Gateway::default();
    let _lock = ServerLock::take(&config)?;
    let opened = Server::open(config, Clock::system()).await?;
    prepare(&opened.app.store, options).await?;
    let server = BoundServer::bind(&opened)?;
    announce(&opened, &server, &sandbox_url);
    let ending = opened.clone();
    stop.stops(server.handle(), move || ending.end());
    server.run().await?;
    opened.app.close().await;
    sandbox_handle.stop(true).await;
    Ok(sandbox.await??)
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    /// A database that may be somebody's.
    #[error("the demo keeps its data in SQLite: unset DB_DIALECT")]
    NotSqlite,
    /// Accounts or authenticators that the demo did not make.
    #[error(
        "the storage folder is in use by something else than the demo: set STORAGE_PATH to a folder of its own"
    )]
    NotOurs,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates what a visitor of the demo wants to find, once. In the sandbox anybody is anybody, so
/// nothing that was made for something else is ever led there.
async fn prepare(store: &Store, options: Value) -> Result<(), DemoError> {
    let transaction = store.begin().await?;
    let existing = transaction.authenticator(AUTHENTICATOR).await?;
    let somebodys = match &existing {
        Some(row) => row.options.get("clientId") != options.get("clientId"),
        // What a first start creates is one authenticator and one account.
        None => {
            transaction.authenticator_order().await?.len() > 1
                || transaction.user(2).await?.is_some()
        }
    };
    if somebodys {
        return Err(DemoError::NotOurs);
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

fn announce(opened: &Server, server: &BoundServer, sandbox_url: &Url) {
    let app = &opened.app;
    let address = server.address();
    let root = &app.config.install;
    println!("Open http://{address}/");
    if opened.has_web_client() {
        println!("  the second generation of the web client is at http://{address}/v/");
    } else {
        println!("  NocoBase's pages are not here yet: run `make ui` and start again");
    }
    println!("  «Sign in via DingTalk» leads to the sandbox at {sandbox_url}");
    println!("    Zhang Wei has an account with his phone number and is linked to it");
    println!("    other members of the organisation are signed up; outsiders are refused");
    println!("  how to open it inside DingTalk stands at {sandbox_url}_sandbox/webview");
    println!("  messages to Zhang Wei are shown at {sandbox_url}_sandbox/inbox/zhangwei");
    let password = match root.init_root_password {
        // Not a secret: it stands in NocoBase's documentation.
        None => Install::DOCUMENTED_PASSWORD,
        Some(_) => "of INIT_ROOT_PASSWORD",
    };
    println!(
        "  or sign in as {} with the password {password}",
        root.init_root_username
    );
    println!(
        "Ctrl-C ends it; everything is kept in {}",
        app.config.storage_path.display()
    );
}
