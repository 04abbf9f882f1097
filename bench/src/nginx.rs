//! nginx as it is usually put in front of an application: Debian's package with its defaults, and kept
//! connections to the upstream.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::process::{Process, free_port};

/// Starts nginx in front of this upstream with this number of workers, and with its files in this folder.
pub async fn start(folder: &Path, upstream: &str, workers: usize) -> Result<Process, Failure> {
    let port = free_port()?;
    let folder = folder.display();
    let upstream = upstream.trim_start_matches("http://");
    // Its workers must be able to write into the folder. The directive counts only for root.
    let is_root = std::fs::metadata("/proc/self")?.uid() == 0;
    let user = if is_root { "user root;" } else { "" };
    let configuration = format!(
        "{user}
worker_processes {workers};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    sendfile on;
    tcp_nopush on;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        '' '';
    }}
    upstream nocobase {{
        server {upstream};
        keepalive 64;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://nocobase;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"
    );
    let file = format!("{folder}/nginx.conf");
    std::fs::write(&file, configuration)?;
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
        .into_iter()
        .find(|program| Path::new(program).exists())
        .ok_or("nginx is missing; `scripts/setup bench` installs it")?;
    let mut command = Command::new(program);
    command.args(["-c", &file, "-p"]).arg(folder.to_string());
    Process::start(command, port, "/small").await
}
