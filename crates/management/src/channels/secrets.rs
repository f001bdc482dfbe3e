//! A channel's secrets: read, sealed for one origin, never shown.

use domain::id::ChannelId;
use domain::secret::Secret;
use gateway::seal::Sealer;
use store::channel::SealedSecret;

use crate::request::value::list;
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// Seals secrets for where they will be sent to.
pub(crate) fn seal(
    sealer: &Sealer,
    channel: ChannelId,
    origin: &str,
    secrets: &[Secret],
) -> Vec<SealedSecret> {
    secrets.iter().map(|secret| SealedSecret::new(sealer.seal(channel, origin, secret))).collect()
}

/// One secret.
pub(crate) fn one(value: Value<'_>) -> Result<Secret, Invalid> {
    let text = value.string()?;
    // It becomes a header's value.
    let sound =
        (1..=8_192).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !sound {
        return Err(Invalid::new(Wrong::Secret));
    }
    Ok(Secret::new(text))
}

/// Several secrets that take turns.
pub(crate) fn several(value: Value<'_>) -> Result<Vec<Secret>, Invalid> {
    let secrets = list(100, one)(value)?;
    if secrets.is_empty() { Err(Invalid::new(Wrong::NoSecret)) } else { Ok(secrets) }
}
