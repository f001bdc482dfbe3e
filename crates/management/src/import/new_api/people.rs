//! Users: with their balance, role and groups, and without a password, for theirs is hashed in a way
//! that is not ours.

use domain::id::UserId;
use domain::money::Nanos;
use domain::user::{Credit, Role, Tier};
use std::collections::{BTreeSet, HashMap, HashSet};
use store::group::DEFAULT_GROUP;
use store::new_api::{Site, SiteRow};
use store::user::User;

use super::groups::Groups;
use super::known::{Known, imported_id};
use super::remarks::{Kind, Remarks};
use super::units::{UnitsPerUsd, name, parts, status, usd};
use super::why::Why;
use crate::groups::AUTO;
use crate::request::Value;
use crate::users::fields::email;

/// A user who is made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlannedUser {
    pub(super) id: UserId,
    /// The site's number, for the ledger's note.
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) role: Role,
    pub(super) tier: Tier,
    pub(super) groups: Vec<String>,
    pub(super) balance: Nanos,
    pub(super) disabled: bool,
}

/// Who owns a key, whether they are made or here already.
pub(super) struct Holder {
    pub(super) id: UserId,
    pub(super) name: String,
    /// The group of the site that they are in.
    pub(super) group: String,
    /// Whether that group is not made, and another stands for it.
    pub(super) lost: bool,
    /// The groups that are open to them here.
    pub(super) groups: Vec<String>,
}

impl Holder {
    /// Their own group of the site, if it is here.
    pub(super) fn own(&self) -> Option<&str> {
        (!self.lost).then_some(self.group.as_str())
    }
}

/// The users of the site.
#[derive(Default)]
pub(super) struct People {
    pub(super) made: Vec<PlannedUser>,
    /// By the site's number.
    pub(super) holders: HashMap<i64, Holder>,
}

/// What is counted of each user's keys before users are made.
#[derive(Default)]
struct OfKeys<'s> {
    count: i64,
    groups: BTreeSet<&'s str>,
}

pub(super) fn plan(
    site: &Site,
    known: &Known,
    groups: &Groups,
    units_per_usd: UnitsPerUsd,
    remarks: &mut Remarks,
) -> People {
    let mut of_keys: HashMap<i64, OfKeys<'_>> = HashMap::new();
    for row in site.tokens.iter().filter(|row| !row.has("deleted_at")) {
        let of_keys = of_keys.entry(row.number("user_id").unwrap_or_default()).or_default();
        of_keys.count += 1;
        of_keys.groups.insert(row.text("group").trim());
    }
    let mut people = People::default();
    let mut emails = HashSet::new();
    for row in &site.users {
        let number = row.number("id").unwrap_or_default();
        let called = name(row.text("username"), || format!("user {number}"));
        if row.has("deleted_at") {
            remarks.leave_out(Kind::User, &called, Why::UserDeleted);
            continue;
        }
        let (group, lost) = group_of(row, &called, groups, remarks);
        let role = role(row);
        let mail = mail(row, &called, remarks);
        let by_email = mail.as_ref().and_then(|mail| known.by_email.get(mail));
        let here = known
            .imported
            .get(&imported_id(row))
            .or_else(|| by_email.filter(|user| may_join(user, role)));
        if let Some(user) = here {
            remarks.exists(Kind::User, &called);
            if !known.imported.contains_key(&user.id) {
                let why = Why::Joined { name: user.name.clone() };
                remarks.note(Kind::User, &called, why);
            }
            let (id, name, groups) = (user.id, user.name.clone(), user.groups.clone());
            people.holders.insert(number, Holder { id, name, group, lost, groups });
            continue;
        }
        let nothing = OfKeys::default();
        let of_keys = of_keys.get(&number).unwrap_or(&nothing);
        let mail = mail.filter(|mail| {
            let free = by_email.is_none() && emails.insert(mail.clone());
            if !free {
                let why = Why::EmailTaken;
                remarks.note(Kind::User, &called, why);
            }
            free
        });
        let mut open = vec![group.clone()];
        let own = (!lost).then_some(group.as_str());
        let auto = groups.auto.iter().filter(|_| of_keys.groups.contains(AUTO));
        let theirs = of_keys.groups.iter().copied().chain(auto.map(String::as_str));
        // What a key names is theirs only if the site let the key go there.
        for more in theirs.filter(|more| groups.opens(own, more)) {
            if !open.iter().any(|it| it == more) {
                open.push(more.to_owned());
            }
        }
        let user = PlannedUser {
            id: imported_id(row),
            number,
            email: mail,
            role,
            tier: tier(known, of_keys.count),
            groups: open.clone(),
            balance: balance(row, &called, units_per_usd, remarks),
            disabled: status(row) != 1,
            name: called.clone(),
        };
        let holder = Holder { id: user.id, name: called, group, lost, groups: open };
        people.holders.insert(number, holder);
        people.made.push(user);
    }
    people
}

