//! The sandbox, which stands for DingTalk, and a server with a directory source that copies from it.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Failure;
use crate::process::{Process, free_port};
use crate::scale::{CLIENT_ID, CLIENT_SECRET};
use crate::session::Session;

/// A server without a NocoBase, on SQLite.
pub struct CopiedCompany {
    /// The server.
    pub server: Process,
    /// A session of root at this server.
    pub session: Session,
    /// The folder with the data of the server, which is removed at the end.
    pub folder: TempDir,
}

impl CopiedCompany {
    /// Starts the server, and saves this source at a new authenticator named «dingtalk».
    pub async fn at(sandbox: &Process, program: &str, source: &Value) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let flags =
            ["login", "api", "oapi"].map(|one| format!("--dingtalk-{one}-url={}", sandbox.url));
        let server = Process::server_on(program, folder.path(), free_port()?, &flags).await?;
        let session = Session::begin(&server.url).await?;
        let authenticator = json!({
            "name": "dingtalk", "authType": "dingtalk", "enabled": true,
            "options": {"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET},
        });
        session
            .post("authenticators:create", &authenticator)
            .await?;
        session.post("dingtalkDirectory:saveSource", source).await?;
        Ok(Self {
            server,
            session,
            folder,
        })
    }
}
