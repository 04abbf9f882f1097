//! The program; see [`nocobase_dingtalk::cli`].

use std::process::ExitCode;

/// The C library's allocator keeps the 16 MB of a password's hash for each thread that ever computed
/// one: after a crowd has signed in, six times what the server needs. This one gives them back at
/// once, at the price of a fifth of the hash, and is faster elsewhere; `docs/performance.md`.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    nocobase_dingtalk::cli::main()
}
