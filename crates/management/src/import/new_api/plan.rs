//! The whole of what an import makes, from the site and what is here: a function of its arguments.

use domain::key::KeyHasher;
use domain::time::UnixMillis;
use gateway::egress::EgressPolicy;
use store::new_api::{Site, SiteKind};

use super::channels::PlannedChannel;
use super::groups::PlannedGroup;
use super::keys::{PlannedKey, Surroundings, from};
use super::known::Known;
use super::people::PlannedUser;
use super::remarks::{Kind, Remarks};
use super::why::Why;
use super::{Asked, channels, groups, keys, people, prices, units};
use crate::prices::import::ImportReport;

/// What an import makes, and what there is to say of it.
pub(super) struct Plan {
    pub(super) kind: SiteKind,
    pub(super) groups: Vec<PlannedGroup>,
    pub(super) users: Vec<PlannedUser>,
    pub(super) keys: Vec<PlannedKey>,
    pub(super) channels: Vec<PlannedChannel>,
    pub(super) prices: ImportReport,
    pub(super) unpriced: Vec<String>,
    pub(super) remarks: Remarks,
}

/// # Errors
/// Why nothing of the site can be taken over.
pub(super) fn make(
    site: &Site,
    known: &Known,
    hasher: &KeyHasher,
    egress: &EgressPolicy,
    now: UnixMillis,
    asked: &Asked,
) -> Result<Plan, UnreadableUnits> {
    let mut remarks = Remarks::default();
    let units = site.options.get("QuotaPerUnit").map(String::as_str);
    let units_per_usd = units::units_per_usd(units)
        .ok_or_else(|| UnreadableUnits(units.unwrap_or_default().to_owned()))?;
    if site.may_lack_changes {
        remarks.note(Kind::Site, from(site.kind), Why::MayLackChanges);
    }
    let groups = groups::plan(site, known, asked.overwrite, &mut remarks);
    let people = people::plan(site, known, &groups, units_per_usd, &mut remarks);
    let around =
        Surroundings { known, people: &people, groups: &groups, hasher, units_per_usd, now };
    let keys = keys::plan(site, &around, &mut remarks);
    let channels = channels::plan(site, known, &groups, egress, &mut remarks);
    let how = (asked.dry_run, asked.overwrite);
    let prices = prices::plan(site, known, units_per_usd, how, &mut remarks);
    let unpriced = prices::unpriced(&channels, known, &prices);
    Ok(Plan {
        kind: site.kind,
        groups: groups.made,
        users: people.made,
        keys,
        channels,
        prices,
        unpriced,
        remarks,
    })
}

/// What the site counts in is no number, so that no amount can be read.
#[derive(Debug)]
pub(super) struct UnreadableUnits(pub(super) String);

impl Plan {
    /// Whether anything is to be made at all.
    pub(super) fn makes_anything(&self) -> bool {
        !(self.groups.is_empty()
            && self.users.is_empty()
            && self.keys.is_empty()
            && self.channels.is_empty())
            || self.prices.changes().next().is_some()
    }

    /// For the audit log.
    pub(super) fn in_a_few_words(&self, dry_run: bool) -> String {
        format!(
            "{}{}: groups={}, users={}, keys={}, channels={}, prices={}",
            if dry_run { "dry run of " } else { "" },
            from(self.kind),
            self.groups.len(),
            self.users.len(),
            self.keys.len(),
            self.channels.len(),
            self.prices.changes().count()
        )
    }
}
