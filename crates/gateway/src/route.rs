//! Stage 3: which model is meant, what it costs, and which channels could serve it.

use domain::bill::{Multiplier, Tariff};
use domain::dialect::Dialect;
use domain::refusal::{Refusal, RefusalCode};
use domain::routing::{self, Candidate};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::authenticate::Authenticated;
use crate::catalog::{Catalog, ChannelEntry, PricedModel};
use crate::directory::UserRights;
use crate::endpoint::Operation;
use crate::gateway::Gateway;

/// One channel that could serve a call.
#[derive(Clone)]
pub struct Route {
    /// The channel.
    pub channel: Arc<ChannelEntry>,
    /// The wire format that it is asked in.
    pub dialect: Dialect,
    /// What it calls the model.
    pub upstream_model: Arc<str>,
    /// The group through which it is reached.
    pub group: Arc<str>,
    /// The group's factor.
    pub multiplier: Multiplier,
}

/// A call of which it is known what may serve it and at what price.
pub struct Routed {
    /// Whose call it is.
    pub authenticated: Authenticated,
    /// The model that was asked for.
    pub model: Arc<str>,
    /// Its price in force.
    pub priced: Arc<PricedModel>,
    /// What the call is charged by.
    pub tariff: Tariff,
    /// The channels to try, in order; at least one.
    pub routes: Vec<Route>,
    /// The dearest factor among them.
    pub multiplier: Multiplier,
}

/// More channels than this are not tried for one call.
const MOST_ROUTES: usize = 8;

/// Finds the channels for a model.
///
/// # Errors
/// The refusal to answer with.
pub fn route(
    gateway: &Gateway,
    authenticated: Authenticated,
    operation: &Operation,
    model: &str,
    session: Option<&str>,
) -> Result<Routed, Refusal> {
    let catalog = gateway.catalog.load();
    let (model, priced, tariff, routes) =
        find(&catalog, &authenticated, operation, model, session)?;
    let multiplier = routes.iter().map(|route| route.multiplier).max().unwrap_or(Multiplier::ONE);
    Ok(Routed { authenticated, model, priced, tariff, routes, multiplier })
}

type Found = (Arc<str>, Arc<PricedModel>, Tariff, Vec<Route>);

fn find(
    catalog: &Catalog,
    call: &Authenticated,
    operation: &Operation,
    model: &str,
    session: Option<&str>,
) -> Result<Found, Refusal> {
    let policy = &call.key.policy;
    if !policy.allows_model(model) {
        let message = format!(
            "This key may not call {model:?}. Its owner can add the model to the key's allowed models."
        );
        return Err(Refusal::new(RefusalCode::ModelNotAllowed, message).at("model"));
    }
    let rights = call.key.owner.rights();
    let groups = groups(call, &rights)?;
    let offering = catalog.offering(model);
    let reachable = |group: &&str| offering.iter().any(|channel| channel.is_in(group));
    if !groups.iter().any(reachable) {
        let message = format!(
            "No channel offers the model {model:?} to this key. GET /v1/models lists what it can call."
        );
        return Err(Refusal::new(RefusalCode::ModelNotFound, message).at("model"));
    }
    let open = || offering.iter().filter(|channel| groups.iter().any(|g| channel.is_in(g)));
    if open().all(|channel| channel.dialect_for(operation).is_none()) {
        return Err(unsupported(operation, model, open().map(|channel| &**channel)));
    }
    let priced = catalog.price(model);
    let tariff = priced.and_then(|priced| Tariff::of(&priced.price, policy.billing_method));
    let (Some(priced), Some(tariff)) = (priced, tariff) else {
        let message = format!(
            "The model {model:?} has no price for this key's billing method ({}). The operator can set one.",
            policy.billing_method.name()
        );
        return Err(Refusal::new(RefusalCode::ModelNotPriced, message).at("model"));
    };
    let mut name = None;
    let mut routes: Vec<Route> = Vec::with_capacity(offering.len().min(MOST_ROUTES));
    for group in groups {
        let Some((group, multiplier)) = catalog.group(group) else { continue };
        for (channel, dialect) in in_order(offering, group, operation, call, session) {
            let known = routes.iter().any(|route| Arc::ptr_eq(&route.channel, channel));
            let mapped = channel.models.get_key_value(model).filter(|_| !known);
            let Some((model, upstream_model)) = mapped else { continue };
            name.get_or_insert(model);
            routes.push(Route {
                channel: Arc::clone(channel),
                dialect,
                upstream_model: Arc::clone(upstream_model),
                group: Arc::clone(group),
                multiplier,
            });
        }
    }
    routes.truncate(MOST_ROUTES);
    let Some(name) = name else {
        let message = format!("No channel can serve {model:?} at present. Try again in a moment.");
        return Err(Refusal::new(RefusalCode::NoChannel, message).retry_after(5));
    };
    Ok((Arc::clone(name), Arc::clone(priced), tariff, routes))
}

