//! `POST /api/v1/findings/{id}/fix`

use serde::Serialize;
use utoipa::ToSchema;

use super::facts::Scope;
use super::id::FindingId;
use super::judge::{Finding, judge};
use super::period::Period;
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::keys::edit::{EditKey, edit};
use crate::keys::switch::{set_disabled, set_revoked};
use crate::keys::view::KeyView;
use crate::problem::Problem;
use crate::request::body::read;
use crate::request::value::{choice, text};
use crate::request::{Body, Fields, Id, IfMatch, ReadBody};
use crate::wrong::Wrong;

/// Which fix to apply.
#[derive(ToSchema)]
pub(crate) struct FixFinding {
    /// The name of one of the finding's fixes.
    fix: String,
    /// The period that the finding was listed for: `week`, `month` (the default) or `quarter`.
    #[schema(value_type = Option<String>)]
    period: Period,
}

impl ReadBody for FixFinding {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let fix = fields.required("fix", text(1..=64));
        let period = fields.take("period", choice(Period::from_name, Period::NAMES));
        Some(Self { fix: fix?, period: period.unwrap_or_default() })
    }
}

/// A finding that was fixed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FixedFinding {
    /// The finding.
    #[schema(value_type = String)]
    id: FindingId,
    /// What was done.
    #[schema(value_type = String)]
    fix: &'static str,
    /// The key as it is now.
    key: KeyView,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/findings/{id}/fix", handle)
        .about(
            "Findings",
            "Fix a finding",
            "Does what the fix says, as the routes of keys do; in force when answered. The figures are those of this moment.",
        )
        .answers::<FixedFinding>(200, "What was done.")
        .fails(409, "The key no longer has the fault, or was changed at the same time.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<FindingId>,
    body: Body<FixFinding>,
) -> Result<Answer<FixedFinding>, Problem> {
    // There is such a key, and it is theirs.
    access.database().api_key(id.key, access.owner()).await?;
    access.app.gateway.ledger.flush().await;
    let scope = Scope {
        owner: access.owner(),
        key: Some(id.key),
        kind: Some(id.kind),
        period: body.value.period,
        now: access.now(),
    };
    let facts = scope.facts(access.database(), None, 1).await?.pop();
    let found = facts.and_then(|facts| {
        let finding = judge(&facts, &scope).pop();
        finding.map(|finding| (finding, facts.audited.key.version))
    });
    let Some((finding, version)) = found else {
        let detail = "The key no longer has this fault: there is nothing to fix. List the findings again, with the same period.";
        return Err(Problem::conflict("finding_gone", detail));
    };
    let fix = chosen(finding, &body.value.fix)?;
    let key = match (fix.name, fix.change) {
        (_, Some(change)) => {
            let wanted: EditKey = read(change.to_string().as_bytes())?;
            edit(&access, id.key, &IfMatch::of(version), wanted).await?
        }
        ("revoke", None) => set_revoked(&access, id.key, &IfMatch::of(version)).await?,
        _ => set_disabled(&access, id.key, &IfMatch::of(version), true).await?,
    };
    let key = KeyView::of(&access.app, key).await?;
    Ok(Answer::ok(FixedFinding { id, fix: fix.name, key }))
}

fn chosen(finding: Finding, name: &str) -> Result<super::judge::Fix, Problem> {
    let names: Vec<&str> = finding.fixes.iter().map(|fix| fix.name).collect();
    let message = match names.is_empty() {
        true => Wrong::NoFix,
        false => Wrong::one_of(names),
    };
    let fix = finding.fixes.into_iter().find(|fix| fix.name == name);
    fix.ok_or_else(|| Problem::field("fix", message))
}
