//! `app:*` — what the application is, and its texts.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;

use super::{ApiError, Call, envelope};
use crate::config::Dialect;
use crate::domain::plugin;

#[derive(Serialize)]
struct Info {
    database: DatabaseInfo,
    version: &'static str,
    lang: String,
    name: &'static str,
    theme: &'static str,
}

#[derive(Serialize)]
struct DatabaseInfo {
    dialect: &'static str,
}

/// `app:getInfo`.
pub async fn get_info(call: Call) -> Result<HttpResponse, ApiError> {
    let dialect = match call.app.config.database.dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
        Dialect::Mysql => "mysql",
        Dialect::Mariadb => "mariadb",
    };
    let languages = languages(&call).await?;
    Ok(envelope::data(Info {
        database: DatabaseInfo { dialect },
        version: plugin::NOCOBASE_VERSION,
        lang: first(&languages),
        name: "main",
        theme: "default",
    }))
}

/// `app:getLang`: the texts of the enabled plugins in the language that is asked for, when it is
/// one of those offered, else in the first of them.
pub async fn get_lang(call: Call) -> Result<HttpResponse, ApiError> {
    let languages = languages(&call).await?;
    let asked = call
        .query
        .get("locale")
        .filter(|asked| languages.iter().any(|l| l == asked));
    let language = asked.map_or_else(|| first(&languages), str::to_owned);
    let plugins = call.app.store.enabled_plugins().await?;
    let names = plugins
        .into_iter()
        .filter_map(|row| Some((row.name?, row.package_name?)));
    let names: Vec<_> = names.collect();
    let only = call.query.get("ns");
    Ok(envelope::data(call.app.web.texts(&language, &names, only)))
}

async fn languages(call: &Call) -> Result<Vec<String>, ApiError> {
    let settings = call.app.store.system_settings().await?;
    let list = settings.and_then(|settings| settings.enabled_languages);
    let Some(Value::Array(codes)) = list else {
        return Ok(Vec::new());
    };
    Ok(codes
        .into_iter()
        .filter_map(|code| code.as_str().map(str::to_owned))
        .collect())
}

fn first(languages: &[String]) -> String {
    languages.first().map_or("en-US", String::as_str).to_owned()
}
