//! Channels: kind, address, secrets, models, groups. What has no counterpart here is said, and a
//! channel that would go out another way than it did is made switched off.

use domain::secret::Secret;
use gateway::egress::EgressPolicy;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use store::channel::{ChannelSettings, ModelMapping};
use store::new_api::{Site, SiteKind, SiteRow};

use super::groups::Groups;
use super::keys::from;
use super::kinds::{Service, service};
use super::known::Known;
use super::people::usable;
use super::remarks::{Kind, Remarks};
use super::units::{list, name, status};
use super::why::Why;
use crate::channels::address::Address;
use crate::channels::models::check;

/// The most secrets, and the most bytes of one.
const MOST_SECRETS: usize = 100;
const LONGEST_SECRET: usize = 8_192;
/// The most models.
const MOST_MODELS: usize = 5_000;
/// Sent to services that want no secret.
const NO_SECRET: &str = "none";

/// A channel that is made.
pub(super) struct PlannedChannel {
    pub(super) name: String,
    pub(super) provider: &'static str,
    pub(super) base_url: String,
    /// Scheme, host and port: what the secrets are sealed for.
    pub(super) origin: String,
    pub(super) secrets: Vec<Secret>,
    pub(super) models: Vec<ModelMapping>,
    pub(super) groups: Vec<String>,
    pub(super) priority: i64,
    pub(super) weight: u32,
    pub(super) settings: ChannelSettings,
    pub(super) disabled: bool,
}

pub(super) fn plan(
    site: &Site,
    known: &Known,
    groups: &Groups,
    egress: &EgressPolicy,
    remarks: &mut Remarks,
) -> Vec<PlannedChannel> {
    let mut made = Vec::new();
    let mut names = BTreeSet::new();
    for row in &site.channels {
        let number = row.number("id").unwrap_or_default();
        let mut called = name(row.text("name"), || format!("channel {number}"));
        // Names are unique here; the first of a name keeps it, now and at the next import.
        let short: String = called.chars().take(70).collect();
        let mut again = 1;
        while !names.insert(called.clone()) {
            called = match again {
                1 => format!("{short} #{number}"),
                again => format!("{short} #{number}.{again}"),
            };
            again += 1;
        }
        if known.channels.contains(&called) {
            remarks.exists(Kind::Channel, &called);
            continue;
        }
        match channel(site.kind, row, &called, groups, egress, remarks) {
            Ok(channel) => made.push(channel),
            Err(why) => remarks.leave_out(Kind::Channel, &called, why),
        }
    }
    made
}

fn channel(
    kind: SiteKind,
    row: &SiteRow,
    called: &str,
    groups: &Groups,
    egress: &EgressPolicy,
    remarks: &mut Remarks,
) -> Result<PlannedChannel, Why> {
    let number = row.number("type").unwrap_or_default();
    let service =
        service(kind, number).ok_or_else(|| Why::ChannelType { number: number.to_string() })?;
    let address = address(service, row.text("base_url"))?;
    address.check(egress).map_err(|problem| {
        let reason = match problem.into_fields() {
            Ok(errors) => errors.into_iter().map(|error| error.message).collect(),
            Err(_) => "Its address is not allowed.".to_owned(),
        };
        Why::AddressRefused { url: address.text.clone(), reason }
    })?;
    let secrets = secrets(row, service, called, remarks)?;
    let models = models(row, kind, called, remarks)?;
    let open = usable(row.text("group"), groups);
    if open.is_empty() {
        return Err(Why::ChannelGroupsMissing);
    }
    let elsewhere =
        service.provider == "openai" && address.origin() != "https://api.openai.com:443";
    let has_proxy = setting(row, "proxy").is_some_and(|proxy| proxy != "");
    if has_proxy {
        let why = Why::Proxy;
        remarks.note(Kind::Channel, called, why);
    }
    let status = status(row);
    if status != 1 && status != 2 {
        let why = Why::SwitchedOffThere;
        remarks.note(Kind::Channel, called, why);
    }
    if service.provider == "azure-openai" {
        let why = Why::Deployments;
        remarks.note(Kind::Channel, called, why);
    }
    unlike(row, called, remarks);
    let settings = ChannelSettings {
        ask_usage: service.ask_usage,
        tags: vec![from(kind).to_owned()],
        ..ChannelSettings::default()
    };
    Ok(PlannedChannel {
        name: called.to_owned(),
        provider: if elsewhere { "openai-compatible" } else { service.provider },
        origin: address.origin(),
        base_url: address.text,
        secrets,
        models,
        groups: open.into_iter().map(ToOwned::to_owned).collect(),
        priority: row.number("priority").unwrap_or_default().clamp(-1_000_000, 1_000_000),
        // A weight of 0 still has its turn there.
        weight: u32::try_from(row.number("weight").unwrap_or_default().clamp(1, 1_000_000))
            .unwrap_or(1),
        settings,
        disabled: status != 1 || has_proxy,
    })
}

