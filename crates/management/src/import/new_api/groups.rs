//! Groups: those with a factor in the site's options, and those that anything names.

use domain::bill::Multiplier;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use store::new_api::Site;

use super::known::Known;
use super::remarks::{Kind, Remarks};
use super::units::{list, multiplier};
use crate::groups::AUTO;
use crate::groups::set::check_name;

/// A group that is made, or gets another factor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlannedGroup {
    pub(super) name: String,
    pub(super) multiplier: Multiplier,
}

/// The groups of the site.
pub(super) struct Groups {
    pub(super) made: Vec<PlannedGroup>,
    usable: BTreeSet<String>,
}

impl Groups {
    /// Whether there is such a group once the import is done.
    pub(super) fn has(&self, name: &str) -> bool {
        self.usable.contains(name)
    }
}

pub(super) fn plan(site: &Site, known: &Known, overwrite: bool, remarks: &mut Remarks) -> Groups {
    let mut groups = Groups { made: Vec::new(), usable: known.groups.keys().cloned().collect() };
    let ratios = ratios(site, remarks);
    let mut names: BTreeSet<&str> = ratios.keys().map(String::as_str).collect();
    names.extend(site.users.iter().map(|row| row.text("group").trim()));
    names.extend(site.tokens.iter().map(|row| row.text("group").trim()));
    names.extend(site.channels.iter().flat_map(|row| list(row.text("group"))));
    for name in names {
        if name.is_empty() || name == AUTO {
            continue;
        }
        if check_name(name).is_err() || name.chars().any(char::is_control) {
            let why = "Its name cannot be one here: at most 64 characters, without commas, quotes and slashes.";
            remarks.leave_out(Kind::Group, name, why);
            continue;
        }
        let factor = match ratios.get(name).map(|raw| multiplier(raw.get())) {
            Some(Some((factor, cut))) => {
                if cut {
                    remarks.note(Kind::Group, name, "Its factor is cut to six digits.");
                }
                factor
            }
            Some(None) => {
                let why = "Its factor is not one from 0 to 1000. Make the group by hand, and import again.";
                remarks.leave_out(Kind::Group, name, why);
                continue;
            }
            None => {
                if !known.groups.contains_key(name) {
                    remarks.note(Kind::Group, name, "The site has no factor for it: it is 1.");
                }
                known.groups.get(name).copied().unwrap_or(Multiplier::ONE)
            }
        };
        match known.groups.get(name) {
            Some(here) if *here == factor => remarks.exists(Kind::Group, name),
            Some(_) if !overwrite => {
                remarks.exists(Kind::Group, name);
                let why = "It has another factor here, which stays. Import with overwrite to have the site's.";
                remarks.note(Kind::Group, name, why);
            }
            _ => groups.made.push(PlannedGroup { name: name.to_owned(), multiplier: factor }),
        }
        groups.usable.insert(name.to_owned());
    }
    let special = site.options.get("GroupGroupRatio").map_or("", |text| text.trim());
    if !matches!(special, "" | "{}" | "null") {
        let why = "Factors of its own for users of one group in another group are not taken over: there are none here.";
        remarks.note(Kind::Site, "GroupGroupRatio", why);
    }
    groups
}

fn ratios(site: &Site, remarks: &mut Remarks) -> BTreeMap<String, Box<RawValue>> {
    let Some(text) = site.options.get("GroupRatio") else { return BTreeMap::new() };
    serde_json::from_str(text).unwrap_or_else(|_| {
        remarks.note(Kind::Site, "GroupRatio", "The option cannot be read: every factor is 1.");
        BTreeMap::new()
    })
}
