//! `dingtalk:checkConnection`: tests the connection of an authenticator with its stored options.

use actix_web::HttpResponse;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::provider_actions::{ConnectionTestResult, count_test, unusable};
use crate::domain::connection_checks::Check;
use crate::domain::identity_provider::ready;
use crate::edge::error::Problem;
use crate::edge::{ApiError, Call, envelope};

/// The request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::api) struct CheckConnection {
    /// Name of the authenticator.
    authenticator: String,
}

/// `dingtalk:checkConnection`: tests the stored options, and keeps the result for the overview.
pub async fn check_connection(call: Call) -> Result<HttpResponse, ApiError> {
    let asked: CheckConnection = call.body.parse()?;
    let app = &call.app;
    let rows = app.store.authenticators().await?;
    let row = rows.iter().find(|row| row.name == asked.authenticator);
    let found = row.and_then(|row| Some((row, app.providers.of_type(&row.auth_type)?)));
    let (row, provider) =
        found.ok_or_else(|| ApiError::invalid("authenticator", Problem::WRONG))?;
    let names = provider.names();
    let findings = match ready(&app.store, &app.vault, &**provider, &row.options).await {
        Ok(configured) => {
            count_test(&call, names)?;
            configured.test_connection().await.findings
        }
        Err(error) => unusable(error, names)?,
    };
    let shown = ConnectionTestResult::of(&findings, call.locale);
    let check = Check {
        at: app.clock.now(),
        findings,
    };
    let all: Vec<_> = rows.iter().map(|row| row.name.clone()).collect();
    app.checks.keep(&row.name, check, &all);
    Ok(envelope::data(shown))
}
