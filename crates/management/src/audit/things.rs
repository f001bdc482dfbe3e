//! Of each kind of thing, what the audit log compares.

use ::alerts::send::webhook::WebhookAddress;
use domain::id::UserId;
use serde::Serialize;
use store::alert_destination::{AlertDestination, DestinationKind};
use store::alert_rule::AlertRule;
use store::api_key::ApiKey;
use store::channel::{Channel, SealedSecret};
use store::group::Group;
use store::key_template::KeyTemplate;
use store::management_key::ManagementKey;
use store::names::Names;
use store::price::PriceVersion;
use store::redemption_code::RedemptionCode;
use store::tier::TierTerms;
use store::user::User;

use super::record::Recorded;
use crate::alert_destinations::view::DestinationView;
use crate::alert_rules::view::AlertRuleView;
use crate::channels::view::ChannelView;
use crate::groups::view::GroupView;
use crate::keys::templates::Found;
use crate::keys::templates::view::TemplateView;
use crate::keys::view::{Figures, KeyView, Owners};
use crate::management_keys::view::ManagementKeyView;
use crate::prices::view::PriceView;
use crate::problem::Problem;
use crate::redemption_codes::list::RedemptionCodeView;
use crate::state::App;
use crate::tiers::list::TierView;
use crate::users::view::{Spending, UserView};

/// A key, and the two switches that its status is made of.
#[derive(Serialize)]
struct SwitchedKey {
    #[serde(flatten)]
    key: KeyView,
    disabled: bool,
    revoked: bool,
}

impl Recorded for ApiKey {
    const LEFT_OUT: &'static [&'static str] = &[
        "id",
        "owner_name",
        "masked",
        "status",
        "used",
        "held",
        "reserved",
        "remaining",
        "daily",
        "monthly",
        "created_at",
        "last_used_at",
        "rotation",
        "etag",
    ];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.owner)
    }

    fn shape(&self, app: &App) -> Result<impl Serialize, Problem> {
        let (disabled, revoked) = (self.policy.disabled, self.policy.revoked);
        let now = app.gateway.ledger.now();
        let key = KeyView::with(self.clone(), &Owners::default(), Figures::default(), None, now);
        Ok(SwitchedKey { key, disabled, revoked })
    }

    fn secrets(&self) -> Vec<(&'static str, String)> {
        vec![("value", self.digest.to_hex())]
    }

    fn exists(&self) -> bool {
        !self.deleted
    }
}

impl Recorded for User {
    const LEFT_OUT: &'static [&'static str] = &[
        "id",
        "key_allowance",
        "balance",
        // Top-ups and refunds change it without a new version, and have lines of their own.
        "credited",
        "available",
        "spent",
        "held",
        "reserved",
        "created_at",
        "etag",
    ];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.id)
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(UserView::with(self.clone(), Spending::default(), None))
    }
}

impl Recorded for Channel {
    const LEFT_OUT: &'static [&'static str] = &["id", "secrets", "created_at", "etag"];
    // Some providers take their secret in a header of their own.
    const HIDDEN: &'static [&'static str] = &["headers"];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        None
    }

    fn shape(&self, app: &App) -> Result<impl Serialize, Problem> {
        Ok(ChannelView::of(self.clone(), &app.gateway))
    }

    fn secrets(&self) -> Vec<(&'static str, String)> {
        let all: Vec<&str> = self.secrets.iter().map(SealedSecret::as_str).collect();
        let login = self.settings.proxy_login.as_ref().map(SealedSecret::as_str);
        vec![("secret", all.join(" ")), ("proxy", login.unwrap_or_default().to_owned())]
    }
}

impl Recorded for Group {
    const LEFT_OUT: &'static [&'static str] = &["name", "created_at", "etag"];

    fn object(&self) -> String {
        self.name.clone()
    }

    fn owner(&self) -> Option<UserId> {
        None
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(GroupView::from(self.clone()))
    }
}

impl Recorded for TierTerms {
    const LEFT_OUT: &'static [&'static str] = &["name"];

    fn object(&self) -> String {
        self.tier.name().to_owned()
    }

    fn owner(&self) -> Option<UserId> {
        None
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(TierView::from(*self))
    }
}

impl Recorded for PriceVersion {
    const LEFT_OUT: &'static [&'static str] = &["model", "version", "created_at"];

    fn object(&self) -> String {
        self.model.clone()
    }

    fn owner(&self) -> Option<UserId> {
        None
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(PriceView::try_from(self.clone())?)
    }

    fn exists(&self) -> bool {
        self.price.is_some()
    }
}

impl Recorded for ManagementKey {
    const LEFT_OUT: &'static [&'static str] = &["id", "owner_name", "masked", "created_at"];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.owner)
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(ManagementKeyView::of(self.clone(), &Names::default()))
    }

    fn exists(&self) -> bool {
        self.revoked_at.is_none()
    }
}

impl Recorded for RedemptionCode {
    const LEFT_OUT: &'static [&'static str] = &["id", "masked", "created_by", "created_at"];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        None
    }

    fn shape(&self, app: &App) -> Result<impl Serialize, Problem> {
        Ok(RedemptionCodeView::of(self.clone(), app.gateway.ledger.now()))
    }
}

impl Recorded for KeyTemplate {
    const LEFT_OUT: &'static [&'static str] = &["name", "built_in", "etag"];

    fn object(&self) -> String {
        self.name.clone()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.owner)
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        TemplateView::of(Found::Own(self.clone()))
    }
}

impl Recorded for AlertRule {
    const LEFT_OUT: &'static [&'static str] = &["id", "created_at", "etag"];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.owner)
    }

    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        Ok(AlertRuleView::from(self.clone()))
    }
}

impl Recorded for AlertDestination {
    const LEFT_OUT: &'static [&'static str] = &["id", "created_at", "etag"];

    fn object(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<UserId> {
        Some(self.owner)
    }

    /// Whoever knows the whole address of a webhook can often write to it: only its origin is shown.
    fn shape(&self, _: &App) -> Result<impl Serialize, Problem> {
        let mut shown = self.clone();
        if self.kind == DestinationKind::Webhook {
            shown.address = WebhookAddress::parse(&self.address)
                .map(|address| address.origin())
                .map_err(Problem::internal)?;
        }
        Ok(DestinationView::from(shown))
    }

    fn secrets(&self) -> Vec<(&'static str, String)> {
        let secret = self.secret.as_ref().map(SealedSecret::as_str);
        vec![("address", self.address.clone()), ("secret", secret.unwrap_or_default().to_owned())]
    }
}
