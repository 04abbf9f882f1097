//! The program; see [`nocobase_dingtalk::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    nocobase_dingtalk::cli::main()
}
