//! TLS connections to a database server.

use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::config::Tls;

/// Configures TLS for PostgreSQL, if the settings say something of it.
pub(super) fn with_postgres(mut options: PgConnectOptions, tls: Option<&Tls>) -> PgConnectOptions {
    let Some(tls) = tls else {
        return options;
    };
    options = options.ssl_mode(if tls.verify {
        PgSslMode::VerifyFull
    } else {
        PgSslMode::Require
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_root_cert_from_pem(ca.clone());
    }
    if let Some(client) = &tls.client {
        options = options
            .ssl_client_cert_from_pem(&client.certificate)
            .ssl_client_key_from_pem(client.key.expose());
    }
    options
}

/// Configures TLS for MySQL and MariaDB, if the settings say something of it.
pub(super) fn with_mysql(
    mut options: MySqlConnectOptions,
    tls: Option<&Tls>,
) -> MySqlConnectOptions {
    let Some(tls) = tls else {
        return options;
    };
    options = options.ssl_mode(if tls.verify {
        MySqlSslMode::VerifyIdentity
    } else {
        MySqlSslMode::Required
    });
    if let Some(ca) = &tls.ca {
        options = options.ssl_ca_from_pem(ca.clone());
    }
    if let Some(client) = &tls.client {
        options = options
            .ssl_client_cert_from_pem(&client.certificate)
            .ssl_client_key_from_pem(client.key.expose());
    }
    options
}
