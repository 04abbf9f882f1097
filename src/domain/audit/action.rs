//! The audited actions: their names in the table, and what people read.

/// Defines the actions, each with its name, which never changes, and its title in English, which is
/// a key of the locale files. A list of all of them comes with it.
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal, $title:literal;)*) => {
        /// An audited action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// All actions, in the order in which a filter offers them.
            pub const ALL: &[Self] = &[$(Self::$action),*];

            /// The name of the action, which never changes.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }

            /// What the action is called, in English. `{{provider}}` stands for the title of the provider.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$action => $title,)*
                }
            }
        }
    };
}

actions! {
    /// Signing in through the login page of a provider.
    SignIn = "signIn", "Sign-in via {{provider}}";
    /// Signing in inside the provider's own client.
    InAppSignIn = "inAppSignIn", "Sign-in inside {{provider}}";
    /// Signing in with a password.
    PasswordSignIn = "passwordSignIn", "Sign-in with password";
    /// Creating one's own account.
    SignUp = "signUp", "Sign-up";
    /// Linking an existing account, which was found by the organization's data.
    Link = "link", "Account linked";
    /// Binding an account.
    Bind = "bind", "Account bound";
    /// Removing the binding of an account.
    Unbind = "unbind", "Binding removed";
    /// Ending a session.
    SignOut = "signOut", "Sign-out";
    /// Ending all sessions of an account.
    SignOutEverywhere = "signOutEverywhere", "All sessions ended";
    /// Changing one's password.
    PasswordChange = "passwordChange", "Password changed";
    /// Enabling the plugin.
    PluginEnable = "pluginEnable", "Plugin enabled";
    /// Disabling the plugin.
    PluginDisable = "pluginDisable", "Plugin disabled";
    /// Creating an authenticator.
    AuthenticatorCreate = "authenticatorCreate", "Authenticator created";
    /// Changing an authenticator.
    AuthenticatorUpdate = "authenticatorUpdate", "Authenticator changed";
    /// Removing an authenticator.
    AuthenticatorDestroy = "authenticatorDestroy", "Authenticator removed";
    /// A directory source creating an account.
    DirectoryCreate = "directoryCreate", "Account created";
    /// A directory source linking an existing account.
    DirectoryLink = "directoryLink", "Account linked";
    /// A directory source changing an account.
    DirectoryUpdate = "directoryUpdate", "Account updated";
    /// A directory source giving an account back to somebody who returned.
    DirectoryReturn = "directoryReturn", "Account given back";
    /// A directory source ending the access of somebody who left.
    DirectoryEnd = "directoryEnd", "Access ended";
    /// A directory source removing the binding of somebody who left.
    DirectoryUnbind = "directoryUnbind", "Binding removed";
    /// A directory source deleting the account of somebody who left.
    DirectoryDelete = "directoryDelete", "Account deleted";
    /// Sending a message to people.
    MessageSend = "messageSend", "Message sent";
    /// Changing where else the messages of a channel go.
    MessageChannel = "messageChannel", "Channel of messages changed";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn every_title_is_in_the_locale_files() {
        let english = Locale::of("en-US").texts();
        for action in Action::ALL {
            assert!(english.get(action.title()).is_some(), "{action:?}");
        }
    }
}
