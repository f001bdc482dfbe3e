//! Sends what is queued until it arrives or is given up.
//!
//! A message keeps its id over all tries, so that a receiver can tell a repetition. Whoever takes
//! one moves its time on first: of two nodes one sends, and after a crash it is due again.

use domain::time::UnixMillis;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use store::alert_delivery::{Delivery, DeliveryState};
use store::alert_destination::{AlertDestination, DestinationKind};
use tokio::sync::Semaphore;

use crate::send::{Tried, email, webhook};
use crate::{Alerts, Inner};

/// Pauses between the tries, as the Standard Webhooks specification proposes: about four days.
const PAUSES: [i64; 9] = [
    5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000,
    86_400_000,
];
/// A try that says nothing for so long has died with its process.
const CLAIM: i64 = 120_000;
/// Messages on their way at once.
const AT_ONCE: usize = 16;
/// Between two looks at the queue.
const LOOK: Duration = Duration::from_secs(1);

/// Sends until the gateway stops.
pub(crate) async fn run(alerts: &Alerts) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    while !alerts.0.gateway.is_draining() {
        if let Err(error) = send_due(alerts, &free).await
            && !alerts.0.gateway.is_draining()
        {
            tracing::warn!(%error, "queued alerts could not be sent; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = alerts.0.queued.notified() => {}
        }
    }
}

async fn send_due(alerts: &Alerts, free: &Arc<Semaphore>) -> Result<(), StoreError> {
    let now = alerts.0.gateway.ledger.now();
    let room = u32::try_from(free.available_permits()).unwrap_or_default();
    if room == 0 {
        return Ok(());
    }
    for mut delivery in alerts.0.gateway.database.due_deliveries(now, room).await? {
        let Ok(permit) = Arc::clone(free).try_acquire_owned() else { return Ok(()) };
        let mut transaction = alerts.0.gateway.database.begin().await?;
        if !transaction.claim_delivery(&delivery, now.plus(CLAIM)).await? {
            continue;
        }
        transaction.commit().await?;
        delivery.attempts += 1;
        let alerts = alerts.clone();
        tokio::spawn(async move {
            if let Err(error) = alerts.0.carry_out(delivery).await {
                tracing::warn!(%error, "what became of an alert's message could not be noted");
            }
            drop(permit);
        });
    }
    Ok(())
}

impl Alerts {
    /// Sends a message to a destination once, and notes what came of it.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn try_out(
        &self,
        destination: &AlertDestination,
        mut delivery: Delivery,
    ) -> Result<Delivery, StoreError> {
        let tried = self.0.attempt(destination, &delivery).await;
        let now = self.0.gateway.ledger.now();
        delivery.attempts = 1;
        delivery.status = tried.status.map(i64::from);
        delivery.state =
            if tried.is_delivered() { DeliveryState::Delivered } else { DeliveryState::Failed };
        delivery.error = tried.error;
        delivery.done_at = Some(now);
        let mut transaction = self.0.gateway.database.begin().await?;
        transaction.insert_delivery(&delivery).await?;
        transaction.commit().await?;
        Ok(delivery)
    }
}

