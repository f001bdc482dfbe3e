//! Databases as new-api and one-api leave them behind, with the shapes of their columns and some of
//! everything that there can be.

use sqlx::{AnyConnection, Connection};
use std::path::{Path, PathBuf};

/// The value of alice's key, without `sk-`: it has no checksum of ours.
pub(crate) const ALICE: &str = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";
/// bob's, which is switched off.
pub(crate) const BOB: &str = "bB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";
/// alice's second one, in the group `vip`.
pub(crate) const ALICE_VIP: &str = "cB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";
/// A key with nothing left.
pub(crate) const USED_UP: &str = "dB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";
/// A key that ended in 2020.
pub(crate) const ENDED: &str = "eB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";
/// A key for another model and another address.
pub(crate) const NARROW: &str = "fB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3";

const NEW_API: &str = r#"
CREATE TABLE users (id integer PRIMARY KEY, username text, password text, display_name text, role integer,
  status integer, email text, access_token text, quota integer, used_quota integer, request_count integer,
  "group" varchar(64), aff_code text, deleted_at datetime, setting text);
CREATE TABLE tokens (id integer PRIMARY KEY, user_id integer, "key" char(48) UNIQUE, status integer, name text,
  created_time integer, accessed_time integer, expired_time integer, remain_quota integer, unlimited_quota numeric,
  model_limits_enabled numeric, model_limits varchar(1024), allow_ips text, used_quota integer, "group" text,
  cross_group_retry numeric, deleted_at datetime);
CREATE TABLE channels (id integer PRIMARY KEY, type integer, "key" text NOT NULL, status integer, name text,
  weight integer, created_time integer, base_url text, other text, balance real, models text, "group" varchar(64),
  used_quota integer, model_mapping text, status_code_mapping text, priority integer, auto_ban integer, tag text,
  setting text, param_override text, header_override text, channel_info text);
CREATE TABLE abilities ("group" varchar(64), model varchar(255), channel_id integer, enabled numeric);
CREATE TABLE options ("key" text PRIMARY KEY, value text);
CREATE TABLE logs (id integer PRIMARY KEY, user_id integer, content text);

INSERT INTO users VALUES
  (1, 'root', '$2a$10$hash', 'Root User', 100, 1, '', NULL, 100000000, 0, 0, 'default', 'aaaa', NULL, ''),
  (2, 'alice', '$2a$10$hash', 'Alice', 1, 1, 'Alice@Example.test', 'token', 2500000, 500000, 7, 'default', 'bbbb', NULL, ''),
  (3, 'bob', '$2a$10$hash', 'Bob', 10, 2, 'no address', NULL, -1000, 0, 0, 'vip', 'cccc', NULL, ''),
  (4, 'gone', '$2a$10$hash', 'Gone', 1, 1, 'gone@example.test', NULL, 1, 0, 0, 'default', 'dddd', '2025-01-01 00:00:00', '');
INSERT INTO tokens VALUES
  (1, 2, '__ALICE__', 1, 'production', 1700000000, 1700000000, -1, 1000000, 0, 0, '', '', 250000, '', 0, NULL),
  (2, 3, '__BOB__', 2, '', 1700000000, 1700000000, -1, 0, 1, 0, '', NULL, 0, '', 0, NULL),
  (3, 2, '__ALICE_VIP__', 1, 'vip', 1700000000, 1700000000, -1, -500, 1, 0, '', '', 0, 'vip', 0, NULL),
  (4, 2, '__USED_UP__', 4, 'used up', 1700000000, 1700000000, -1, 0, 0, 0, '', '', 0, '', 0, NULL),
  (5, 2, '__ENDED__', 3, 'ended', 1500000000, 1500000000, 1600000000, 1000, 0, 0, '', '', 0, '', 0, NULL),
  (6, 2, '__NARROW__', 1, 'narrow', 1700000000, 1700000000, 4102444800, 0, 1, 1, 'other-model',
     '192.0.2.7' || char(10) || '10.1.2.3/8' || char(10) || 'nonsense', 0, 'auto', 0, NULL),
  (7, 2, 'too-short', 1, 'hand-made', 1700000000, 1700000000, -1, 0, 1, 0, '', '', 0, '', 0, NULL),
  (8, 2, 'gB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3', 1, 'deleted', 1, 1, -1, 0, 1, 0, '', '', 0, '', 0, '2025-01-01 00:00:00'),
  (9, 4, 'hB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3', 1, 'orphan', 1, 1, -1, 0, 1, 0, '', '', 0, '', 0, NULL),
  (10, 2, 'jB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3', 1, 'no list', 1, 1, -1, 0, 1, 0, '', 'nonsense', 0, '', 0, NULL);
