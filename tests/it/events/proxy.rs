//! The Stream through a proxy: the only way out of a network that has one.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{rows_in, save_source_at};
use crate::support::{Browser, Place, eventually};

/// Names that no resolver knows, so that they are reached only through the proxy.
const API: &str = "api.dingtalk.test";
const STREAM: &str = "wss.dingtalk.test";

/// A proxy that answers CONNECT, and behind it the sandbox under a certificate for all of its names.
struct Proxy {
    address: SocketAddr,
    /// The hosts and ports to which connections were asked for.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn before(sandbox: SocketAddr, tls: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, tls) = (seen.clone(), TlsAcceptor::from(Arc::new(tls)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A client that gives up ends its own connection, and no other.
                let passing = pass(client, sandbox, tls.clone(), noted.clone());
                tokio::spawn(async move { drop(passing.await) });
            }
        });
        Self { address, seen }
    }

    fn saw(&self, host: &str) -> bool {
        let wanted = format!("{host}:443");
        self.seen.lock().unwrap().contains(&wanted)
    }
}

/// Carries one connection through the proxy.
async fn pass(
    mut client: TcpStream,
    sandbox: SocketAddr,
    tls: TlsAcceptor,
    seen: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(' ').next());
    let target = target.expect("nothing else is sent to a proxy of https");
    seen.lock().unwrap().push(target.to_owned());
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    let mut client = tls.accept(client).await?;
    let mut server = TcpStream::connect(sandbox).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// Makes an authority in `ca.pem`, and a certificate of it for all names of `dingtalk.test`.
fn certificate(folder: &Path) -> ServerConfig {
    let openssl = |arguments: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments.split(' ')).current_dir(folder);
        let output = openssl.output().expect("openssl is installed");
        assert!(output.status.success(), "{output:?}");
    };
    openssl(
        "req -x509 -newkey rsa:2048 -noenc -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
    );
    openssl("req -newkey rsa:2048 -noenc -subj /CN=server -keyout server.key -out server.csr");
    fs::write(
        folder.join("names"),
        "subjectAltName=DNS:*.dingtalk.test\nbasicConstraints=CA:FALSE\n",
    )
    .unwrap();
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem",
    );
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

#[actix_web::test]
async fn the_stream_goes_through_the_proxy_of_https() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(place.sandbox.address, certificate(folder.path())).await;
    let mut program = place.program(&["serve"]);
    for name in [
        "DINGTALK_LOGIN_URL",
        "DINGTALK_API_URL",
        "DINGTALK_OAPI_URL",
    ] {
        program.env(name, format!("https://{API}"));
    }
    program
        .env("HTTPS_PROXY", format!("http://{}", proxy.address))
        .env("NO_PROXY", "")
        .env("SSL_CERT_FILE", folder.path().join("ca.pem"));
    for name in ["https_proxy", "no_proxy", "ALL_PROXY", "all_proxy"] {
        program.env_remove(name);
    }
    let server = place.start_with(program);
    place.open(&server).await;
    let sandbox = &place.sandbox;
    let endpoint = format!("wss://{STREAM}/connect");
    sandbox.send_events(json!({"endpoint": endpoint})).await;
    save_source_at(&mut Browser::at(server.address), json!({"mode": "stream"})).await;
    eventually("a connection", async || !sandbox.streams().await.is_empty()).await;
    assert!(proxy.saw(API) && proxy.saw(STREAM), "{:?}", proxy.seen);
    sandbox.dismiss("lina").await;
    eventually("the event", async || {
        sandbox.events().await[0]["outcome"] == "acknowledged"
    })
    .await;
    assert_eq!(rows_in(&place.database).await.len(), 1);
}
