//! Calls with the application's token.

use std::sync::Arc;

use super::DingTalk;
use super::error::DingTalkError;
use super::options::DingTalkOptions;
use super::retry::retrying;

impl DingTalk {
    /// Makes a call with the application's token that only reads. It is repeated while DingTalk is
    /// busy.
    pub(super) async fn reading<T, F>(
        &self,
        options: &DingTalkOptions,
        call: impl Fn(Arc<str>) -> F,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>>,
    {
        let call = &call;
        self.with_app_token(options, |token| retrying(move || call(token.clone())))
            .await
    }

    /// Makes a call with the application's token. If the token was stale, it is repeated once with
    /// a new one.
    pub(super) async fn with_app_token<T, F>(
        &self,
        options: &DingTalkOptions,
        call: impl Fn(Arc<str>) -> F,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>>,
    {
        self.limiter.count(&options.client_id);
        self.with_app_token_uncounted(options, call).await
    }

    /// Like [`Self::with_app_token`], for a caller that has already waited for its turn.
    pub(super) async fn with_app_token_uncounted<T, F>(
        &self,
        options: &DingTalkOptions,
        call: impl Fn(Arc<str>) -> F,
    ) -> Result<T, DingTalkError>
    where
        F: Future<Output = Result<T, DingTalkError>>,
    {
        let (id, secret) = (options.client_id.as_str(), options.client_secret());
        let token = self.app_tokens.get(&self.client, id, secret).await?;
        match call(token.clone()).await {
            Err(error) if error.is_stale_token() => {
                self.app_tokens.forget(id, secret, &token).await;
                let token = self.app_tokens.get(&self.client, id, secret).await?;
                call(token).await
            }
            answer => answer,
        }
    }
}
