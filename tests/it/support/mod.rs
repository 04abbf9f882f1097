//! What the tests share.

mod app;
mod browser;
mod database;
mod gateway;
mod logs;
mod sandbox;
mod socket;
pub mod upstream;

pub use app::{TestApp, TestServer};
pub use browser::{Answer, Browser};
pub use database::{Kind, TestDatabase};
pub use gateway::TestGateway;
pub use logs::{collect_all, logs};
pub use sandbox::TestSandbox;
pub use socket::Socket;
