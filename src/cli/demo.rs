//! `demo` — everything on this machine, ready to click: the server, a DingTalk authenticator, and
//! the sandbox in DingTalk's place.

use std::sync::Arc;

use clap::Args;
use dingtalk_sandbox::{Sandbox, Settings, seed};
use serde_json::json;
use url::Url;

use super::signal::StopRequest;
use crate::app::{App, BoundServer};
use crate::clock::Clock;
use crate::config::{Config, DingTalkHosts};
use crate::domain::plugin;
use crate::store::{NewUser, Store, StoreError};

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
}

/// Serves both until told to stop.
pub async fn run(arguments: DemoArguments) -> Result<(), Box<dyn std::error::Error>> {
    let stop = StopRequest::listen()?;
    let settings = Settings::from(arguments.sandbox);
    let client = (settings.client_id.clone(), settings.client_secret.clone());
    let sandbox = Sandbox::bind(settings)?;
    let sandbox_url = Url::parse(&format!("http://{}", sandbox.address()))?;
    let sandbox_handle = sandbox.handle();
    let sandbox = actix_web::rt::spawn(sandbox.run());

    let mut config = arguments.config;
    config.dingtalk = DingTalkHosts::all_at(&sandbox_url);
    let app = App::open(config, Clock::system()).await?;
    prepare(&app.store, &client, arguments.demo_auto_signup).await?;
    let server = BoundServer::bind(app.clone())?;
    announce(&app, &server, &sandbox_url);
    stop.stops(server.handle());
    server.run().await?;
    sandbox_handle.stop(true).await;
    Ok(sandbox.await??)
}

/// Creates what a visitor of the demo wants to find, once.
async fn prepare(
    store: &Store,
    (client_id, client_secret): &(String, String),
    auto_signup: bool,
) -> Result<(), StoreError> {
    let options = json!({
        "clientId": client_id,
        "clientSecret": client_secret,
        "public": {"autoSignup": auto_signup},
    });
    let transaction = store.begin().await?;
    if let Some(existing) = transaction.authenticator(AUTHENTICATOR).await? {
        transaction
            .set_authenticator_options(existing.id, options)
            .await?;
        return transaction.commit().await;
    }
    let auth_type = &plugin::manifest().auth_type;
    transaction
        .create_authenticator(AUTHENTICATOR, auth_type, "The sandbox", options)
        .await?;
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
    transaction.commit().await
}

fn announce(app: &Arc<App>, server: &BoundServer, sandbox_url: &Url) {
    let address = server.address();
    let root = &app.config.install;
    println!("Open http://{address}/");
    if app.web.has_pages() {
        println!("  the second generation of the web client is at http://{address}/v/");
    } else {
        println!("  NocoBase's pages are not here yet: run `make ui` and start again");
    }
    println!("  «Sign in via DingTalk» leads to the sandbox at {sandbox_url}");
    println!("    Zhang Wei has an account with his phone number and is linked to it");
    println!("    other members of the organisation are signed up; outsiders are refused");
    println!(
        "  or sign in as {} with the password {}",
        root.init_root_username,
        root.root_password()
    );
    println!(
        "Ctrl-C ends it; everything is kept in {}",
        app.config.storage_path.display()
    );
}
