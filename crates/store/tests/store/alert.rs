//! Alerts, their rules, destinations and messages.

use domain::alert::{AlertKind, AlertScope, Severity};
use domain::id::{AlertDestinationId, AlertId, AlertRuleId, DeliveryId, KeyId, UserId};
use domain::money::Nanos;
use domain::policy::{SoftLimit, SoftWindow};
use domain::window::Windows;
use store::StoreError;
use store::alert::{Alert, AlertQuery};
use store::alert_delivery::{Delivery, DeliveryState};
use store::alert_destination::{AlertDestination, DestinationKind};
use store::alert_rule::AlertRule;
use store::channel::SealedSecret;

use crate::fixture::{NOW, key, new_key, on_each_database, random, user};

fn alert(n: u8, owner: Option<UserId>, occasion: &str) -> Alert {
    Alert {
        id: AlertId::new(NOW.plus(i64::from(n)), random(n)),
        kind: AlertKind::SoftLimit,
        severity: Severity::Warning,
        rule: None,
        subject: format!("key_{n}"),
        owner,
        occasion: occasion.to_owned(),
        numbers: serde_json::Map::from_iter([("used".to_owned(), "1.5".into())]),
        text: "令牌 \"a\" …".to_owned(),
        raised_at: NOW,
        resolved_at: None,
        acknowledged_at: None,
    }
}

#[tokio::test]
async fn an_occasion_is_told_once_and_belongs_to_its_owner() {
    on_each_database(async |database| {
        let (one, two) = (user(&database, 1).await.id, user(&database, 2).await.id);
        let mut transaction = database.begin().await.unwrap();
        assert!(transaction.raise_alert(&alert(1, Some(one), "a")).await.unwrap());
        assert!(!transaction.raise_alert(&alert(2, Some(one), "a")).await.unwrap());
        assert!(transaction.raise_alert(&alert(3, Some(two), "b")).await.unwrap());
        assert!(transaction.raise_alert(&alert(4, None, "c")).await.unwrap());
        transaction.commit().await.unwrap();
        let listed = async |query: AlertQuery| -> Vec<String> {
            let rows = database.alerts(&query).await.unwrap();
            rows.into_iter().map(|alert| alert.occasion).collect()
        };
        let all = AlertQuery { limit: 10, ..AlertQuery::default() };
        assert_eq!(listed(all.clone()).await, ["c", "b", "a"]);
        let own = AlertQuery { owner: Some(one), ..all.clone() };
        assert_eq!(database.alerts(&own).await.unwrap(), [alert(1, Some(one), "a")]);
        let after = AlertQuery { after: Some(alert(4, None, "c").id), limit: 1, ..all.clone() };
        assert_eq!(listed(after).await, ["b"]);

        let first = alert(1, Some(one), "a").id;
        let mut transaction = database.begin().await.unwrap();
        assert!(transaction.resolve_alert(first, NOW.plus(5)).await.unwrap());
        assert!(!transaction.resolve_alert(first, NOW.plus(6)).await.unwrap());
        let known = transaction.acknowledge_alert(first, Some(one), NOW.plus(7)).await.unwrap();
        let again = transaction.acknowledge_alert(first, None, NOW.plus(8)).await.unwrap();
        assert_eq!(
            (known.acknowledged_at, known.resolved_at),
            (Some(NOW.plus(7)), Some(NOW.plus(5)))
        );
        assert_eq!(again, known);
        transaction.commit().await.unwrap();
        let mut transaction = database.begin().await.unwrap();
        let foreign = transaction.acknowledge_alert(first, Some(two), NOW).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        drop(transaction);
        assert_eq!(listed(AlertQuery { open: Some(true), ..all.clone() }).await, ["c", "b"]);
        assert_eq!(listed(AlertQuery { open: Some(false), ..all.clone() }).await, ["a"]);
        assert_eq!(database.open_alerts(AlertKind::SoftLimit).await.unwrap().len(), 2);
        let mut transaction = database.begin().await.unwrap();
        transaction.forget_alerts(NOW.plus(6), NOW).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(listed(all).await, ["c", "b"]);
    })
    .await;
}