/// What is asked for has no word in any dialect that the model's channels speak: a matter of the
/// model, not of the moment.
fn unsupported<'c>(
    operation: &Operation,
    model: &str,
    channels: impl Iterator<Item = &'c ChannelEntry>,
) -> Refusal {
    let spoken: BTreeSet<&str> =
        channels.flat_map(|channel| &channel.dialects).map(|dialect| dialect.name()).collect();
    let spoken: Vec<&str> = spoken.into_iter().collect();
    let message = format!(
        "The model {model:?} cannot be called by {}: its channels speak {}, which has nothing alike. Use another route or another model.",
        operation.route(),
        spoken.join(", ")
    );
    Refusal::new(RefusalCode::OperationNotSupported, message).at("model")
}

/// The groups that a key routes through, in order: its own, else its owner's.
fn groups<'r>(
    call: &Authenticated,
    owners: &'r UserRights,
) -> Result<SmallVec<[&'r str; 4]>, Refusal> {
    let own = &call.key.policy.groups;
    if own.is_empty() || own.iter().any(|group| &**group == "auto") {
        return Ok(owners.groups.iter().map(String::as_str).collect());
    }
    let open: SmallVec<[&str; 4]> = own
        .iter()
        .filter_map(|group| owners.groups.iter().find(|o| **o == **group))
        .map(String::as_str)
        .collect();
    if open.is_empty() {
        let message =
            format!("The group {:?} of this key is not open to its owner.", own.join(", "));
        return Err(Refusal::new(RefusalCode::GroupNotAllowed, message));
    }
    Ok(open)
}

/// A channel and the dialect in which it would be asked.
type Spoken<'c> = (&'c Arc<ChannelEntry>, Dialect);

/// The channels of a group in the order in which they are tried.
///
/// A session keeps to its channel as long as that is well, because the upstream's prompt cache is
/// there: the "random" numbers then come from the session and the channel alone.
fn in_order<'c>(
    offering: &'c [Arc<ChannelEntry>],
    group: &str,
    operation: &Operation,
    call: &Authenticated,
    session: Option<&str>,
) -> impl Iterator<Item = Spoken<'c>> {
    let now = call.received.at;
    let mut candidates: SmallVec<[Candidate<Spoken<'c>>; 4]> = offering
        .iter()
        .filter(|channel| channel.is_in(group))
        .filter_map(|channel| Some((channel, channel.dialect_for(operation)?)))
        .map(|(channel, dialect)| {
            let health =
                channel.secrets.iter().map(|secret| secret.health.score(now)).fold(0.0, f64::max);
            let (priority, weight) = (channel.priority, channel.weight);
            Candidate { channel: (channel, dialect), priority, weight, health }
        })
        .collect();
    if candidates.len() > 1 {
        match session {
            None => routing::order(&mut candidates, rand::random::<f64>),
            Some(session) => {
                // Drawn in the order of the ids, so that each channel always gets the same number.
                candidates.sort_by_key(|candidate| {
                    (std::cmp::Reverse(candidate.priority), candidate.channel.0.id)
                });
                let mut drawn = candidates
                    .iter()
                    .map(|c| fraction(&(call.key.id, session, c.channel.0.id)))
                    .collect::<Vec<_>>()
                    .into_iter();
                routing::order(&mut candidates, || drawn.next().unwrap_or(0.5));
            }
        }
    }
    // Among equals, who speaks the caller's dialect comes before who must be translated to.
    let own = operation.dialect();
    candidates.sort_by_key(|candidate| {
        (std::cmp::Reverse(candidate.priority), candidate.channel.1 != own)
    });
    candidates.into_iter().map(|candidate| candidate.channel)
}

/// A number in 0 ≤ x < 1 that depends on its argument alone, in this process and every other.
fn fraction(subject: &impl Hash) -> f64 {
    let mut hasher = std::hash::DefaultHasher::new();
    subject.hash(&mut hasher);
    let high_bits = hasher.finish() >> 11;
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    let fraction = high_bits as f64 / (1_u64 << 53) as f64;
    fraction
}
