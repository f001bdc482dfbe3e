//! Groups: those with a factor in the site's options, and those that anything names; and which of
//! them the site opens to all of its users.

use domain::bill::Multiplier;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use store::new_api::Site;

use super::known::Known;
use super::remarks::{Kind, Remarks};
use super::units::{list, multiplier};
use super::why::Why;
use crate::groups::AUTO;
use crate::groups::set::check_name;

/// Where releases keep which groups are open to users of one group alone.
const SPECIAL: [&str; 2] =
    ["GroupSpecialUsableGroup", "group_ratio_setting.group_special_usable_group"];

/// A group that is made, or gets another factor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlannedGroup {
    pub(super) name: String,
    pub(super) multiplier: Multiplier,
    /// Whether there is none of this name yet.
    pub(super) is_new: bool,
}

/// The groups of the site.
pub(super) struct Groups {
    pub(super) made: Vec<PlannedGroup>,
    usable: BTreeSet<String>,
    /// Those that every user of the site may name for a key.
    open: BTreeSet<String>,
    /// Those that a key with the group `auto` goes through, if its owner may.
    pub(super) auto: Vec<String>,
}

impl Groups {
    /// Whether there is such a group once the import is done.
    pub(super) fn has(&self, name: &str) -> bool {
        self.usable.contains(name)
    }

    /// Whether the site lets keys of a user of this group go through a group that is made.
    pub(super) fn opens(&self, own: Option<&str>, name: &str) -> bool {
        self.has(name) && (own == Some(name) || self.open.contains(name))
    }
}

pub(super) fn plan(site: &Site, known: &Known, overwrite: bool, remarks: &mut Remarks) -> Groups {
    let usable = known.groups.keys().cloned().collect();
    let ratios = ratios(site, remarks);
    let (open, auto) = open(site, ratios.as_ref(), remarks);
    let mut groups = Groups { made: Vec::new(), usable, open, auto };
    let mut names: BTreeSet<&str> =
        ratios.iter().flatten().map(|(name, _)| name.as_str()).collect();
    names.extend(site.users.iter().map(|row| row.text("group").trim()));
    names.extend(site.tokens.iter().map(|row| row.text("group").trim()));
    names.extend(site.channels.iter().flat_map(|row| list(row.text("group"))));
    for name in names {
        if name.is_empty() || name == AUTO {
            continue;
        }
        if check_name(name).is_err() || name.chars().any(char::is_control) {
            let why = Why::GroupName;
            remarks.leave_out(Kind::Group, name, why);
            continue;
        }
        let Some(ratios) = &ratios else {
            match known.groups.contains_key(name) {
                true => remarks.exists(Kind::Group, name),
                false => remarks.leave_out(Kind::Group, name, Why::FactorUnreadable),
            }
            continue;
        };
        let factor = match ratios.get(name).map(|raw| multiplier(raw.get())) {
            Some(Some((factor, cut))) => {
                if cut {
                    remarks.note(Kind::Group, name, Why::FactorCut);
                }
                factor
            }
            Some(None) => {
                let why = Why::FactorOutOfRange;
                remarks.leave_out(Kind::Group, name, why);
                continue;
            }
            None => {
                if !known.groups.contains_key(name) {
                    remarks.note(Kind::Group, name, Why::NoFactor);
                }
                known.groups.get(name).copied().unwrap_or(Multiplier::ONE)
            }
        };
        match known.groups.get(name) {
            Some(here) if *here == factor => remarks.exists(Kind::Group, name),
            Some(_) if !overwrite => {
                remarks.exists(Kind::Group, name);
                let why = Why::OtherFactor;
                remarks.note(Kind::Group, name, why);
            }
            here => groups.made.push(PlannedGroup {
                name: name.to_owned(),
                multiplier: factor,
                is_new: here.is_none(),
            }),
        }
        groups.usable.insert(name.to_owned());
    }
    let special = site.options.get("GroupGroupRatio").map_or("", |text| text.trim());
    if !matches!(special, "" | "{}" | "null") {
        let why = Why::FactorsBetweenGroups;
        remarks.note(Kind::Site, "GroupGroupRatio", why);
    }
    groups
}

type Ratios = BTreeMap<String, Box<RawValue>>;

/// The factors that the site has set; none if they cannot be read.
fn ratios(site: &Site, remarks: &mut Remarks) -> Option<Ratios> {
    let Some(text) = site.options.get("GroupRatio") else { return Some(Ratios::new()) };
    let read = serde_json::from_str(text).ok();
    if read.is_none() {
        let why = Why::RatiosUnreadable;
        remarks.note(Kind::Site, "GroupRatio", why);
    }
    read
}

/// The groups that are open to all, and those behind `auto`. What was never set is as it is built in.
fn open(
    site: &Site,
    ratios: Option<&Ratios>,
    remarks: &mut Remarks,
) -> (BTreeSet<String>, Vec<String>) {
    let named: Option<BTreeMap<String, IgnoredAny>> = option(site, "UserUsableGroups", remarks);
    let mut named: BTreeSet<String> = match named {
        Some(named) => named.into_keys().collect(),
        None => ["default", "vip"].map(str::to_owned).into(),
    };
    let auto = match named.contains(AUTO) {
        true => option(site, "AutoGroups", remarks).unwrap_or_else(|| vec!["default".to_owned()]),
        false => Vec::new(),
    };
    for special in SPECIAL {
        let text = site.options.get(special).map_or("", |text| text.trim());
        if !matches!(text, "" | "{}" | "null") {
            let why = Why::SpecialGroups;
            remarks.note(Kind::Site, special, why);
            named.clear();
        }
    }
    let is_set = site.options.contains_key("GroupRatio");
    named.retain(|name| match (is_set, ratios) {
        (true, Some(ratios)) => ratios.contains_key(name),
        (true, None) => true,
        (false, _) => ["default", "vip", "svip"].contains(&name.as_str()),
    });
    (named, auto)
}

/// What an option says: none if it was never set, nothing if it cannot be read.
fn option<T: Default + DeserializeOwned>(
    site: &Site,
    name: &str,
    remarks: &mut Remarks,
) -> Option<T> {
    let text = site.options.get(name)?;
    Some(serde_json::from_str(text).unwrap_or_else(|_| {
        remarks.note(Kind::Site, name, Why::OpensNoGroup);
        T::default()
    }))
}
