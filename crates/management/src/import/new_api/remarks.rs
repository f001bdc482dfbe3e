//! What there is to say of an import beside what it makes.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::why::Why;

/// The kinds of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The whole of it.
    Site,
    /// A group.
    Group,
    /// A user.
    User,
    /// A key.
    Key,
    /// A channel.
    Channel,
}

/// Something about one thing of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SiteImportRemark)]
pub(crate) struct Remark {
    /// `site`, `group`, `user`, `key` or `channel`.
    #[schema(value_type = String)]
    pub(super) kind: Kind,
    /// What the site calls it.
    pub(super) name: String,
    /// The reason's name, for programs: it does not change while the sentence may.
    pub(super) code: String,
    /// What the sentence names, such as `group` or `count`.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub(super) values: Map<String, Value>,
    /// A sentence.
    pub(super) why: String,
}

impl Remark {
    fn new(kind: Kind, name: &str, why: &Why) -> Self {
        let parts = serde_json::to_value(why).unwrap_or_default();
        let code = parts.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        let values = parts.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
        Self { kind, name: name.to_owned(), code, values, why: why.to_string() }
    }
}

/// A thing that is here already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SiteImportExisting)]
pub(crate) struct Existing {
    /// `group`, `user`, `key` or `channel`.
    #[schema(value_type = String)]
    pub(super) kind: Kind,
    /// What it is called.
    pub(super) name: String,
}

/// Everything that there is to say.
#[derive(Default)]
pub(super) struct Remarks {
    pub(super) existing: Vec<Existing>,
    pub(super) left_out: Vec<Remark>,
    pub(super) notes: Vec<Remark>,
}

impl Remarks {
    /// It is here already.
    pub(super) fn exists(&mut self, kind: Kind, name: &str) {
        self.existing.push(Existing { kind, name: name.to_owned() });
    }

    /// It is not made.
    pub(super) fn leave_out(&mut self, kind: Kind, name: &str, why: Why) {
        self.left_out.push(Remark::new(kind, name, &why));
    }

    /// It is made, but something of it is not as it was there.
    pub(super) fn note(&mut self, kind: Kind, name: &str, why: Why) {
        self.notes.push(Remark::new(kind, name, &why));
    }

    pub(super) fn count_existing(&self, kind: Kind) -> usize {
        self.existing.iter().filter(|it| it.kind == kind).count()
    }

    pub(super) fn count_left_out(&self, kind: Kind) -> usize {
        self.left_out.iter().filter(|it| it.kind == kind).count()
    }
}
