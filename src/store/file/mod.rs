//! The SQLite file.
//!
//! Once a connection exists, nothing in this process except SQLite may open the database file, not
//! even to read a byte. SQLite uses POSIX locks, which belong to the process: closing *any*
//! descriptor of the file releases all of them. Another program could then believe that it is the
//! last user of the database and remove the `-wal` file that the server is writing, and committed
//! data would be lost.

mod check;
mod copy;
mod create;
mod server_lock;
mod state;

pub use check::damage;
pub use copy::{CopyError, copy};
pub(super) use create::create_private;
pub use server_lock::{ServerLock, ServerLockError};
pub(super) use state::FileState;
