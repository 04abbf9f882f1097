//! `app:*`: the description of the application, and its texts.

use std::sync::Arc;

use actix_web::HttpResponse;
use serde::Serialize;

use super::parts::Parts;
use crate::config::Dialect;
use crate::domain::plugin;
use crate::edge::error::page_texts;
use crate::edge::{ApiError, Call, envelope};
use crate::locale::Locale;
use crate::store::Settings;

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
pub async fn get_info(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    let dialect = match call.app.config.database.dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
        Dialect::Mysql => "mysql",
        Dialect::Mariadb => "mariadb",
    };
    let settings = call.app.store.settings().await?;
    let answer = parts.answers.get_info.of(&settings, |settings| {
        envelope::rendered(Info {
            database: DatabaseInfo { dialect },
            version: plugin::NOCOBASE_VERSION,
            lang: first(&languages(settings)),
            name: "main",
            theme: "default",
        })
    });
    answer.response()
}

/// `app:getLang`: the texts of the enabled plugins, in the language of the request if it is
/// enabled, else in the first enabled one.
pub async fn get_lang(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    let languages = languages(&settings);
    let asked = call
        .query
        .get("locale")
        .filter(|asked| languages.iter().any(|l| l == asked));
    let language = asked.map_or_else(|| first(&languages), str::to_owned);
    let plugins = settings.plugins.iter();
    let names = plugins.filter_map(|row| Some((row.name.clone()?, row.package_name.clone()?)));
    let names: Vec<_> = names.collect();
    let only = call.query.get("ns");
    let plugin_texts = page_texts(Locale::of(&language), &call.app.providers);
    let texts = parts.web.texts(&language, &plugin_texts, &names, only);
    Ok(envelope::data(texts))
}

/// `app:clearCache`: drops all rows that are kept in memory.
pub async fn clear_cache(call: Call) -> Result<HttpResponse, ApiError> {
    call.app.store.forget();
    Ok(envelope::empty())
}

fn languages(settings: &Settings) -> Vec<String> {
    let system = settings.system.as_ref();
    let codes = system.and_then(|system| system.enabled_languages.as_ref()?.as_array());
    let codes = codes.into_iter().flatten();
    codes
        .filter_map(|code| Some(code.as_str()?.to_owned()))
        .collect()
}

fn first(languages: &[String]) -> String {
    languages.first().map_or("en-US", String::as_str).to_owned()
}
