//! Channels: read as written, edited once, deleted for good.

use domain::dialect::Dialect;
use domain::id::ChannelId;
use store::StoreError;
use store::channel::{Channel, ChannelSettings, ModelMapping, SealedSecret, Timeouts};

use crate::fixture::{NOW, on_each_database, random};

fn channel(n: u8) -> Channel {
    Channel {
        id: ChannelId::new(NOW.plus(i64::from(n)), random(n)),
        name: format!("channel {n}"),
        provider: "openai".to_owned(),
        base_url: "https://api.example.org/v1".to_owned(),
        secrets: vec![SealedSecret::new("sealed".to_owned())],
        models: vec![ModelMapping { name: "gpt-5".to_owned(), upstream: "gpt-5-2026".to_owned() }],
        groups: vec!["default".to_owned()],
        priority: -3,
        weight: u32::MAX,
        settings: ChannelSettings {
            dialects: Some(vec![Dialect::Chat, Dialect::Responses]),
            headers: [("x-team".to_owned(), "a".to_owned())].into(),
            timeouts: Timeouts { first_byte_ms: Some(90_000), ..Timeouts::default() },
            ..ChannelSettings::default()
        },
        disabled: false,
        created_at: NOW,
        version: 1,
    }
}

#[tokio::test]
async fn a_channel_is_read_as_written_and_edited_once() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        let made = transaction.insert_channel(&channel(1)).await.unwrap();
        transaction.insert_channel(&channel(2)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(made, channel(1));
        assert_eq!(database.channel(made.id).await.unwrap(), made);
        assert_eq!(database.channels().await.unwrap(), [channel(1), channel(2)]);

        let mut transaction = database.begin().await.unwrap();
        let edit = Channel { weight: 7, disabled: true, ..made };
        let edited = transaction.update_channel(&edit).await.unwrap();
        let again = transaction.update_channel(&edit).await;
        transaction.commit().await.unwrap();
        assert_eq!(edited, Channel { version: 2, ..edit });
        assert!(matches!(again, Err(StoreError::Stale)));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_channel_is_gone_and_its_name_is_free() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_channel(&channel(1)).await.unwrap();
        transaction.delete_channel(channel(1).id, NOW, None).await.unwrap();
        let again = transaction.delete_channel(channel(1).id, NOW, None).await;
        let edit = transaction.update_channel(&channel(1)).await;
        transaction
            .insert_channel(&Channel { name: "channel 1".to_owned(), ..channel(2) })
            .await
            .unwrap();
        transaction.commit().await.unwrap();

        assert!(matches!(again, Err(StoreError::NotFound)));
        assert!(matches!(edit, Err(StoreError::NotFound)));
        assert!(matches!(database.channel(channel(1).id).await, Err(StoreError::NotFound)));
        assert_eq!(database.channels().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_channels_have_two_names() {
    on_each_database(async |database| {
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_channel(&channel(1)).await.unwrap();
        let twin = Channel { name: "channel 1".to_owned(), ..channel(2) };
        let refused = transaction.insert_channel(&twin).await;
        assert!(matches!(refused, Err(StoreError::Conflict(what)) if what == "this name"));
    })
    .await;
}

#[test]
fn a_sealed_secret_is_not_printed() {
    assert!(!format!("{:?}", channel(1)).contains("sealed\""));
}
