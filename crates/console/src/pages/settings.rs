//! `/console/settings`: the visitor's own account, a page for each of its sides.

pub(crate) mod account;

pub(crate) mod profile;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod totp;

pub(crate) mod alert_end;
pub(crate) mod destinations;
pub(crate) mod management_keys;
pub(crate) mod notify;
pub(crate) mod rules;
pub(crate) mod watched;

mod qr;

use crate::frame::Frame;
use crate::language::Message;
use crate::links;
use crate::visit::SignedIn;

/// The frame of a page of the settings.
fn frame(user: &SignedIn) -> Frame {
    user.frame(links::SETTINGS).under(links::SETTINGS, Message("nav-settings"))
}
