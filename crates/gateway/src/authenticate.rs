//! Stage 2: whose key it is, and whether it works, from here, now.

use domain::key::{Damage, Form, KeyDigest, Kind, examine};
use domain::network::allowed;
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use domain::time::UnixMillis;
use hashbrown::HashMap;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};
use smallvec::SmallVec;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::directory::KeyEntry;
use crate::forward::{X_API_KEY, X_GOOG_API_KEY};
use crate::gateway::Gateway;
use crate::receive::{Received, user_agent};

/// A call whose key is known and works.
pub struct Authenticated {
    /// What came in.
    pub received: Received,
    /// Whose key it is.
    pub key: Arc<KeyEntry>,
    digest: KeyDigest,
    permission: Permission,
}

impl Authenticated {
    /// Looks again after a wait: an edit that was answered meanwhile is in force.
    ///
    /// # Errors
    /// The refusal to answer with.
    pub fn again(mut self, gateway: &Gateway) -> Result<Self, Refusal> {
        let at = gateway.ledger.now();
        // Nothing is forgotten: without an answer, a change of the key could not be read back.
        let found = look_up(gateway, &self.digest, at)?.ok_or_else(away)?;
        let key = found.key;
        if Arc::ptr_eq(&key, &self.key) {
            return Ok(self);
        }
        check(&key, self.received.client, at)?;
        permit(&key, self.permission)?;
        check_balance(&key, self.permission)?;
        self.key = key;
        Ok(self)
    }
}

/// Finds the key behind a call and checks everything that needs no body.
///
/// # Errors
/// The refusal to answer with.
pub fn authenticate(
    gateway: &Gateway,
    received: Received,
    permission: Permission,
) -> impl Future<Output = Result<Authenticated, Refusal>> + Send {
    // Done here and now, for a key in memory: what has to be waited for is in a box.
    let looked_up = presented_by(gateway, &received)
        .and_then(|digest| Ok((digest, look_up(gateway, &digest, received.at)?)));
    let known = match looked_up {
        Ok((digest, Some(found))) => Ok(admit(gateway, received, digest, found, permission)),
        Ok((digest, None)) => Err(Box::pin(async move {
            let found = find_stored(gateway, &digest, received.client, received.at).await?;
            admit(gateway, received, digest, found, permission)
        })),
        Err(refusal) => Ok(Err(refusal)),
    };
    async move {
        match known {
            Ok(known) => known,
            Err(unknown) => unknown.await,
        }
    }
}

/// Checks everything about a key that needs no body.
fn admit(
    gateway: &Gateway,
    received: Received,
    digest: KeyDigest,
    Found { key, previous }: Found,
    permission: Permission,
) -> Result<Authenticated, Refusal> {
    check(&key, received.client, received.at)?;
    if previous {
        let uses = &gateway.directory.previous;
        uses.note(digest, received.at, received.client, || received.user_agent());
    }
    permit(&key, permission)?;
    check_balance(&key, permission)?;
    Ok(Authenticated { received, key, digest, permission })
}

/// The key that a request was made with, if it works from there, now; for reads about itself.
///
/// # Errors
/// The refusal to answer with.
pub async fn holder(
    gateway: &Gateway,
    headers: &HeaderMap,
    client: IpAddr,
) -> Result<Arc<KeyEntry>, Refusal> {
    let now = gateway.ledger.now();
    let digest = presented(gateway, headers, None, client, now)?;
    let Found { key, previous } = find(gateway, &digest, client, now).await?;
    check(&key, client, now)?;
    if previous {
        gateway.directory.previous.note(digest, now, client, || user_agent(headers));
    }
    Ok(key)
}

/// Whether a key has a permission.
///
/// # Errors
/// The refusal to answer with.
pub fn permit(key: &KeyEntry, permission: Permission) -> Result<(), Refusal> {
    if key.policy.permissions.allow(permission) {
        return Ok(());
    }
    let message = format!(
        "This key does not have the permission \"{}\". Use another key, or ask its owner to change its permissions.",
        permission.name()
    );
    Err(Refusal::new(RefusalCode::PermissionDenied, message))
}

