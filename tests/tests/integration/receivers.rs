//! What alerts are sent to: a webhook that believes nothing unsigned, and a mail server.

pub(crate) mod mail;
pub(crate) mod webhook;
