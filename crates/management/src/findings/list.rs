//! `GET /api/v1/findings`

use domain::id::{KeyId, UserId};
use std::time::{Duration, Instant};

use super::facts::Scope;
use super::id::FindingId;
use super::judge::judge;
use super::kind::{Kind, Severity};
use super::period::Period;
use super::view::FindingView;
use crate::access::{Access, KeysRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// So many keys are read at once, at first and at most: more, as long as that was quick.
const FIRST_KEYS: u32 = 16;
const MOST_KEYS: u32 = 256;
const QUICK: Duration = Duration::from_millis(8);
/// After so long a page ends: one that holds less than was asked for is not the last if it has a
/// cursor.
const PATIENCE: Duration = Duration::from_millis(40);

/// Which findings to list.
pub(crate) struct ListFindings {
    page: Page<FindingId>,
    period: Period,
    kind: Option<Kind>,
    severity: Option<Severity>,
    key: Option<KeyId>,
    owner: Option<UserId>,
    dismissed: bool,
}

impl ReadQuery for ListFindings {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        LIMIT,
        CURSOR,
        ("period", "How far back to look: `week`, `month` (the default) or `quarter`."),
        ("kind", "Only this, such as `unused` or `no_expiry`."),
        ("severity", "Only `low`, `medium` or `high`."),
        ("key_id", "Only about this key."),
        ("owner", "Only about this user's keys."),
        ("dismissed", "`true` also lists what was put aside."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            page: Page::read(parameters),
            period: parameters.take("period", Period::read).unwrap_or_default(),
            kind: parameters.take("kind", |name| {
                let names = Kind::NAMES.join(", ");
                Kind::from_name(name).ok_or_else(|| Invalid::new(Wrong::OneOf { names }))
            }),
            severity: parameters.take("severity", |name| {
                Severity::from_name(name)
                    .ok_or_else(|| Invalid::new(Wrong::one_of(["low", "medium", "high"])))
            }),
            key: parameters.parse("key_id"),
            owner: parameters.parse("owner"),
            dismissed: parameters.parse("dismissed").unwrap_or_default(),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/findings", handle)
        .about(
            "Findings",
            "List findings",
            "What an audit would object to in the keys that work, computed now, by key in the order of their making. A page can hold less than the limit and still have a next one.",
        )
        .answers_list::<FindingView>("A page of findings.")
}

async fn handle(
    access: Access<KeysRead>,
    Query(wanted): Query<ListFindings>,
) -> Result<Answer<List<FindingView>>, Problem> {
    let owner = match (access.owner(), wanted.owner) {
        (Some(own), Some(other)) if own != other => return Ok(Answer::ok(List::whole(Vec::new()))),
        (own, wanted) => own.or(wanted),
    };
    access.app.gateway.ledger.flush().await;
    let scope = Scope {
        owner,
        key: wanted.key,
        kind: wanted.kind,
        period: wanted.period,
        now: access.now(),
    };
    let limit = usize::try_from(wanted.page.limit).unwrap_or(usize::MAX);
    let mut data: Vec<FindingView> = Vec::new();
    let first = wanted.page.after;
    // The page before may have ended amid a key: it is looked at again.
    let mut after = first.map(|finding| before(finding.key));
    let (page_begun, mut many) = (Instant::now(), FIRST_KEYS);
    loop {
        let begun = Instant::now();
        let facts = scope.facts(access.database(), after, many).await?;
        if begun.elapsed() < QUICK {
            many = MOST_KEYS.min(many.saturating_mul(2));
        }
        let Some(last) = facts.last() else {
            return Ok(Answer::ok(List::whole(data)));
        };
        after = Some(last.audited.key.id);
        for facts in &facts {
            for finding in judge(facts, &scope) {
                let view = FindingView::of(facts, finding);
                if first.is_none_or(|first| view.id > first) && view.is_wanted(&wanted) {
                    if data.len() >= limit {
                        let next_cursor = data.last().map(|last| last.id.to_string());
                        return Ok(Answer::ok(List { data, next_cursor }));
                    }
                    data.push(view);
                }
            }
        }
        if page_begun.elapsed() >= PATIENCE {
            break;
        }
    }
    // Above every kind of the last key.
    let next = after.map(|key| FindingId { key, kind: Kind::BroadPermissions });
    Ok(Answer::ok(List { data, next_cursor: next.map(|next| next.to_string()) }))
}

/// The id just below one, so that the one comes first behind it.
fn before(key: KeyId) -> KeyId {
    KeyId::from_bytes(u128::from_be_bytes(key.to_bytes()).saturating_sub(1).to_be_bytes())
}

impl FindingView {
    fn is_wanted(&self, wanted: &ListFindings) -> bool {
        wanted.severity.is_none_or(|severity| self.has(severity))
            && (wanted.dismissed || !self.is_dismissed())
    }
}