/// A key behind a presented value.
struct Found {
    key: Arc<KeyEntry>,
    /// Whether the value is one that was replaced and still works.
    previous: bool,
}

/// The key behind a digest, by its value now or by one that was replaced, if it is in memory and
/// nothing about it is in doubt.
fn look_up(
    gateway: &Gateway,
    digest: &KeyDigest,
    now: UnixMillis,
) -> Result<Option<Found>, Refusal> {
    if let Some(key) = gateway.directory.find(digest) {
        return Ok(key.is_sure().then_some(Found { key, previous: false }));
    }
    let Some(value) = gateway.directory.previous.find(digest) else { return Ok(None) };
    if value.ends_at <= now {
        let message = format!(
            "This value of the key was replaced by a new one and worked until {}. Use the new value.",
            value.ends_at
        );
        return Err(Refusal::new(RefusalCode::KeyRotated, message));
    }
    let key = gateway.directory.find(&value.current).filter(|key| key.is_sure());
    Ok(key.map(|key| Found { key, previous: true }))
}

fn presented_by(gateway: &Gateway, received: &Received) -> Result<KeyDigest, Refusal> {
    let Received { headers, query_key, client, at, .. } = received;
    presented(gateway, headers, query_key.as_deref(), *client, *at)
}

/// The digest of the presented credential that counts: the first that is well-formed as ours, else,
/// where keys were imported, the first that is but for the checksum.
fn presented(
    gateway: &Gateway,
    headers: &HeaderMap,
    query_key: Option<&str>,
    client: IpAddr,
    now: UnixMillis,
) -> Result<KeyDigest, Refusal> {
    let presented = credentials(headers, query_key);
    let first = |fits: &dyn Fn(&str) -> bool| presented.iter().copied().find(|text| fits(text));
    let imported =
        |text: &str| text.starts_with("sk-") && examine(text) == Form::Damaged(Damage::Mistyped);
    let well_formed = first(&|text| examine(text) == Form::WellFormed(Kind::Api));
    let counts = match well_formed {
        None if gateway.directory.holds_imported() => first(&imported),
        found => found,
    };
    let Some(text) = counts else {
        let refusal = explain(presented.first().copied());
        gateway.strangers.count(client, now)?;
        return Err(refusal);
    };
    Ok(gateway.hasher.digest(text))
}

/// The key behind a digest: from memory, and at its first use from the database.
async fn find(
    gateway: &Gateway,
    digest: &KeyDigest,
    client: IpAddr,
    now: UnixMillis,
) -> Result<Found, Refusal> {
    match look_up(gateway, digest, now)? {
        Some(found) => Ok(found),
        // In a box: only a first use pays for it.
        None => Box::pin(find_stored(gateway, digest, client, now)).await,
    }
}

async fn find_stored(
    gateway: &Gateway,
    digest: &KeyDigest,
    client: IpAddr,
    now: UnixMillis,
) -> Result<Found, Refusal> {
    if !gateway.directory.is_unknown(digest) {
        // Whoever guesses does not keep the database busy, and a known key from there still works.
        let _one_at_a_time = gateway.strangers.queue(client, now).await;
        gateway.settle_doubts().await.map_err(unreadable)?;
        gateway.directory.load(&gateway.database, digest).await.map_err(unreadable)?;
        if let Some(found) = look_up(gateway, digest, now)? {
            return Ok(found);
        }
        if gateway.directory.is_in_doubt(digest) {
            return Err(away());
        }
    }
    gateway.strangers.count(client, now)?;
    let message =
        "This key is not known here. Check that it belongs to this gateway, or make a new one.";
    Err(Refusal::new(RefusalCode::InvalidKey, message))
}

