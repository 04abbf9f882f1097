//! The settings of the second port, for monitoring.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

/// The second port, for load balancers and Prometheus. Without a port number there is none.
#[derive(Args, Clone, Debug)]
pub struct Operations {
    /// Port for /healthz, /readyz and /metrics [default: they are not served].
    #[arg(long, env = "METRICS_PORT", value_name = "PORT")]
    pub metrics_port: Option<u16>,
    /// Address to listen on for these.
    #[arg(
        long,
        env = "METRICS_HOST",
        default_value = "127.0.0.1",
        value_name = "ADDRESS"
    )]
    pub metrics_host: IpAddr,
}

impl Operations {
    /// The address and port to listen on, if there is a second port.
    pub fn listen(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.metrics_host, self.metrics_port?))
    }
}
