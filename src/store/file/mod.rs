//! The file of SQLite.
//!
//! Once a connection exists, nothing in this process but SQLite opens the database file, not even to
//! read a byte. SQLite keeps others away with POSIX locks, and those belong to the process: closing
//! *any* descriptor of the file lets go of all of them. Another program would then take itself for
//! the last one that has the database open, and on its way out remove the `-wal` in which the server
//! goes on writing: what was acknowledged would be gone.

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
