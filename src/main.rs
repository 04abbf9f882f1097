//! The program; see [`nocobase_dingtalk::cli`].

use std::process::ExitCode;

/// jemalloc returns the 16 MB of a password hash at once, while the C library's allocator keeps
/// them for each thread that ever computed one; see docs/decisions/0011.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    nocobase_dingtalk::cli::main()
}
