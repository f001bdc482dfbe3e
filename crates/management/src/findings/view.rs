//! A finding as answers show it.

use domain::id::{KeyId, UserId};
use domain::time::UnixMillis;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::facts::Facts;
use super::id::FindingId;
use super::judge::Finding;
use super::kind::{Kind, Severity};
use super::words;
use crate::answer::Moment;

/// Something that an audit objects to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    /// What was found, a point, and the key: the same for as long as the key has the fault.
    #[schema(value_type = String)]
    pub(super) id: FindingId,
    /// `unused`, `no_expiry`, `no_ip_allowlist`, `no_limit`, `rotation_overdue`, `many_ips`,
    /// `unusual_spend` or `broad_permissions`.
    #[schema(value_type = String)]
    kind: Kind,
    /// `low`, `medium` or `high`.
    #[schema(value_type = String)]
    severity: Severity,
    /// What it is called.
    title: &'static str,
    /// A sentence with the figures.
    text: String,
    /// The key.
    #[schema(value_type = String)]
    key_id: KeyId,
    /// What its owner calls it.
    key_name: String,
    /// Its value as lists show it.
    key_masked: String,
    /// Whose it is.
    #[schema(value_type = String)]
    owner: UserId,
    /// The figures.
    #[schema(value_type = Object)]
    evidence: Map<String, Value>,
    /// What can be done about it.
    fixes: Vec<FixView>,
    /// Whether it was put aside.
    dismissed: bool,
    /// Until when; null: for good, if at all.
    dismissed_until: Option<Moment>,
}

/// What can be done about a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingFix)]
pub(crate) struct FixView {
    /// `disable`, `revoke`, `set_expiry`, `set_allowlist`, `set_limit` or `narrow_permissions`.
    #[schema(value_type = String)]
    name: &'static str,
    /// What it does.
    #[schema(value_type = String)]
    text: &'static str,
    /// The edit of the key that it is (`PATCH /v1/api-keys/{id}`); null for `disable` and `revoke`.
    #[schema(value_type = Option<Object>)]
    change: Option<Value>,
}

impl FindingView {
    /// Whether it is as grave as this.
    pub(super) fn has(&self, severity: Severity) -> bool {
        self.severity == severity
    }

    /// Whether it was put aside.
    pub(super) const fn is_dismissed(&self) -> bool {
        self.dismissed
    }

    /// A finding about a key.
    pub(super) fn of(facts: &Facts, finding: Finding) -> Self {
        let key = &facts.audited.key;
        let (title, sentence) = words::words(finding.kind);
        let dismissed: Option<&Option<UnixMillis>> = facts.dismissed.get(finding.kind.name());
        let fix = |fix: super::judge::Fix| FixView {
            name: fix.name,
            text: words::fix(fix.name),
            change: fix.change,
        };
        Self {
            id: FindingId { key: key.id, kind: finding.kind },
            kind: finding.kind,
            severity: finding.severity,
            title,
            text: words::filled(sentence, &finding.evidence),
            key_id: key.id,
            key_name: key.name.clone(),
            key_masked: key.masked.clone(),
            owner: key.owner,
            evidence: finding.evidence,
            fixes: finding.fixes.into_iter().map(fix).collect(),
            dismissed: dismissed.is_some(),
            dismissed_until: dismissed.copied().flatten().map(Moment),
        }
    }
}
