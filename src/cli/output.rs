//! What commands print.

/// Prints a line, as `println!` does. Whoever reads it may have gone, as `head` does, and the disk behind it may be full;
/// what the command does besides must not end with that, as it would by the panic of `println!`.
macro_rules! tell {
    ($($part:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($part)*);
    }};
}

pub(super) use tell;
