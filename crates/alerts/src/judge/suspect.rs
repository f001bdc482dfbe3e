//! A provider whose usage figures were missing or absurd, so that calls were charged by estimate.

use domain::alert::{AlertKind, Severity};
use domain::id::{CallId, ChannelId};
use domain::window::Windows;

use super::{Finding, numbers};
use crate::rules::Trigger;

/// The first suspect calls of a channel in a day.
pub(crate) fn suspect(
    (channel, name): (ChannelId, &str),
    (count, call): (u64, CallId),
    windows: &Windows,
    trigger: &Trigger,
) -> Finding {
    let calls = if count == 1 { "A call".to_owned() } else { format!("{count} calls") };
    Finding {
        kind: AlertKind::CallSuspect,
        severity: Severity::Warning,
        subject: channel.to_string(),
        matter: "usage".to_owned(),
        window: windows.day.get(),
        numbers: numbers! { "name": name, "calls": count, "call_id": call.to_string() },
        text: format!(
            "{calls} on the channel \"{name}\" came with missing or absurd usage figures and cost an estimate, {call} among them. Further ones of the day are not told."
        ),
        trigger: trigger.clone(),
    }
}
