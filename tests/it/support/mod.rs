//! What the tests share.

#[cfg(feature = "standalone")]
mod admin;
mod app;
#[cfg(not(feature = "standalone"))]
mod beside;
pub mod bindings;
mod browser;
pub mod crowd;
pub mod database;
mod first_start;
mod gateway;
mod hanging;
mod logs;
pub mod lookups;
pub mod message_rows;
pub mod message_workers;
pub mod nocobase;
pub mod plans;
mod process;
#[cfg(feature = "standalone")]
pub mod requests;
pub mod roles;
mod sandbox;
#[cfg(feature = "standalone")]
mod socket;
mod template;
#[cfg(feature = "standalone")]
mod test_logs;
pub mod upstream;
mod waiting;
mod websocket;

#[cfg(feature = "standalone")]
pub use admin::Admin;
pub use app::{Further, TestApp, TestServer};
pub use browser::{Answer, Browser};
pub use database::{Kind, TestConnection, TestDatabase, in_dialect, naming, waits_for_a_row};
pub use gateway::{TestGateway, as_of_nocobase};
pub use hanging::Hanging;
pub use logs::{collect_all, logs};
pub use process::{Holdings, Place, Process, Told};
pub use sandbox::TestSandbox;
#[cfg(feature = "standalone")]
pub use socket::Socket;
#[cfg(feature = "standalone")]
pub use test_logs::{TestLogs, test_logs};
pub use waiting::{ends, eventually, grows_no_more, run_ends, within};
pub use websocket::connect_websocket;