fn address(service: Service, own: &str) -> Result<Address, Why> {
    let own = own.trim().trim_end_matches('/');
    let own = own.strip_suffix("/chat/completions").unwrap_or(own);
    let base = if own.is_empty() { service.base_url } else { own };
    if base.is_empty() {
        return Err(Why::NoAddress);
    }
    let unusable = || Why::AddressUnusable { url: base.to_owned() };
    // new-api puts the model's name there.
    if base.contains(['{', '}']) {
        return Err(unusable());
    }
    let address = Address::parse(base.to_owned()).map_err(|_| unusable())?;
    // The site adds the path itself, unless the channel has one.
    let bare = base.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
    if service.path.is_empty() || !bare {
        return Ok(address);
    }
    Address::parse(format!("{base}{}", service.path)).map_err(|_| unusable())
}

fn secrets(
    row: &SiteRow,
    service: Service,
    called: &str,
    remarks: &mut Remarks,
) -> Result<Vec<Secret>, Why> {
    let lines = super::units::parts(row.text("key"), &['\n', '\r']);
    if lines.is_empty() && !service.needs_secret {
        return Ok(vec![Secret::new(NO_SECRET.to_owned())]);
    }
    let sound = |line: &&str| {
        line.len() <= LONGEST_SECRET && line.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let count = lines.len();
    let secrets: Vec<Secret> = lines
        .into_iter()
        .filter(sound)
        .take(MOST_SECRETS)
        .map(|line| Secret::new(line.to_owned()))
        .collect();
    if secrets.is_empty() {
        return Err(Why::NoSecret);
    }
    if secrets.len() < count {
        let (taken, count) = (secrets.len().to_string(), count.to_string());
        let why = Why::SomeSecrets { taken, count };
        remarks.note(Kind::Channel, called, why);
    }
    Ok(secrets)
}

fn models(
    row: &SiteRow,
    kind: SiteKind,
    called: &str,
    remarks: &mut Remarks,
) -> Result<Vec<ModelMapping>, Why> {
    let text = row.text("model_mapping").trim();
    let map: BTreeMap<String, String> = match text {
        "" => BTreeMap::new(),
        text => serde_json::from_str(text).unwrap_or_else(|_| {
            let why = Why::MappingUnreadable;
            remarks.note(Kind::Channel, called, why);
            BTreeMap::new()
        }),
    };
    let all = list(row.text("models"));
    let count = all.len();
    let mapping = |name: &str| {
        let upstream = upstream(&map, name, kind);
        ModelMapping { name: name.to_owned(), upstream: upstream.to_owned() }
    };
    let models: Vec<ModelMapping> = all
        .into_iter()
        .map(mapping)
        .filter(|model| check(&model.name).is_ok() && check(&model.upstream).is_ok())
        .take(MOST_MODELS)
        .collect();
    if models.is_empty() {
        return Err(Why::NoModel);
    }
    if models.len() < count {
        let (taken, count) = (models.len().to_string(), count.to_string());
        let why = Why::SomeModels { taken, count };
        remarks.note(Kind::Channel, called, why);
    }
    Ok(models)
}

/// What the upstream calls a model. new-api follows a name from entry to entry.
fn upstream<'m>(map: &'m BTreeMap<String, String>, name: &'m str, kind: SiteKind) -> &'m str {
    let mut now = name;
    let mut seen = BTreeSet::from([name]);
    while let Some(next) = map.get(now).map(|next| next.trim()).filter(|next| !next.is_empty()) {
        now = next;
        if kind == SiteKind::OneApi || !seen.insert(now) {
            break;
        }
    }
    now
}

/// A member of new-api's further settings.
fn setting(row: &SiteRow, name: &str) -> Option<Value> {
    let members: Map<String, Value> = serde_json::from_str(row.text("setting")).ok()?;
    members.get(name).cloned()
}

/// Says which of its settings have no counterpart.
fn unlike(row: &SiteRow, called: &str, remarks: &mut Remarks) {
    let columns = [
        ("param_override", Why::ParametersLost),
        ("header_override", Why::HeadersLost),
        ("status_code_mapping", Why::StatusCodesLost),
    ];
    let is_set = |column: &str| !matches!(row.text(column).trim(), "" | "{}" | "null");
    for (_, lost) in columns.into_iter().filter(|(column, _)| is_set(column)) {
        remarks.note(Kind::Channel, called, lost);
    }
    let further = setting(row, "system_prompt").is_some_and(|prompt| prompt != "");
    if is_set("system_prompt") || further {
        remarks.note(Kind::Channel, called, Why::SystemPromptLost);
    }
}
