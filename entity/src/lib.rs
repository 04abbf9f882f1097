//! NocoBase's tables, and our own, as sea-orm entities: a file per table.
//!
//! **Borrowed** tables belong to NocoBase (version 2.2.15 was observed): names, types and meaning
//! are its own, and when its database is shared they are never altered. **Owned** tables belong to
//! this product and start with `dingtalk_`. Entities hold no queries; those are in the server's `store`.

pub mod api_key;
pub mod application;
pub mod application_plugin;
pub mod audit;
pub mod audit_hour;
pub mod authenticator;
pub mod bound_person;
pub mod change;
pub mod consumed_state;
pub mod contact;
pub mod department;
pub mod department_role;
pub mod department_user;
pub mod directory_department;
pub mod directory_finding;
pub mod directory_member;
pub mod directory_run;
pub mod directory_source;
pub mod environment_variable;
pub mod event;
pub mod event_stream;
pub mod forwarded_channel;
pub mod forwarded_send;
pub mod in_app_message;
pub mod issued_token;
pub mod lease;
pub mod message;
pub mod message_claim;
pub mod naming;
pub mod notification_channel;
pub mod rename;
pub mod role;
pub mod role_user;
mod stored_name;
pub mod switch;
pub mod sync_source;
pub mod system_setting;
pub mod token_blacklist;
pub mod token_control_config;
pub mod user;
pub mod user_authenticator;
pub mod waiting_send;