INSERT INTO channels VALUES
  (1, 1, 'upstream-secret' || char(10) || 'upstream-secret-2', 1, 'main', 0, 1, '__PROVIDER__', '', 0,
     'old-name,sim-small', 'default,vip', 0, '{"old-name":"middle","middle":"sim-small"}', '', 5, 1, '', '', NULL, NULL, '{}'),
  (2, 33, 'ak|sk|region', 1, 'bedrock', 0, 1, '', '', 0, 'claude', 'default', 0, '', '', 0, 1, '', '', NULL, NULL, '{}'),
  (3, 14, 'sk-ant', 3, 'main', 4, 1, NULL, '', 0, 'claude-x', 'vip', 0, NULL, '', NULL, 1, '', '{"proxy":"socks5://127.0.0.1:1"}', '{"a":1}', NULL, '{}'),
  (4, 1, 'x', 1, 'private', 0, 1, 'http://10.0.0.1', '', 0, 'm', 'default', 0, '', '', 0, 1, '', '', NULL, NULL, '{}');
INSERT INTO options VALUES
  ('GroupRatio', '{"default":1,"vip":0.5}'),
  ('ModelRatio', '{"old-name":0.5,"sim-small":0.5,"zero":0}'),
  ('CompletionRatio', '{"old-name":2,"sim-small":2}'),
  ('ModelPrice', '{"drawing":0.04}'),
  ('AutoGroups', '["vip","default"]'),
  ('UserUsableGroups', '{"default":"plain","vip":"cheap","auto":"whichever"}'),
  ('SMTPToken', 'secret');
INSERT INTO logs VALUES (1, 2, 'what nobody else should see');
"#;

const ONE_API: &str = r#"
CREATE TABLE users (id integer PRIMARY KEY, username text UNIQUE, password text NOT NULL, display_name text,
  role integer, status integer, email text, access_token char(32), quota integer, used_quota integer,
  request_count integer, "group" varchar(32), aff_code varchar(32), inviter_id integer);
CREATE TABLE tokens (id integer PRIMARY KEY, user_id integer, "key" char(48) UNIQUE, status integer, name text,
  created_time integer, accessed_time integer, expired_time integer, remain_quota integer, unlimited_quota numeric,
  used_quota integer, models text, subnet text);
CREATE TABLE channels (id integer PRIMARY KEY, type integer, "key" text, status integer, name text, weight integer,
  created_time integer, base_url text, other text, balance real, models text, "group" varchar(32), used_quota integer,
  model_mapping varchar(1024), priority integer, config text, system_prompt text);
CREATE TABLE abilities ("group" varchar(32), model text, channel_id integer, enabled numeric, priority integer);
CREATE TABLE options ("key" text PRIMARY KEY, value text);
INSERT INTO users VALUES (7, 'carol', 'hash', 'Carol', 1, 1, 'carol@example.test', NULL, 500000, 0, 0, 'default', 'x', 0);
INSERT INTO tokens VALUES
  (1, 7, '__ALICE__', 1, 'one', 1, 1, -1, 250000, 0, 0, NULL, ''),
  (2, 7, '__NARROW__', 1, 'narrow', 1, 1, -1, 0, 1, 0, 'other-model', '192.0.2.0/24,198.51.100.7');
INSERT INTO channels VALUES
  (1, 8, 'upstream-secret', 1, 'custom', NULL, 1, '__PROVIDER__', '', 0, 'sim-small', 'default', 0, '', NULL, '', ''),
  (2, 36, 'sk-deepseek', 2, 'deepseek', NULL, 1, '', '', 0, 'deepseek-chat', 'default', 0, '', 0, '', '');
INSERT INTO options VALUES
  ('ModelRatio', '{"sim-small":0.5,"deepseek-chat":0.07}'), ('CompletionRatio', '{"sim-small":2}'), ('GroupRatio', 'broken');
"#;

/// A new-api database in front of this provider.
pub(crate) async fn new_api(directory: &Path, provider: &str) -> anyhow::Result<PathBuf> {
    made(directory, "new-api.db", NEW_API, provider).await
}

/// A one-api database, with columns that later releases have no more, and without those that they
/// added.
pub(crate) async fn one_api(directory: &Path, provider: &str) -> anyhow::Result<PathBuf> {
    made(directory, "one-api.db", ONE_API, provider).await
}

async fn made(directory: &Path, name: &str, text: &str, provider: &str) -> anyhow::Result<PathBuf> {
    let values = [
        ("__ALICE_VIP__", ALICE_VIP),
        ("__ALICE__", ALICE),
        ("__BOB__", BOB),
        ("__USED_UP__", USED_UP),
        ("__ENDED__", ENDED),
        ("__NARROW__", NARROW),
        ("__PROVIDER__", provider),
    ];
    let text = values.iter().fold(text.to_owned(), |text, (sign, value)| text.replace(sign, value));
    let path = directory.join(name);
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut database = AnyConnection::connect(&url).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut database).await?;
    database.close().await?;
    Ok(path)
}
