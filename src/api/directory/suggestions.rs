//! What the form of a source suggests for callbacks: good secrets, and the address that DingTalk has
//! to call. The secrets are new in each answer, and count only when they are saved.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::edge::cross_origin::server_origin;
use crate::edge::{ApiError, Call};

/// The letters of which the secrets are made. DingTalk accepts no others.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The lengths of a token and of a key, in letters. The length of a key is fixed.
const TOKEN: usize = 32;
const KEY: usize = 43;

/// Adds the suggestions to the schema of the form. Each of `callbacks` has the choice of an authenticator for which the
/// form shows its address, the name of the authenticator, and the resource of its provider.
pub fn suggest(
    call: &Call,
    schema: &mut Value,
    callbacks: &[(&str, &str, &str)],
) -> Result<(), ApiError> {
    let Some(events) = schema.pointer_mut("/properties/events/properties") else {
        return Ok(());
    };
    if let Some(token) = events.get_mut("token") {
        token["default"] = json!(secret(TOKEN));
    }
    if let Some(key) = events.get_mut("aesKey") {
        key["default"] = json!(secret(KEY));
        let origin = server_origin(&call.app, &call.request)?;
        let api_path = call.app.config.http.api_path();
        let address = |&(choice, name, resource): &(&str, &str, &str)| {
            let escaped = utf8_percent_encode(name, NON_ALPHANUMERIC);
            let address = format!("{origin}{api_path}{resource}:callback?authenticator={escaped}");
            (choice.to_owned(), json!(address))
        };
        key["x-addresses"] = callbacks.iter().map(address).collect::<Map<_, _>>().into();
    }
    Ok(())
}

/// A random secret of this many letters.
fn secret(length: usize) -> String {
    let letter = |_| {
        let at = rand::random_range(0..LETTERS.len());
        LETTERS.get(at).copied().map_or('0', char::from)
    };
    (0..length).map(letter).collect()
}
