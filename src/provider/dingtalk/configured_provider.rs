//! DingTalk with the options of one authenticator.

use async_trait::async_trait;
use serde_json::{Value, json};
use url::Url;

use super::DingTalk;
use super::directory::DingTalkDirectory;
use super::events::{DingTalkCallbacks, check, connect};
use super::findings::tested;
use super::messages::{Robot, WorkNotifications};
use super::options::DingTalkOptions;
use crate::chain::Chain;
use crate::config::Origin;
use crate::domain::directory::Directory;
use crate::domain::events::{CallbackReader, CallbackSecrets, EventConnection, StreamError};
use crate::domain::identity::Identity;
use crate::domain::identity_provider::{Code, ConfiguredProvider, IdentifyError, Tested};
use crate::domain::message::{Messenger, Way};
use crate::domain::sign_in::Rules;

/// DingTalk with the options of one authenticator.
pub struct ConfiguredDingTalk {
    dingtalk: DingTalk,
    options: DingTalkOptions,
}

impl ConfiguredDingTalk {
    /// DingTalk with these options.
    pub fn new(dingtalk: DingTalk, options: DingTalkOptions) -> Self {
        Self { dingtalk, options }
    }
}

#[async_trait]
impl ConfiguredProvider for ConfiguredDingTalk {
    /// The address of the login page, as the page "Obtain identity credentials" describes it.
    fn authorization_url(&self, redirect_uri: &str, state: &str) -> Url {
        let options = &self.options;
        let mut url = self.dingtalk.client.login_host().clone();
        url.set_path("/oauth2/auth");
        let mut query = url.query_pairs_mut();
        query
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("client_id", &options.client_id)
            .append_pair(
                "scope",
                if options.corp_id().is_some() {
                    "openid corpid"
                } else {
                    "openid"
                },
            )
            .append_pair("state", state)
            // Consent is always asked for: people who gave it before a permission was added would
            // keep lacking that permission.
            .append_pair("prompt", "consent");
        if let Some(corp_id) = options.corp_id() {
            query.append_pair("corpId", corp_id);
        }
        drop(query);
        url
    }

    async fn identify(&self, code: Code<'_>) -> Result<Identity, IdentifyError> {
        let identified = self.dingtalk.identify(&self.options, code).await;
        identified.map_err(|error| IdentifyError::new(error.meaning(), error))
    }

    async fn look_up(&self, user_id: &str) -> Result<Option<Identity>, IdentifyError> {
        let found = self.dingtalk.look_up(&self.options, user_id).await;
        found.map_err(|error| IdentifyError::new(error.meaning(), error))
    }

    fn rules(&self) -> Rules {
        self.options.rules()
    }

    fn redirect_origin(&self) -> Option<&Origin> {
        self.options.callback_origin.as_ref()
    }

    fn in_app(&self) -> Option<Value> {
        self.options.in_app().map(|parameters| json!(parameters))
    }

    fn directory(&self) -> Option<Box<dyn Directory>> {
        let directory = DingTalkDirectory::new(self.dingtalk.clone(), self.options.clone());
        Some(Box::new(directory))
    }

    fn messenger(&self, way: Way) -> Option<Box<dyn Messenger>> {
        let (dingtalk, options) = (self.dingtalk.clone(), self.options.clone());
        Some(match way {
            Way::WorkNotification => Box::new(WorkNotifications::new(dingtalk, options)?),
            Way::Robot => Box::new(Robot::new(dingtalk, options)),
        })
    }

    fn callbacks(&self, secrets: CallbackSecrets<'_>) -> Option<Box<dyn CallbackReader>> {
        let options = &self.options;
        let callbacks = DingTalkCallbacks::new(secrets, &options.client_id, options.corp_id())?;
        Some(Box::new(callbacks))
    }

    fn event_application(&self) -> Option<String> {
        Some(self.options.client_id.clone())
    }

    async fn open_events(&self) -> Result<Box<dyn EventConnection>, StreamError> {
        let connection = connect(&self.dingtalk.client, &self.options).await?;
        Ok(Box::new(connection))
    }

    async fn check_events(&self) -> Result<(), StreamError> {
        Ok(check(&self.dingtalk.client, &self.options).await?)
    }

    async fn test_connection(&self) -> Tested {
        let outcome = self.dingtalk.test_connection(&self.options).await;
        match &outcome {
            Ok(report) => log::info!("test of the connection to DingTalk: {report:?}"),
            Err(error) => log::info!("test of the connection to DingTalk: {}", Chain(error)),
        }
        tested(outcome)
    }
}
