//! The settings of TLS to the database server, under NocoBase's names.
//!
//! NocoBase 2.2.15 uses TLS as soon as one of these variables is set, and then checks the server's
//! certificate and name unless it is told not to. A variable may contain a path or the PEM text
//! itself.

use std::path::Path;
use std::{fs, io};

use clap::Args;

use super::Secret;

/// The variables.
#[derive(Args, Clone, Debug, Default)]
pub struct DatabaseTls {
    /// Use TLS with the database server; any text switches it on, such as require.
    #[arg(
        long = "db-ssl-mode",
        env = "DB_DIALECT_OPTIONS_SSL_MODE",
        value_name = "TEXT"
    )]
    mode: Option<String>,
    /// The certificate authority of the database server, as a file or PEM text.
    #[arg(
        long = "db-ssl-ca",
        env = "DB_DIALECT_OPTIONS_SSL_CA",
        value_name = "PEM"
    )]
    ca: Option<String>,
    /// The client certificate, if the database server asks for one, as a file or PEM text.
    #[arg(
        long = "db-ssl-cert",
        env = "DB_DIALECT_OPTIONS_SSL_CERT",
        value_name = "PEM"
    )]
    cert: Option<String>,
    /// The key of the client certificate, as a file or PEM text.
    #[arg(
        long = "db-ssl-key",
        env = "DB_DIALECT_OPTIONS_SSL_KEY",
        hide_env_values = true,
        value_name = "PEM"
    )]
    key: Option<Secret>,
    /// Whether the certificate of the database server is checked: true, unless it is set to
    /// anything else.
    #[arg(
        long = "db-ssl-reject-unauthorized",
        env = "DB_DIALECT_OPTIONS_SSL_REJECT_UNAUTHORIZED",
        value_name = "BOOL"
    )]
    reject_unauthorized: Option<String>,
}

/// How TLS is used.
#[derive(Clone)]
pub struct Tls {
    /// Whether the certificate and the name of the server are checked.
    pub verify: bool,
    /// A certificate authority that is trusted beside the usual ones.
    pub ca: Option<Vec<u8>>,
    /// The client certificate and its key.
    pub client: Option<ClientCertificate>,
}

/// A certificate with its key, as PEM texts.
#[derive(Clone)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Secret,
}

/// Why TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseTlsError {
    /// The value is not a PEM text, and there is no file with this name.
    #[error("{0} is neither a file nor a text that begins with -----BEGIN")]
    NoPem(&'static str),
    /// The file cannot be read.
    #[error("{0}: the file cannot be read: {1}")]
    Unreadable(&'static str, #[source] io::Error),
    /// The certificate or its key is missing.
    #[error(
        "DB_DIALECT_OPTIONS_SSL_CERT and DB_DIALECT_OPTIONS_SSL_KEY are set together or not at all"
    )]
    HalfPair,
}

impl DatabaseTls {
    /// How TLS is used; none when no variable is set.
    pub fn read(&self) -> Result<Option<Tls>, DatabaseTlsError> {
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let key = self
            .key
            .as_ref()
            .map(Secret::expose)
            .filter(|key| !key.is_empty());
        let (mode, ca, cert) = (set(&self.mode), set(&self.ca), set(&self.cert));
        let reject = set(&self.reject_unauthorized);
        if [&mode, &ca, &cert, &reject]
            .iter()
            .all(|text| text.is_none())
            && key.is_none()
        {
            return Ok(None);
        }
        let client = match (cert, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(ClientCertificate {
                certificate: pem("DB_DIALECT_OPTIONS_SSL_CERT", &certificate)?.into_bytes(),
                key: Secret::from(pem("DB_DIALECT_OPTIONS_SSL_KEY", key)?),
            }),
            _ => return Err(DatabaseTlsError::HalfPair),
        };
        let ca = ca
            .map(|ca| pem("DB_DIALECT_OPTIONS_SSL_CA", &ca))
            .transpose()?;
        Ok(Some(Tls {
            verify: reject.is_none_or(|reject| reject == "true"),
            ca: ca.map(String::into_bytes),
            client,
        }))
    }
}

/// The PEM text in a variable, or in the file that it names.
fn pem(variable: &'static str, value: &str) -> Result<String, DatabaseTlsError> {
    if value.trim_start().starts_with("-----BEGIN") {
        return Ok(value.to_owned());
    }
    match fs::read_to_string(Path::new(value)) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(DatabaseTlsError::NoPem(variable))
        }
        Err(error) => Err(DatabaseTlsError::Unreadable(variable, error)),
    }
}