fn unreadable(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a key cannot be looked up");
    away()
}

/// What is known of the key is not enough to let it call.
fn away() -> Refusal {
    let message = "The gateway's database is away, and this key was not used since the gateway started, or was changed just now. Try again in a moment.";
    Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5)
}

/// Stands for a credential with characters that no header may hold, such as a pasted placeholder.
const UNREADABLE: &str = "sk-…";

/// Every credential that came, in the order in which they count.
fn credentials<'a>(headers: &'a HeaderMap, query_key: Option<&'a str>) -> SmallVec<[&'a str; 2]> {
    let header = |name: HeaderName| {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap_or(UNREADABLE).trim())
    };
    header(AUTHORIZATION)
        .map(|text| {
            let bearer = text.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer "));
            if bearer { text.get(7..).unwrap_or_default().trim() } else { text }
        })
        .chain(header(X_API_KEY))
        .chain(header(X_GOOG_API_KEY))
        .chain(query_key)
        .filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("bearer"))
        .collect()
}

/// What is wrong with a credential that is not one of ours.
fn explain(presented: Option<&str>) -> Refusal {
    let Some(text) = presented else {
        let message = "No key came with the request. Send one as \"Authorization: Bearer sk-…\".";
        return Refusal::new(RefusalCode::MissingKey, message);
    };
    let message = match examine(text) {
        Form::WellFormed(Kind::Management) => {
            "This is a management key (mk-…). It manages keys and cannot call models: use a key that starts with sk-."
        }
        Form::Damaged(Damage::CutOff) => {
            "This key is cut off: a whole one has 51 characters. Copy it again from where it was saved."
        }
        Form::Damaged(Damage::TooLong) => {
            "This key is too long: a whole one has 51 characters. Check that nothing was pasted behind it."
        }
        Form::Damaged(Damage::OddCharacter) => {
            "This key holds a character that no key has. Check for quotes, spaces or placeholders around it."
        }
        Form::Damaged(Damage::Mistyped) => {
            "This key is mistyped: its checksum does not fit. Copy it again."
        }
        Form::Foreign | Form::WellFormed(Kind::Api) => {
            "This is another service's key. Use one that was made at this gateway (sk- and 48 letters and digits)."
        }
    };
    Refusal::new(RefusalCode::MalformedKey, message)
}

/// Everything about a key that does not depend on the call.
fn check(key: &KeyEntry, client: IpAddr, now: UnixMillis) -> Result<(), Refusal> {
    let policy = &key.policy;
    let refuse = |code, message: &str| Err(Refusal::new(code, message));
    if policy.revoked {
        return refuse(
            RefusalCode::KeyRevoked,
            "This key was revoked and will not work again. Use another one.",
        );
    }
    if policy.disabled {
        return refuse(
            RefusalCode::KeyDisabled,
            "This key is switched off. Its owner can enable it again.",
        );
    }
    if policy.expired(now) {
        let end = policy.expires_at.unwrap_or_default();
        let message = format!("This key expired at {end}. Its owner can extend it.");
        return Err(Refusal::new(RefusalCode::KeyExpired, message));
    }
    if key.owner.rights().disabled {
        return refuse(
            RefusalCode::UserDisabled,
            "The owner of this key is blocked. Ask the operator of this gateway.",
        );
    }
    if !allowed(&policy.ip_allowlist, client) {
        let message = format!(
            "This key may not be used from {client}. Its owner can add the address to the key's IP allowlist."
        );
        return Err(Refusal::new(RefusalCode::IpNotAllowed, message));
    }
    Ok(())
}

/// A frozen balance pays for nothing; what can be read without paying still can.
fn check_balance(key: &KeyEntry, permission: Permission) -> Result<(), Refusal> {
    if permission == Permission::ModelsRead || !key.owner.rights().frozen {
        return Ok(());
    }
    let message = "The balance of this key's owner is frozen, so no call is made with it. Ask the operator of this gateway.";
    Err(Refusal::new(RefusalCode::BalanceFrozen, message))
}

