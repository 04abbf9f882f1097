//! Delivers events by calling the application's address (DingTalk's page "Receive event push").

use std::time::Duration;

use actix_web::web::Data;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    callback_crypto::{CallbackKeys, CryptoError},
    state::{
        platform::Platform,
        subscription::{Callback, SignatureName},
    },
};

/// The text with which an application must answer every callback.
const SUCCESS: &str = "success";

/// Why a callback counts as failed.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// The address is invalid, or nobody answers there.
    #[error("nobody answers at the callback address: {0}")]
    Call(String),
    /// The status of the answer is not 200. Redirects are not followed.
    #[error("the callback address answered with HTTP {0}")]
    Status(u16),
    /// The answer is not JSON of the required form.
    #[error(
        "HTTP请求结果校验返回字段值失败: the answer lacks one of msg_signature, timeStamp, nonce, encrypt"
    )]
    Shape,
    /// The answer cannot be decrypted, or the keys are invalid.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The answer is not `success`.
    #[error("HTTP请求结果校验返回字段值失败: the answer says something else than success")]
    Text,
}

/// The answer of an application.
#[derive(Deserialize)]
struct Reply {
    msg_signature: String,
    #[serde(rename = "timeStamp")]
    timestamp: String,
    nonce: String,
    encrypt: String,
}

/// Sends one event, and checks whether it was answered correctly.
pub async fn send(platform: &Data<Platform>, number: u64, callback: &Callback) -> bool {
    let Some((text, keys)) = prepared(platform, number, callback) else {
        return false;
    };
    let sent = call(platform, callback, &keys, &text).await;
    if let Err(error) = &sent {
        log::info!("a callback has failed: {error}");
    }
    sent.is_ok()
}

fn prepared(
    platform: &Platform,
    number: u64,
    callback: &Callback,
) -> Option<(String, CallbackKeys)> {
    let state = platform.lock();
    let delivery = state.events.on_its_way(number)?;
    let app = state.apps.get(&delivery.client_id)?;
    let text = delivery.event.callback_text(app.subscription.form);
    let keys = callback.keys(&app.client_id, &app.corp_id).ok()?;
    Some((text, keys))
}

/// Sends the event with which an address is checked before it is saved.
pub async fn check_url(
    platform: &Data<Platform>,
    callback: &Callback,
    client_id: &str,
    corp_id: &str,
) -> Result<(), CallbackError> {
    let keys = callback.keys(client_id, corp_id)?;
    let text = json!({"EventType": "check_url"}).to_string();
    call(platform, callback, &keys, &text).await
}

async fn call(
    platform: &Data<Platform>,
    callback: &Callback,
    keys: &CallbackKeys,
    text: &str,
) -> Result<(), CallbackError> {
    let (timestamp, patience) = {
        let state = platform.lock();
        let now = state.clock.now().saturating_mul(1000).to_string();
        (now, Duration::from_millis(state.events.settings.answer_ms))
    };
    let nonce: String = Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .take(8)
        .collect();
    let encrypted = keys.encrypt(text, *Uuid::new_v4().as_bytes());
    let signature = keys.sign(&timestamp, &nonce, &encrypted);
    let failed = |error: &dyn ToString| CallbackError::Call(error.to_string());
    let mut url = Url::parse(&callback.url).map_err(|error| failed(&error))?;
    {
        let mut query = url.query_pairs_mut();
        if callback.signature != SignatureName::MsgSignature {
            query.append_pair("signature", &signature);
        }
        if callback.signature != SignatureName::Signature {
            query.append_pair("msg_signature", &signature);
        }
        query.append_pair("timestamp", &timestamp);
        query.append_pair("nonce", &nonce);
    }
    let request = platform.http().post(url).timeout(patience);
    let request = request.json(&json!({"encrypt": encrypted}));
    // The address is removed from the error, because it contains the signature.
    let without_url = |error: reqwest::Error| failed(&error.without_url());
    let response = request.send().await.map_err(without_url)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(CallbackError::Status(response.status().as_u16()));
    }
    let text = response.text().await.map_err(without_url)?;
    let reply: Reply = serde_json::from_str(&text).map_err(|_| CallbackError::Shape)?;
    let said = keys.decrypt(
        &reply.msg_signature,
        &reply.timestamp,
        &reply.nonce,
        &reply.encrypt,
    )?;
    if said == SUCCESS {
        Ok(())
    } else {
        Err(CallbackError::Text)
    }
}
