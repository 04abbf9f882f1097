//! What does not fit between a gateway and the NocoBase behind it.

use nocobase_dingtalk::gateway::UnfitError;
use nocobase_dingtalk::gateway::check::{self, UpstreamFinding};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::upstream::ScriptedUpstream;
use crate::support::{TestGateway, in_dialect};

/// A NocoBase of this version and installation that answers the probe of the secret like this.
pub(super) fn nocobase(
    version: &str,
    dialect: &str,
    installed: &str,
    code: &str,
) -> ScriptedUpstream {
    nocobase_that(version, dialect, installed, code, || ())
}

/// Like `nocobase`, one that does something before each of its answers.
pub(super) fn nocobase_that(
    version: &str,
    dialect: &str,
    installed: &str,
    code: &str,
    does: impl Fn() + Send + Sync + 'static,
) -> ScriptedUpstream {
    let info = json!({"data": {"version": version, "database": {"dialect": dialect}}}).to_string();
    let settings = json!({"data": {"createdAt": installed}}).to_string();
    let check = json!({"errors": [{"message": "no", "code": code}]}).to_string();
    ScriptedUpstream::start(move |mut connection| {
        while let Some(head) = connection.request() {
            let body = match head.split(' ').nth(1) {
                Some("/api/app:getInfo") => &info,
                Some("/api/systemSettings:get") => &settings,
                _ => &check,
            };
            does();
            connection.say(format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ));
        }
    })
}

/// What a gateway finds at such a NocoBase.
async fn found(version: &str, code: &str, other: bool) -> Vec<UpstreamFinding> {
    let unused = ScriptedUpstream::answering("");
    let gateway = TestGateway::before(unused).await;
    let app = &gateway.server.app;
    let installed = app
        .store
        .system_settings()
        .await
        .unwrap()
        .unwrap()
        .created_at;
    let installed = if other {
        "2020-01-01T00:00:00.000Z".to_owned()
    } else {
        installed.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    };
    let dialect = gateway.app.database.kind.dialect();
    let upstream = nocobase(version, dialect, &installed, code);
    let url = upstream.url().parse().unwrap();
    check::upstream(app, &url).await
}

#[actix_web::test]
async fn a_nocobase_of_the_tested_version_with_everything_shared_is_found_fit() {
    assert!(found("2.2.15", "NOT_EXIST_USER", false).await.is_empty());
}

#[actix_web::test]
async fn an_older_or_newer_nocobase_is_named_and_no_reason_to_stop() {
    for (version, age) in [("2.1.3", "older"), ("2.10.0", "newer")] {
        let findings = found(version, "NOT_EXIST_USER", false).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        let text = findings[0].to_string();
        assert!(
            text.contains(&format!("version {version}, {age} than 2.2.15")),
            "{text}"
        );
        assert!(!findings[0].is_fatal());
    }
}

#[actix_web::test]
async fn another_secret_or_database_is_fatal() {
    let findings = found("2.2.15", "INVALID_TOKEN", false).await;
    assert!(
        matches!(findings.as_slice(), [UpstreamFinding::OtherSecret]),
        "{findings:?}"
    );
    assert!(findings[0].is_fatal() && findings[0].to_string().contains("APP_KEY"));
    let findings = found("2.2.15", "NOT_EXIST_USER", true).await;
    assert!(
        matches!(findings.as_slice(), [UpstreamFinding::OtherDatabase]),
        "{findings:?}"
    );
    assert!(findings[0].is_fatal() && findings[0].to_string().contains("DB_"));
}

#[actix_web::test]
async fn what_answers_in_nocobases_place_is_named() {
    let gateway = TestGateway::before(ScriptedUpstream::answering("")).await;
    for (status, is_itself) in [
        ("508 Loop Detected", true),
        ("503 Service Unavailable", false),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
        let upstream = ScriptedUpstream::answering(&answer);
        let url = upstream.url().parse().unwrap();
        let findings = check::upstream(&gateway.server.app, &url).await;
        let named = match findings.as_slice() {
            [UpstreamFinding::Itself(_)] => true,
            [UpstreamFinding::NotReady(_, 503)] => false,
            other => panic!("{status}: {other:?}"),
        };
        assert_eq!(named, is_itself, "{status}");
    }
}