/// Whether somebody of the site with this role may be taken for a user here who has the same address.
/// An address alone gives nobody more than they had.
fn may_join(user: &User, role: Role) -> bool {
    let rank = |role| match role {
        Role::Owner => 2,
        Role::Admin => 1,
        Role::Member => 0,
    };
    rank(role) >= rank(user.role) && (user.credit == Credit::Balance || role == Role::Owner)
}

/// The group that they are in here, and whether that is another than there.
fn group_of(row: &SiteRow, called: &str, groups: &Groups, remarks: &mut Remarks) -> (String, bool) {
    let group = row.text("group").trim();
    if groups.has(group) {
        return (group.to_owned(), false);
    }
    if !group.is_empty() {
        let (group, instead) = (group.to_owned(), DEFAULT_GROUP);
        remarks.note(Kind::User, called, Why::UserGroupMissing { group, instead });
    }
    (DEFAULT_GROUP.to_owned(), !group.is_empty())
}

fn role(row: &SiteRow) -> Role {
    match row.number("role").unwrap_or_default() {
        100.. => Role::Owner,
        10..100 => Role::Admin,
        _ => Role::Member,
    }
}

/// The address in lower case, if it is one.
fn mail(row: &SiteRow, called: &str, remarks: &mut Remarks) -> Option<String> {
    let text = row.text("email").trim();
    if text.is_empty() {
        return None;
    }
    let json = serde_json::to_string(text).ok()?;
    match Value::of(&json).and_then(email) {
        Ok(mail) => Some(mail.to_lowercase()),
        Err(_) => {
            remarks.note(Kind::User, called, Why::EmailInvalid);
            None
        }
    }
}

/// The smallest tier that allows as many keys as they have.
fn tier(known: &Known, keys: i64) -> Tier {
    let allows = |tier: &Tier| {
        let limit = known.tiers.iter().find(|(it, _)| it == tier).and_then(|(_, limit)| *limit);
        limit.is_none_or(|limit| keys <= limit)
    };
    Tier::ALL.into_iter().find(allows).unwrap_or(Tier::Enterprise)
}

fn balance(
    row: &SiteRow,
    called: &str,
    units_per_usd: UnitsPerUsd,
    remarks: &mut Remarks,
) -> Nanos {
    let units = row.number("quota").unwrap_or_default();
    match usd(units, units_per_usd) {
        Some(amount) if amount >= Nanos::ZERO => amount,
        Some(amount) => {
            let why = Why::BalanceNegative { amount: amount.to_string() };
            remarks.note(Kind::User, called, why);
            Nanos::ZERO
        }
        None => {
            let why = Why::BalanceTooLarge;
            remarks.note(Kind::User, called, why);
            Nanos::ZERO
        }
    }
}

/// The groups that a list with commas names and that are made.
pub(super) fn usable<'t>(text: &'t str, groups: &Groups) -> Vec<&'t str> {
    parts(text, &[',']).into_iter().filter(|name| groups.has(name)).collect()
}
