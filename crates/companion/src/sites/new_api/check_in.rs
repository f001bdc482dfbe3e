//! The daily check-in, which each branch of the family has in a place of its own.
//!
//! What it brought is what the site says, else what the balance rose by.

use domain::money::Nanos;
use serde_json::json;

use super::super::reading::{dollars, whole};
use super::super::{CheckIn, CheckInOutcome, Site, SiteError, SiteKind};
use super::{balance, units_per_dollar};
use crate::web::Question;

/// The places, in the order in which they are tried.
const fn places(kind: SiteKind) -> &'static [&'static str] {
    match kind {
        SiteKind::AnyRouter => &["/api/user/sign_in"],
        SiteKind::AgentRouter => &[],
        SiteKind::NewApi | SiteKind::Tollkeeper => &["/api/user/checkin", "/api/user/sign_in"],
    }
}

pub(crate) async fn check_in(site: &Site) -> Result<CheckIn, SiteError> {
    let before = balance(site).await?.remaining;
    if site.kind == SiteKind::AgentRouter {
        let message = String::new();
        return Ok(CheckIn { outcome: CheckInOutcome::ByLooking, awarded: None, message });
    }
    let per_dollar = units_per_dollar(site).await?;
    for place in places(site.kind) {
        let reply = site.ask(super::signed(site, Question::post(*place, &json!({})))?).await?;
        let message = message(site, &reply.body);
        match super::answer::read(site, place, reply) {
            Ok(data) => {
                let told = whole(&data, "quota_awarded").map(|units| dollars(units, per_dollar));
                let awarded = match told {
                    Some(told) => Some(told),
                    None => risen(before, balance(site).await?.remaining),
                };
                let nothing = awarded.is_none_or(|awarded| awarded == Nanos::ZERO);
                let outcome = if nothing && (message.is_empty() || is_repeated(&message)) {
                    CheckInOutcome::AlreadyDone
                } else {
                    CheckInOutcome::CheckedIn
                };
                return Ok(CheckIn { outcome, awarded, message });
            }
            Err(SiteError::NoRoute { .. }) => {}
            Err(SiteError::Refused { message, .. }) if is_repeated(&message) => {
                let outcome = CheckInOutcome::AlreadyDone;
                return Ok(CheckIn { outcome, awarded: None, message });
            }
            Err(other) => return Err(other),
        }
    }
    Err(SiteError::NoCheckIn { site: site.url.authority() })
}

fn message(site: &Site, body: &[u8]) -> String {
    let body: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let message = body.as_ref().and_then(|body| body.get("message")?.as_str());
    message.map(|message| site.said(message)).unwrap_or_default()
}

fn risen(before: Option<Nanos>, after: Option<Nanos>) -> Option<Nanos> {
    after?.checked_sub(before?).filter(|risen| !risen.is_negative())
}

fn is_repeated(message: &str) -> bool {
    let lower = message.to_lowercase();
    ["already", "已签到", "已经签到", "今日已", "重复签到"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_check_in_is_recognised() {
        for message in ["今日已签到", "You have already checked in today", "请勿重复签到"]
        {
            assert!(is_repeated(message), "{message}");
        }
        assert!(!is_repeated("签到成功"));
    }

    #[test]
    fn a_balance_that_fell_meanwhile_is_no_award() {
        let usd = |usd| Some(Nanos::from_usd(usd));
        assert_eq!(risen(usd(1), usd(3)), usd(2));
        assert_eq!(risen(usd(3), usd(1)), None);
        assert_eq!(risen(None, usd(1)), None);
    }
}