#[actix_web::test]
async fn a_database_of_another_kind_is_another() {
    let gateway = TestGateway::before(ScriptedUpstream::answering("")).await;
    let app = &gateway.server.app;
    let settings = app.store.system_settings().await.unwrap().unwrap();
    let at = settings.created_at;
    let installed = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let ours = gateway.app.database.kind.dialect();
    for theirs in ["sqlite", "postgres", "mysql", "mariadb", "oracle"] {
        let upstream = nocobase("2.2.15", theirs, &installed, "NOT_EXIST_USER");
        let findings = check::upstream(app, &upstream.url().parse().unwrap()).await;
        // MariaDB's server understands both names.
        let like_mysql = |name: &str| matches!(name, "mysql" | "mariadb");
        let fits = theirs == ours || (like_mysql(ours) && like_mysql(theirs));
        assert_eq!(findings.is_empty(), fits, "{theirs}: {findings:?}");
    }
}

#[actix_web::test]
async fn options_that_give_power_without_a_signature_are_reported_and_others_are_not() {
    let gateway = TestGateway::before(ScriptedUpstream::answering("")).await;
    let app = &gateway.server.app;
    gateway.create_authenticator("plain", true).await;
    let signed = gateway.create_authenticator("signed", true).await;
    let unsigned = gateway.create_authenticator("unsigned", true).await;
    let row = app.store.authenticators().await.unwrap();
    let row = row.into_iter().find(|row| row.id == signed).unwrap();
    let mut options = row.options;
    options["newUserRoles"] = json!(["admin"]);
    let connection = gateway.app.database.connect().await;
    let secrets = app.providers.secrets("dingtalk");
    for (id, name) in [(unsigned, None), (signed, Some("signed"))] {
        if let Some(name) = name {
            app.options_key.sign(name, &mut options, secrets);
        }
        let row = entity::authenticator::ActiveModel {
            id: sea_orm::Set(id),
            options: sea_orm::Set(options.clone()),
            ..Default::default()
        };
        let written = sea_orm::ActiveModelTrait::update(row, &connection).await;
        written.unwrap();
    }
    connection.into_inner().close().await.unwrap();
    app.store.forget();
    let settings = app.store.system_settings().await.unwrap().unwrap();
    let at = settings.created_at;
    let installed = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let dialect = gateway.app.database.kind.dialect();
    let upstream = nocobase("2.2.15", dialect, &installed, "NOT_EXIST_USER");
    let findings = check::upstream(app, &upstream.url().parse().unwrap()).await;
    let [UpstreamFinding::PowerNotSigned(_, name)] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(name, "unsigned");
}

#[actix_web::test]
async fn a_plugin_of_the_same_name_in_nocobase_is_a_clash_while_it_is_enabled() {
    let gateway = TestGateway::before(ScriptedUpstream::answering("")).await;
    let store = &gateway.server.app.store;
    assert!(check::database(store).await.is_ok());
    // Either of its names is enough.
    let (name, package) = ("auth-dingtalk", "@nocobase/plugin-auth-dingtalk");
    for (name, package) in [(name, "another"), ("another", package)] {
        let installed = store.install_plugin(name, package, "2.2.15", false);
        installed.await.unwrap();
        let clash = check::database(store).await;
        assert!(clash.is_err(), "{name} {package}");
        let connection = gateway.app.database.connect().await;
        let statement = format!(r#"DELETE FROM "applicationPlugins" WHERE "name" = '{name}'"#);
        let statement = in_dialect(&connection, &statement);
        connection.execute_unprepared(&statement).await.unwrap();
        connection.into_inner().close().await.unwrap();
        store.forget();
        assert!(check::database(store).await.is_ok());
    }
    let installed = store.install_plugin(name, package, "2.2.15", false);
    installed.await.unwrap();
    let clash = check::database(store).await.unwrap_err();
    assert!(matches!(clash, UnfitError::PluginInstalled(_)), "{clash}");
    assert!(
        clash
            .to_string()
            .contains("disable it in its plugin manager"),
        "{clash}"
    );
    let connection = gateway.app.database.connect().await;
    let table = match gateway.app.database.kind {
        crate::support::Kind::Mariadb => "UPDATE `applicationPlugins` SET enabled = FALSE",
        _ => "UPDATE \"applicationPlugins\" SET enabled = FALSE",
    };
    connection.execute_unprepared(table).await.unwrap();
    connection.into_inner().close().await.unwrap();
    assert!(check::database(store).await.is_ok());
}
