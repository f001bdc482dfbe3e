//! A new-api site in PostgreSQL, with the types of columns that it has there.

use store::new_api::{Site, SiteKind};

use super::fixture::{digest, new_key, on_each_database, on_empty_postgres, statement, user};

const SITE: &str = r#"
CREATE TABLE users (id bigserial PRIMARY KEY, username text, password text, role bigint, status bigint, email text,
  quota bigint, used_quota bigint, "group" varchar(64), deleted_at timestamptz);
CREATE TABLE tokens (id bigserial PRIMARY KEY, user_id bigint, "key" char(48), status bigint, name text,
  created_time bigint, expired_time bigint, remain_quota bigint, unlimited_quota boolean, used_quota bigint,
  model_limits_enabled boolean, model_limits varchar(1024), allow_ips text, "group" text, deleted_at timestamptz);
CREATE TABLE channels (id bigserial PRIMARY KEY, type bigint, "key" text, status bigint, name text, weight bigint,
  base_url text, models text, "group" varchar(64), model_mapping text, priority bigint, auto_ban bigint,
  balance numeric);
CREATE TABLE options ("key" text PRIMARY KEY, value text);
INSERT INTO users VALUES (1, 'root', 'hash', 100, 1, '', 500000, 0, 'default', NULL),
  (2, 'gone', 'hash', 1, 1, NULL, 0, 0, 'default', '2025-01-01 00:00:00+00');
INSERT INTO tokens VALUES (1, 1, 'k', 1, '令牌 "one"', 1, -1, 9007199254740993, true, 0, false, '', NULL, '', NULL);
INSERT INTO channels VALUES (1, 1, E'a\nb', 1, 'main', 0, '', 'm', 'default', '{}', 5, 1, 1.5);
INSERT INTO options VALUES ('GroupRatio', '{"default":1}'), ('SMTPToken', 'secret');
"#;

#[tokio::test]
async fn a_site_in_postgres_is_read_and_made_a_file() {
    on_empty_postgres(async |url| {
        let empty = Site::at(&url).await.err().unwrap().to_string();
        assert!(empty.contains("no table users"), "{empty}");
        statement(&url, SITE.to_owned()).await;
        let read = Site::at(&url).await.unwrap();
        let file = Site::of_bytes(read.to_bytes().unwrap()).await.unwrap();
        for site in [read, file] {
            assert_eq!((site.kind, site.users.len()), (SiteKind::NewApi, 2));
            assert!(!site.users[0].has("deleted_at") && site.users[1].has("deleted_at"));
            assert!(!site.users[0].has("password"));
            let [token] = site.tokens.as_slice() else { panic!("one token") };
            assert_eq!(
                (token.text("name"), token.switch("unlimited_quota")),
                ("令牌 \"one\"", Some(true))
            );
            assert_eq!(token.number("remain_quota"), Some(9_007_199_254_740_993));
            assert_eq!(
                (token.number("expired_time"), token.switch("model_limits_enabled")),
                (Some(-1), Some(false))
            );
            assert_eq!(site.channels[0].text("key"), "a\nb");
            assert_eq!(site.options.keys().collect::<Vec<_>>(), ["GroupRatio"]);
        }
    })
    .await;
}

/// Values of keys that are deleted, or that were replaced, count as used.
#[tokio::test]
async fn used_values_are_found_many_at_once() {
    on_each_database(async |database| {
        let owner = user(&database, 1).await.id;
        let mut transaction = database.begin().await.unwrap();
        transaction.insert_api_keys(&[new_key(owner, 1), new_key(owner, 2)]).await.unwrap();
        let first = new_key(owner, 1).id;
        transaction.delete_api_key(first, None, super::fixture::NOW, None).await.unwrap();
        transaction.commit().await.unwrap();
        let asked = [digest(1), digest(2), digest(3)];
        let mut found = database.used_digests(&asked).await.unwrap();
        found.sort();
        assert_eq!(found, [digest(1), digest(2)]);
        assert!(database.used_digests(&[]).await.unwrap().is_empty());
    })
    .await;
}
