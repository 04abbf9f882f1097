//! Identity providers: each says who somebody is, none decides who gets in.

pub mod dingtalk;
pub mod password;
