//! From what was asked for to keys that can be stored: owners, groups and templates looked up once
//! each, however many keys name them.

use domain::bill::BillingMethod;
use domain::id::{KeyId, UserId};
use domain::key::{Kind, generate, mask};
use domain::permission::Permissions;
use domain::policy::{KeyPolicy, RateLimits, WhenShort, WindowLimit};
use domain::secret::Secret;
use domain::time::UnixMillis;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use store::api_key::NewApiKey;
use store::user::User;
use store::{StoreError, Transaction};

use super::create::CreateKey;
use super::templates::{TemplateFields, find};
use super::terms::TermsOf;
use crate::access::{Access, KeysWrite};
use crate::problem::Problem;
use crate::state::{App, Reveal};
use crate::wrong::Wrong;

/// What is looked up while keys are made for one request.
pub(super) struct Making<'a> {
    access: &'a Access<KeysWrite>,
    owners: HashMap<UserId, User>,
    templates: HashMap<String, Arc<TemplateFields>>,
    checked_groups: HashSet<(UserId, Vec<String>)>,
}

impl<'a> Making<'a> {
    pub(super) fn new(access: &'a Access<KeysWrite>) -> Self {
        Self {
            access,
            owners: HashMap::new(),
            templates: HashMap::new(),
            checked_groups: HashSet::new(),
        }
    }

    /// The key that is asked for, and its value.
    pub(super) async fn key(&mut self, wanted: CreateKey) -> Result<(NewApiKey, Secret), Problem> {
        let owner = self.owner(wanted.owner).await?;
        let template = match wanted.template {
            Some(name) => Some(self.template(name).await?),
            None => None,
        };
        let template = template.as_deref();
        let from_template = template.and_then(|fields| fields.terms.groups());
        let groups = wanted.terms.groups().or(from_template).unwrap_or_default();
        self.check_groups(owner, groups).await?;
        let value = new_value()?;
        let (now, app) = (self.access.now(), &self.access.app);
        let billing_method = wanted.billing_method.or(template.and_then(|it| it.billing_method));
        let mut key = NewApiKey {
            id: KeyId::new(now, rand::random()),
            owner,
            name: wanted.name.whole(now, app.gateway.ledger.zone()),
            masked: mask(value.expose()),
            digest: app.gateway.hasher.digest(value.expose()),
            policy: defaults(billing_method.unwrap_or(BillingMethod::UsageBased)),
            soft_limit: None,
            tags: Vec::new(),
            metadata: serde_json::Map::new(),
            created_at: now,
        };
        if let Some(template) = template {
            key.policy.expires_at = template.expires_at(now);
            template.terms.clone().apply(terms_of(&mut key));
        }
        wanted.terms.apply(terms_of(&mut key));
        Ok((key, value))
    }

    /// Whose key it will be.
    async fn owner(&mut self, wanted: Option<UserId>) -> Result<UserId, Problem> {
        let owner = wanted.unwrap_or(self.access.principal.user);
        let unknown = || Problem::field("owner", Wrong::OwnerUnknown);
        if self.access.owner().is_some_and(|own| own != owner) {
            return Err(unknown());
        }
        if !self.owners.contains_key(&owner) {
            let user = match self.access.database().user(owner).await {
                Err(StoreError::NotFound) => return Err(unknown()),
                found => found?,
            };
            self.owners.insert(owner, user);
        }
        Ok(owner)
    }

    async fn template(&mut self, name: String) -> Result<Arc<TemplateFields>, Problem> {
        if let Some(known) = self.templates.get(&name) {
            return Ok(Arc::clone(known));
        }
        let found = find(self.access.database(), self.access.principal.user, &name).await?;
        let Some(found) = found else {
            return Err(Problem::field("template", Wrong::NoTemplate { name }));
        };
        let fields = Arc::new(found.fields()?);
        self.templates.insert(name, Arc::clone(&fields));
        Ok(fields)
    }

    async fn check_groups(&mut self, owner: UserId, groups: Vec<String>) -> Result<(), Problem> {
        let asked = (owner, groups);
        if self.checked_groups.contains(&asked) {
            return Ok(());
        }
        if let Some(user) = self.owners.get(&owner) {
            super::owner_groups::check(self.access.database(), user, &asked.1).await?;
        }
        self.checked_groups.insert(asked);
        Ok(())
    }
}

/// A fresh value.
pub(crate) fn new_value() -> Result<Secret, Problem> {
    generate(Kind::Api, &rand::random::<[u8; 96]>())
        .ok_or_else(|| Problem::internal("too few random bytes were usable"))
}

/// Keeps the value of a key sealed, where the deployment does.
pub(crate) async fn seal(
    app: &App,
    transaction: &mut Transaction,
    id: KeyId,
    value: &Secret,
) -> Result<(), Problem> {
    if app.deployment.reveal == Reveal::Sealed {
        transaction.keep_sealed_key(id, &app.gateway.sealer.seal_key(id, value)).await?;
    }
    Ok(())
}

fn terms_of(key: &mut NewApiKey) -> TermsOf<'_> {
    TermsOf {
        policy: &mut key.policy,
        soft_limit: &mut key.soft_limit,
        tags: &mut key.tags,
        metadata: &mut key.metadata,
    }
}

fn defaults(billing_method: BillingMethod) -> KeyPolicy {
    KeyPolicy {
        disabled: false,
        revoked: false,
        expires_at: None,
        permissions: Permissions::FULL,
        billing_method,
        quota: None,
        daily: WindowLimit::default(),
        monthly: WindowLimit::default(),
        rates: RateLimits::default(),
        max_tokens_per_request: None,
        when_short: WhenShort::Lower,
        allowed_models: Box::default(),
        ip_allowlist: Box::default(),
        groups: Box::default(),
    }
}

/// When a key ends that is made now and lives so many seconds.
pub(super) fn ends_after(now: UnixMillis, seconds: i64) -> UnixMillis {
    now.plus(seconds.saturating_mul(1_000))
}
