//! A channel none of whose secrets works.

use domain::alert::{AlertKind, Severity};
use domain::time::UnixMillis;
use domain::window::Windows;
use gateway::catalog::ChannelEntry;
use gateway::health::{State, Trouble};

use super::{Finding, numbers};
use crate::rules::Trigger;

/// Down is: every secret rests or is to be tried again. A provider that only wanted a pause is well.
pub(crate) fn down(
    channel: &ChannelEntry,
    now: UnixMillis,
    windows: &Windows,
    trigger: &Trigger,
) -> Option<Finding> {
    let troubles = channel.secrets.iter().map(|secret| {
        let ill = secret.health.state(now).0 != State::Healthy;
        secret.health.trouble().filter(|trouble| ill && *trouble != Trouble::RateLimited)
    });
    let troubles: Vec<Trouble> = troubles.collect::<Option<_>>()?;
    let (last, name) = (troubles.last()?.code(), &channel.name);
    Some(Finding {
        kind: AlertKind::ChannelDown,
        severity: Severity::Critical,
        subject: channel.id.to_string(),
        matter: "health".to_owned(),
        window: windows.hour.get(),
        numbers: numbers! { "name": name.as_str(), "secrets": troubles.len(), "trouble": last },
        text: format!("The channel \"{name}\" is down: none of its secrets works ({last})."),
        trigger: trigger.clone(),
    })
}
