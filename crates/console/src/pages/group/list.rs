//! `/console/group`: both lists.

use askama::Template;
use axum::response::Response;
use domain::time::UnixMillis;
use serde::Deserialize;
use serde_json::Number;

use crate::api::List;
use crate::form::Form;
use crate::format::moment;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::channel::entry::Channel;
use crate::pages::user::entry::tier;
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

/// A group.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) multiplier: Number,
    #[serde(deserialize_with = "moment::one")]
    pub(crate) created_at: UnixMillis,
}

/// What a tier allows.
#[derive(Debug, Clone, Deserialize)]
struct Tier {
    name: String,
    key_limit: Option<i64>,
}

#[derive(Template)]
#[template(path = "pages/group/list.html")]
struct ListPage {
    page: Frame,
    groups: Vec<Group>,
    channels: Vec<Channel>,
    tiers: Vec<(String, Message)>,
    form: Form,
}

impl Group {
    /// The form for it.
    pub(crate) fn edit_link(&self) -> String {
        links::with(links::EDIT_GROUP, "name", &self.name)
    }

    /// The question before it is deleted.
    pub(crate) fn delete_link(&self) -> String {
        links::with(links::DELETE_GROUP, "name", &self.name)
    }

    /// Whether it stays for good.
    pub(crate) fn is_default(&self) -> bool {
        self.name == "default"
    }
}

impl ListPage {
    /// The channels of a group.
    fn of(&self, group: &Group) -> Vec<&Channel> {
        self.channels.iter().filter(|channel| channel.groups.contains(&group.name)).collect()
    }
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    show(user, None).await
}

/// The page, with the tiers as they are or as they were typed in.
pub(super) async fn show(user: SignedIn, form: Option<Form>) -> Result<Response, Trouble> {
    let groups: List<Group> = user.api().get("/api/v1/groups").await?;
    let channels: List<Channel> = user.api().get("/api/v1/channels").await?;
    let tiers: List<Tier> = user.api().get("/api/v1/tiers").await?;
    let form = form.unwrap_or_else(|| {
        tiers.data.iter().fold(Form::default(), |form, tier| {
            let limit = tier.key_limit.map(|limit| limit.to_string()).unwrap_or_default();
            form.with(format!("{}.key_limit", tier.name), limit)
        })
    });
    let tiers = tiers.data.into_iter().map(|it| (format!("{}.key_limit", it.name), tier(&it.name)));
    let list = ListPage {
        page: user.frame(links::GROUPS),
        groups: groups.data,
        channels: channels.data,
        tiers: tiers.collect(),
        form,
    };
    list.page.show(&list)
}
