//! The settings of a first start, under NocoBase's names.

use clap::Args;

use super::Secret;

/// The root account and the language of a new installation.
#[derive(Args, Clone, Debug)]
pub struct Install {
    /// E-mail address of the root account.
    #[arg(
        long,
        env = "INIT_ROOT_EMAIL",
        default_value = "admin@nocobase.com",
        value_name = "EMAIL"
    )]
    pub init_root_email: String,
    /// Password of the root account [default: the one that NocoBase's install documents].
    #[arg(
        long,
        env = "INIT_ROOT_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub init_root_password: Option<Secret>,
    /// Display name of the root account.
    #[arg(
        long,
        env = "INIT_ROOT_NICKNAME",
        default_value = "Super Admin",
        value_name = "TEXT"
    )]
    pub init_root_nickname: String,
    /// User name of the root account.
    #[arg(
        long,
        env = "INIT_ROOT_USERNAME",
        default_value = "nocobase",
        value_name = "TEXT"
    )]
    pub init_root_username: String,
    /// Language of a new installation.
    #[arg(
        long,
        env = "INIT_APP_LANG",
        default_value = "en-US",
        value_name = "CODE"
    )]
    pub init_app_lang: String,
}

impl Install {
    /// The password of the root account in NocoBase's documentation. It is only good for trying
    /// things out.
    pub const DOCUMENTED_PASSWORD: &'static str = "admin123";

    /// The password of the root account.
    pub fn root_password(&self) -> &str {
        self.init_root_password
            .as_ref()
            .map_or(Self::DOCUMENTED_PASSWORD, Secret::expose)
    }
}
