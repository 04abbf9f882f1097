//! What can be wrong between a gateway and the NocoBase behind it, with a sentence for the operator
//! for each.

use super::elsewhere::Elsewhere;
use crate::domain::plugin;
use crate::gateway::UpstreamError;
use crate::store::StoreError;

/// Why a database cannot be shared.
#[derive(Debug, thiserror::Error)]
pub enum UnfitError {
    /// A NocoBase has its tables under other names, or in another place.
    #[error("{0}")]
    Elsewhere(Elsewhere),
    /// It is another program's database, or that of a NocoBase that was never started.
    #[error(
        "the database does not hold a NocoBase: give the same DB_* and STORAGE_PATH as NocoBase has, and start NocoBase first when it is new"
    )]
    NoNocoBase(#[source] StoreError),
    /// NocoBase has a plugin of the same name.
    #[error(
        "NocoBase itself has the plugin {0} enabled: disable it in its plugin manager before the gateway takes its place"
    )]
    PluginInstalled(String),
}

/// What is wrong, or may be wrong, with the NocoBase behind the gateway.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamFinding {
    /// Nobody answers.
    #[error("NocoBase does not answer at {0}: start it, or correct NOCOBASE_UPSTREAM_URL")]
    Unreachable(String, #[source] UpstreamError),
    /// The address leads back to the gateway.
    #[error(
        "what answers at {0} is this gateway, or one like it, and no NocoBase: give NOCOBASE_UPSTREAM_URL the address at which NocoBase itself listens"
    )]
    Itself(String),
    /// Something other than NocoBase answers.
    #[error(
        "what answers at {0} is no NocoBase that is ready (status {1}): wait until it has started, or correct NOCOBASE_UPSTREAM_URL, APP_PUBLIC_PATH and API_BASE_PATH"
    )]
    NotReady(String, u16),
    /// NocoBase would refuse this server's sessions, because the secret differs.
    #[error(
        "NocoBase signs tokens with another secret: give the same APP_KEY, UNSAFE_USE_DEFAULT_JWT_SECRET and STORAGE_PATH as NocoBase has"
    )]
    OtherSecret,
    /// NocoBase would not find this server's accounts, because the database differs.
    #[error("NocoBase uses another database: give the same DB_* as NocoBase has")]
    OtherDatabase,
    /// This version of NocoBase was not tested.
    #[error(
        "NocoBase is of version {0}, {1} than {version}, with which the gateway was tested: try signing in before relying on it",
        version = plugin::NOCOBASE_VERSION
    )]
    OtherVersion(String, &'static str),
    /// NocoBase sees an authenticator of a provider as enabled, which can lock everybody out.
    #[error(
        "NocoBase takes the {0} authenticator {1} for enabled, and would lock everybody out when the others are disabled: save it once in the settings through the gateway"
    )]
    EnabledInNocoBase(&'static str, String),
    /// Options that give power have no signature, so they give less than they say.
    #[error(
        "the {0} authenticator {1} was not saved through the gateway, so that it gives no roles and links no administrators: save it once in the settings through the gateway"
    )]
    PowerNotSigned(&'static str, String),
    /// The database failed.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
}

impl UpstreamFinding {
    /// Whether with this finding nobody could sign in through a provider, or could become somebody else.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Itself(_) | Self::OtherSecret | Self::OtherDatabase | Self::Store(_)
        )
    }

    /// Whether the finding may go away by itself.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(..) | Self::NotReady(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Chain;

    #[test]
    fn a_problem_is_followed_by_its_cause() {
        let finding = UpstreamFinding::Unreachable("http://a:1".to_owned(), UpstreamError::Answer);
        assert_eq!(
            Chain(&finding).to_string(),
            "NocoBase does not answer at http://a:1: start it, or correct NOCOBASE_UPSTREAM_URL: \
             the answer of NocoBase could not be read"
        );
        let unfit = UnfitError::NoNocoBase(StoreError::Conflict(String::new()));
        let told = Chain(&unfit).to_string();
        assert!(
            told.ends_with("when it is new: a unique value is taken"),
            "{told}"
        );
    }

    #[test]
    fn what_is_only_not_there_yet_may_pass() {
        let url = || "http://a:1".to_owned();
        for finding in [
            UpstreamFinding::Unreachable(url(), UpstreamError::Answer),
            UpstreamFinding::NotReady(url(), 503),
        ] {
            assert!(finding.may_pass() && !finding.is_fatal(), "{finding}");
        }
        for finding in [
            UpstreamFinding::Itself(url()),
            UpstreamFinding::OtherSecret,
            UpstreamFinding::OtherDatabase,
        ] {
            assert!(!finding.may_pass() && finding.is_fatal(), "{finding}");
        }
        let mild = UpstreamFinding::PowerNotSigned("DingTalk", "ding".to_owned());
        assert!(!mild.may_pass() && !mild.is_fatal());
    }
}