impl Inner {
    /// One try of a message that was taken from the queue.
    async fn carry_out(&self, mut delivery: Delivery) -> Result<(), StoreError> {
        let database = &self.gateway.database;
        let destination = match database.alert_destination(delivery.destination, None).await {
            Ok(destination) => destination,
            // Deleted meanwhile, and the message with it.
            Err(StoreError::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let tried = if destination.disabled {
            Tried { gone: true, ..Tried::failed(None, "the destination is switched off") }
        } else {
            self.attempt(&destination, &delivery).await
        };
        let now = self.gateway.ledger.now();
        let gone = tried.gone && tried.status.is_some();
        note(&mut delivery, tried, now, rand::random());
        let mut transaction = database.begin().await?;
        transaction.note_delivery(&delivery).await?;
        if gone {
            let disabled = AlertDestination { disabled: true, ..destination };
            match transaction.update_alert_destination(&disabled).await {
                // Edited at the same time: its owner's word counts.
                Ok(_) | Err(StoreError::Stale) => {}
                Err(error) => return Err(error),
            }
        }
        transaction.commit().await
    }

    async fn attempt(&self, destination: &AlertDestination, delivery: &Delivery) -> Tried {
        let gateway = &self.gateway;
        let now = gateway.ledger.now();
        match (destination.kind, &destination.secret, &self.mail) {
            (DestinationKind::Webhook, Some(secret), _) => {
                let post = webhook::Post {
                    destination: destination.id,
                    address: &destination.address,
                    secret,
                    id: delivery.id,
                    body: &delivery.body,
                    seconds: now.get() / 1_000,
                };
                Box::pin(webhook::post(&self.client, &gateway.sealer, post)).await
            }
            (DestinationKind::Webhook, None, _) => Tried::failed(None, "the webhook has no secret"),
            (DestinationKind::Email, _, Some(mail)) => {
                let letter = (delivery.id, destination.address.as_str(), delivery.body.as_str());
                let egress = &gateway.options.egress;
                Box::pin(email::send(mail, egress, &self.tls, letter, now)).await
            }
            (DestinationKind::Email, _, None) => {
                Tried::failed(None, "no mail server is set; see the setting smtp")
            }
        }
    }
}

/// Notes what a try came to, and when the next one is.
fn note(delivery: &mut Delivery, tried: Tried, now: UnixMillis, chance: u16) {
    delivery.status = tried.status.map(i64::from);
    let pause = usize::try_from(delivery.attempts - 1).ok().and_then(|index| PAUSES.get(index));
    match (&tried.error, pause) {
        (None, _) => {
            delivery.state = DeliveryState::Delivered;
            delivery.done_at = Some(now);
        }
        (Some(_), Some(pause)) if !tried.gone => {
            delivery.next_at = now.plus(jittered(*pause, chance));
        }
        (Some(_), _) => {
            delivery.state = DeliveryState::Failed;
            delivery.done_at = Some(now);
        }
    }
    delivery.error = tried.error;
}

/// Up to a fifth longer, so that receivers that were away are not all asked at once.
fn jittered(pause: i64, chance: u16) -> i64 {
    pause + pause / 5 * i64::from(chance) / i64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{AlertDestinationId, DeliveryId};

    const NOW: UnixMillis = UnixMillis::new(1_790_000_000_000);

    fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId::new(NOW, [1; 10]),
            destination: AlertDestinationId::new(NOW, [2; 10]),
            alert: None,
            event: "alert.raised".to_owned(),
            body: "{}".to_owned(),
            state: DeliveryState::Waiting,
            attempts: 0,
            next_at: NOW,
            status: None,
            error: None,
            created_at: NOW,
            done_at: None,
        }
    }

    #[test]
    fn a_message_is_tried_ten_times_over_days_and_then_given_up() {
        let mut delivery = delivery();
        let mut now = NOW;
        while delivery.state == DeliveryState::Waiting {
            delivery.attempts += 1;
            note(&mut delivery, Tried::failed(Some(500), "answered 500"), now, 0);
            assert!(delivery.state == DeliveryState::Failed || delivery.next_at > now);
            now = delivery.next_at;
        }
        assert_eq!((delivery.attempts, delivery.status), (10, Some(500)));
        assert!(now.since(NOW) > 3 * 86_400_000 && delivery.done_at.is_some());
    }

    #[test]
    fn an_arrival_ends_it_and_forgets_the_error() {
        let mut delivery = Delivery { attempts: 3, error: Some("x".to_owned()), ..delivery() };
        note(&mut delivery, Tried::arrived(204), NOW, 7);
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!((delivery.status, delivery.error), (Some(204), None));
    }

    #[test]
    fn who_wants_no_more_gets_no_more() {
        let mut delivery = Delivery { attempts: 1, ..delivery() };
        let gone = Tried { gone: true, ..Tried::failed(Some(410), "answered 410") };
        note(&mut delivery, gone, NOW, 7);
        assert_eq!(delivery.state, DeliveryState::Failed);
    }

    #[test]
    fn pauses_differ_by_chance_and_never_shrink() {
        assert_eq!(jittered(5_000, 0), 5_000);
        assert_eq!(jittered(5_000, u16::MAX), 6_000);
    }
}
