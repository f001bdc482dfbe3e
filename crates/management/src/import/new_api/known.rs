//! What is here before an import.

use domain::bill::Multiplier;
use domain::id::UserId;
use domain::key::{KeyDigest, KeyHasher};
use domain::price::Price;
use domain::time::UnixMillis;
use domain::user::Tier;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::new_api::{Site, SiteRow};
use store::user::User;
use store::{Database, StoreError};

use super::keys::value;

/// Keys that are looked up at once.
const AT_ONCE: usize = 1_000;

/// What an import has to know of what is here.
#[derive(Default)]
pub(super) struct Known {
    pub(super) groups: BTreeMap<String, Multiplier>,
    pub(super) channels: BTreeSet<String>,
    pub(super) prices: BTreeMap<String, Price>,
    /// How many keys a tier allows.
    pub(super) tiers: Vec<(Tier, Option<i64>)>,
    /// Users of the site that an earlier import made.
    pub(super) imported: HashMap<UserId, User>,
    /// Users here with an address of the site's, in lower case.
    pub(super) by_email: HashMap<String, User>,
    /// The values of the site that are a key's here, or were.
    pub(super) values: HashSet<KeyDigest>,
}

impl Known {
    pub(super) async fn of(
        database: &Database,
        site: &Site,
        hasher: &KeyHasher,
    ) -> Result<Self, StoreError> {
        let prices = database.current_prices().await?.into_iter();
        let mut known = Self {
            groups: database
                .groups()
                .await?
                .into_iter()
                .map(|it| (it.name, it.multiplier))
                .collect(),
            channels: database.channels().await?.into_iter().map(|it| it.name).collect(),
            prices: prices.filter_map(|it| Some((it.model, it.price?))).collect(),
            tiers: database.tiers().await?.into_iter().map(|it| (it.tier, it.key_limit)).collect(),
            ..Self::default()
        };
        for row in &site.users {
            match database.user(imported_id(row)).await {
                Ok(user) => drop(known.imported.insert(user.id, user)),
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
            let email = row.text("email").trim().to_lowercase();
            if !email.is_empty()
                && let Some(user) = database.user_by_email(&email).await?
            {
                known.by_email.insert(email, user);
            }
        }
        let digests: Vec<KeyDigest> = site
            .tokens
            .iter()
            .filter_map(|row| Some(hasher.digest(value(row)?.expose())))
            .collect();
        for some in digests.chunks(AT_ONCE) {
            known.values.extend(database.used_digests(some).await?);
        }
        Ok(known)
    }
}

/// The id that a user of a site has here: always the same, so that a second import knows them again.
pub(super) fn imported_id(row: &SiteRow) -> UserId {
    let number = row.number("id").unwrap_or_default();
    let told = format!("new-api user\n{number}\n{}", row.text("username"));
    let mut random = [0; 10];
    for (slot, byte) in random.iter_mut().zip(Sha256::digest(told.as_bytes())) {
        *slot = byte;
    }
    UserId::new(UnixMillis::new(0), random)
}
