//! A row of the audit log as answers show it: all of it to operators, to a member what concerns them.

use domain::audit::AuditChange;
use domain::id::UserId;
use domain::user::Role;
use serde::Serialize;
use serde_json::value::RawValue;
use store::audit_log::AuditRow;
use utoipa::ToSchema;

use crate::answer::Moment;
use crate::problem::Problem;

/// A row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub(crate) struct AuditView {
    /// The row's number, from 1 without a gap.
    number: i64,
    /// When it was asked for.
    at: Moment,
    /// Who did it: `usr_…`; empty: nobody who was logged in. A member sees only their own id.
    actor: String,
    /// What they are called now; null: nobody who was logged in.
    actor_name: Option<String>,
    /// `owner`, `admin` or `member`: what they may do now.
    #[schema(value_type = Option<String>)]
    actor_role: Option<Role>,
    /// With what: a session (`ses_…`), a management key (`mgk_…`), `cli`, or empty. To a member, empty
    /// where somebody else did it.
    via: String,
    /// From which address; to a member, empty where somebody else did it.
    client_ip: String,
    /// What was done, such as `users.edit`.
    action: String,
    /// To what: an id or a name; ` +2`: and to two more.
    object: String,
    /// Which fields were sent, in a few words; never a secret. To a member, empty where somebody else
    /// sent them.
    summary: String,
    /// How many things were touched; 0: not known one by one, as in rows of earlier releases.
    things: i64,
    /// What became of each thing: of the one that was asked for, or of the first 20. All of them are
    /// in the answer to `number`.
    changes: Vec<ThingView>,
    /// The hash over the row before and this one; null for members.
    hash: Option<String>,
}

/// What became of a thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditChange)]
pub(crate) struct ThingView {
    /// The thing: an id or a name.
    object: String,
    /// The fields that changed, a part of a field as `monthly_limit.amount`. Of a thing that was made or
    /// deleted those that were not empty.
    #[schema(value_type = std::collections::BTreeMap<String, FieldChange>)]
    fields: Box<RawValue>,
}

/// What became of a field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is stored as JSON")]
pub(crate) struct FieldChange {
    /// The old value; left out: there was none, or it is not shown.
    #[schema(value_type = serde_json::Value, required = false)]
    from: Option<serde_json::Value>,
    /// The new value; left out: there is none any more, or it is not shown.
    #[schema(value_type = serde_json::Value, required = false)]
    to: Option<serde_json::Value>,
    /// True of a secret, whose values are not in the log; else left out.
    #[schema(value_type = bool, required = false)]
    changed: Option<bool>,
}

impl AuditView {
    /// As an operator sees it.
    pub(super) fn whole(row: AuditRow) -> Result<Self, Problem> {
        let AuditRow { number, event, hash, actor_name, actor_role, things } = row;
        Ok(Self {
            number,
            at: Moment(event.at),
            actor: event.actor,
            actor_name,
            actor_role,
            via: event.via,
            client_ip: event.client_ip,
            action: event.action,
            object: event.object,
            summary: event.summary,
            things,
            changes: event.changes.into_iter().map(ThingView::of).collect::<Result<_, _>>()?,
            hash: Some(hash),
        })
    }

    /// As a member sees it: what became of theirs, and of others who did it only name and role. The
    /// hash goes too: it is made over what is not shown, and an address could be found by trying.
    pub(super) fn to_member(row: AuditRow, member: UserId) -> Result<Self, Problem> {
        let own = row.event.actor == member.to_string();
        let mut view = Self::whole(row)?;
        view.hash = None;
        if own {
            return Ok(view);
        }
        if let Some(first) = view.changes.first() {
            let further = view.things.saturating_sub(1);
            view.object = match further {
                0 => first.object.clone(),
                _ => format!("{} +{further}", first.object),
            };
        }
        view.summary.clear();
        // A log-in that failed was nobody's yet: the address is what its owner wants to know.
        if !view.actor.is_empty() {
            view.actor.clear();
            view.via.clear();
            view.client_ip.clear();
        }
        Ok(view)
    }
}

impl ThingView {
    fn of(change: AuditChange) -> Result<Self, Problem> {
        let fields = RawValue::from_string(change.fields).map_err(Problem::internal)?;
        Ok(Self { object: change.object, fields })
    }
}
