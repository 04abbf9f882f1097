//! How long the audit trail is kept.

use clap::Args;

/// The settings of the audit trail.
#[derive(Args, Clone, Debug)]
pub struct Audit {
    /// Days after which rows of the audit trail are removed; with 0 they are never removed.
    #[arg(
        long,
        env = "AUDIT_DAYS",
        default_value_t = 180,
        value_name = "DAYS",
        value_parser = clap::value_parser!(u32).range(0..=36_500)
    )]
    pub audit_days: u32,
}