#[tokio::test]
async fn rules_and_destinations_are_edited_by_one_at_a_time() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let stranger = user(&database, 2).await.id;
        let destination = AlertDestination {
            id: AlertDestinationId::new(NOW, random(1)),
            owner,
            name: "hook".to_owned(),
            kind: DestinationKind::Webhook,
            address: "https://hooks.example.com/a?b=c".to_owned(),
            secret: Some(SealedSecret::new("v1:00".to_owned())),
            disabled: false,
            created_at: NOW,
            version: 1,
        };
        let rule = AlertRule {
            id: AlertRuleId::new(NOW, random(2)),
            owner,
            kind: AlertKind::BalanceLow,
            threshold: 5,
            scope: AlertScope::Tag("生产".to_owned()),
            destinations: vec![destination.id],
            disabled: false,
            created_at: NOW,
            version: 1,
        };
        let mut transaction = database.begin().await.unwrap();
        assert_eq!(transaction.insert_alert_destination(&destination).await.unwrap(), destination);
        assert_eq!(transaction.insert_alert_rule(&rule).await.unwrap(), rule);
        transaction.commit().await.unwrap();
        let foreign = database.alert_rule(rule.id, Some(stranger)).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        let foreign = database.alert_destination(destination.id, Some(stranger)).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        assert!(database.operators_alert_destinations().await.unwrap().is_empty());
        assert_eq!(database.alert_rules_in_force().await.unwrap(), [(rule.clone(), false)]);

        let mut transaction = database.begin().await.unwrap();
        let edited = AlertRule { threshold: 6, scope: AlertScope::All, ..rule.clone() };
        assert_eq!(transaction.update_alert_rule(&edited).await.unwrap().version, 2);
        assert!(matches!(transaction.update_alert_rule(&edited).await, Err(StoreError::Stale)));
        assert!(matches!(transaction.delete_alert_rule(&rule).await, Err(StoreError::Stale)));
        transaction.delete_alert_rule(&AlertRule { version: 2, ..edited }).await.unwrap();
        let off = AlertDestination { disabled: true, secret: None, ..destination.clone() };
        let off = transaction.update_alert_destination(&off).await.unwrap();
        assert!(off.disabled && off.version == 2);
        let stale = transaction.delete_alert_destination(&destination).await;
        assert!(matches!(stale, Err(StoreError::Stale)));
        transaction.delete_alert_destination(&off).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(database.alert_rules(None).await.unwrap().is_empty());
        assert!(database.alert_destinations(Some(owner)).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_message_is_taken_by_one() {
    on_each_database(async |database| {
        let waiting = Delivery {
            id: DeliveryId::new(NOW, random(1)),
            destination: AlertDestinationId::new(NOW, random(2)),
            alert: Some(AlertId::new(NOW, random(3))),
            event: "alert.raised".to_owned(),
            body: "{\"a\":\"ü\"}".to_owned(),
            state: DeliveryState::Waiting,
            attempts: 0,
            next_at: NOW,
            status: None,
            error: None,
            created_at: NOW,
            done_at: None,
        };
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_delivery(&waiting).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(database.due_deliveries(NOW.plus(-1), 9).await.unwrap().is_empty());
        assert_eq!(database.due_deliveries(NOW, 9).await.unwrap(), std::slice::from_ref(&waiting));
        let mut transaction = database.begin().await.unwrap();
        assert!(transaction.claim_delivery(&waiting, NOW.plus(60)).await.unwrap());
        assert!(!transaction.claim_delivery(&waiting, NOW.plus(60)).await.unwrap());
        transaction.commit().await.unwrap();
        assert!(database.due_deliveries(NOW, 9).await.unwrap().is_empty());
        let due = database.due_deliveries(NOW.plus(60), 9).await.unwrap();
        assert_eq!(due.first().map(|delivery| delivery.attempts), Some(1));
        let done = Delivery {
            state: DeliveryState::Failed,
            attempts: 1,
            next_at: NOW.plus(60),
            status: Some(500),
            error: Some("answered 500".to_owned()),
            done_at: Some(NOW.plus(61)),
            ..waiting.clone()
        };
        let mut transaction = database.begin().await.unwrap();
        transaction.note_delivery(&done).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(database.due_deliveries(NOW.plus(99), 9).await.unwrap().is_empty());
        assert_eq!(database.deliveries(waiting.destination, None, 9).await.unwrap(), [done]);
    })
    .await;
}

#[tokio::test]
async fn facts_are_about_the_keys_that_are_asked_for() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let limit = SoftLimit { window: SoftWindow::Day, amount: Nanos::from_usd(2) };
        let mut watched = new_key(owner, 1);
        watched.soft_limit = Some(limit);
        watched.tags = vec!["prod".to_owned()];
        watched.policy.quota = Some(Nanos::from_usd(9));
        let watched = key(&database, &watched).await;
        let mut ending = new_key(owner, 2);
        ending.policy.expires_at = Some(NOW.plus(1_000));
        let ending = key(&database, &ending).await;
        let windows = Windows::at(NOW, &jiff::tz::TimeZone::UTC);
        let unknown = KeyId::new(NOW, random(9));
        let facts = database.key_facts(&[watched.id, unknown], &windows).await.unwrap();
        assert_eq!(facts.len(), 1);
        let found = facts.first().unwrap();
        assert_eq!((found.id, found.owner, found.soft_limit), (watched.id, owner, Some(limit)));
        assert_eq!((found.quota, found.day.0), ((Some(Nanos::from_usd(9)), Nanos::ZERO), None));
        assert_eq!(found.tags, ["prod"]);
        let soon = async |until| -> Vec<KeyId> {
            let keys = database.expiring_keys(NOW, NOW.plus(until), &windows).await.unwrap();
            keys.into_iter().map(|key| key.id).collect()
        };
        assert_eq!((soon(1_000).await, soon(1_001).await), (vec![], vec![ending.id]));
        assert_eq!(database.limited_keys(None).await.unwrap(), [watched.id]);
        assert!(database.limited_keys(Some(watched.id)).await.unwrap().is_empty());
        let hour = database.hour_facts(watched.id, NOW, NOW.plus(-1)).await.unwrap();
        assert_eq!(hour, store::alert_facts::HourFacts::default());
        assert!(database.balances_below(Nanos::from_usd(1)).await.unwrap().is_empty());
    })
    .await;
}
