//! Whoever asks: their own account.

pub(crate) mod edit;
pub(crate) mod get;
pub(crate) mod models;
pub(crate) mod password;
pub(crate) mod recovery_codes;
pub(crate) mod redeem;
pub(crate) mod totp;