/// How many unknown credentials came from each address lately.
pub struct Strangers {
    per_minute: u32,
    seen: Mutex<HashMap<IpAddr, (UnixMillis, u32)>>,
    one_at_a_time: Semaphore,
}

const MINUTE: i64 = 60_000;
/// More addresses than this are not told apart: the oldest minutes are forgotten first.
const MOST_ADDRESSES: usize = 65_536;

impl Strangers {
    /// Lets each address try so many in a minute.
    #[must_use]
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, seen: Mutex::default(), one_at_a_time: Semaphore::new(1) }
    }

    /// Whether an address tried more than it may in a minute.
    fn exceeded(&self, address: IpAddr, now: UnixMillis) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get(&address);
        seen.is_some_and(|(since, count)| now.since(*since) < MINUTE && *count > self.per_minute)
    }

    /// Lets such addresses look up one key at a time, all of them together.
    async fn queue(&self, address: IpAddr, now: UnixMillis) -> Option<SemaphorePermit<'_>> {
        if !self.exceeded(address, now) {
            return None;
        }
        // It is never closed.
        self.one_at_a_time.acquire().await.ok()
    }

    fn count(&self, address: IpAddr, now: UnixMillis) -> Result<(), Refusal> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_ADDRESSES {
            seen.retain(|_, (since, _)| now.since(*since) < MINUTE);
            if seen.len() >= MOST_ADDRESSES {
                seen.clear();
            }
        }
        let (since, count) = seen.entry(address).or_insert((now, 0));
        if now.since(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= self.per_minute { Ok(()) } else { Err(too_many(address, *since, now)) }
    }
}

fn too_many(address: IpAddr, since: UnixMillis, now: UnixMillis) -> Refusal {
    let wait = u64::try_from(MINUTE - now.since(since)).unwrap_or(0).div_ceil(1_000).max(1);
    let message = format!(
        "Too many unknown keys came from {address}. Wait {wait} seconds, and check the key that is configured."
    );
    Refusal::new(RefusalCode::TooManyInvalidKeys, message).retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
            })
            .collect()
    }

    #[test]
    fn every_form_of_credential_is_read_in_order() {
        let map = headers(&[
            ("x-goog-api-key", "c"),
            ("x-api-key", "b"),
            ("authorization", "bEARER  a "),
        ]);
        assert_eq!(credentials(&map, Some("d")).to_vec(), ["a", "b", "c", "d"]);
        assert_eq!(
            credentials(&headers(&[("authorization", "sk-bare")]), None).to_vec(),
            ["sk-bare"]
        );
        assert!(credentials(&headers(&[("authorization", "Bearer ")]), None).is_empty());
    }

    #[test]
    fn the_refusal_says_what_is_wrong() {
        let code = |text| explain(text).code;
        assert_eq!(code(None), RefusalCode::MissingKey);
        assert_eq!(code(Some("sk-ant-api03-x")), RefusalCode::MalformedKey);
        assert!(explain(Some("sk-abc")).message.contains("cut off"));
    }

    #[test]
    fn strangers_are_slowed_down_by_address() {
        let strangers = Strangers::new(2);
        let (one, other): (IpAddr, IpAddr) =
            ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = UnixMillis::new(1_000_000);
        assert!(strangers.count(one, now).is_ok() && strangers.count(one, now).is_ok());
        assert!(!strangers.exceeded(one, now));
        assert_eq!(strangers.count(one, now.plus(1_000)).unwrap_err().retry_after, Some(59));
        assert!(strangers.exceeded(one, now) && !strangers.exceeded(other, now));
        assert!(!strangers.exceeded(one, now.plus(60_000)));
        assert!(strangers.count(other, now).is_ok());
        assert!(strangers.count(one, now.plus(60_000)).is_ok());
    }
}
