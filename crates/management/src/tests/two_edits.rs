//! Two changes at once that are meant for the same version: one is made, the other is told. Over all
//! pairs of routes that take `If-Match`, on SQLite and on PostgreSQL.

use domain::user::Role;
use http::Method;
use serde_json::json;
use std::process::Command;
use store::Database;

use super::fixture::{Answer, Deployment};
use super::generated::{Operation, operations};
use super::matrix::{Credential, World};

/// Beginnings of paths, and an edit of what follows.
const EDITS: &[(&str, &str)] = &[
    ("/api/v1/alert-rules/", r#"{"disabled":true}"#),
    ("/api/v1/channels/", r#"{"disabled":true}"#),
    ("/api/v1/key-templates/", r#"{"quota":5}"#),
    ("/api/v1/me", r#"{"theme":"dark"}"#),
    ("/", r#"{"name":"renamed"}"#),
];

/// Each pair so often.
const ROUNDS: usize = 3;

#[tokio::test]
async fn of_two_edits_one_is_made_on_sqlite() {
    of_two_edits_one_is_made(Deployment::open().await).await;
}

#[tokio::test]
async fn of_two_edits_one_is_made_on_postgresql() {
    let server = std::env::var("TOLLKEEPER_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "set TOLLKEEPER_TEST_POSTGRES, or run `cargo xtask test`, which starts PostgreSQL itself"
        )
    });
    let name = format!("edits_{}_{}", std::process::id(), rand::random::<u32>());
    statement(&server, &format!("CREATE DATABASE {name}"));
    let (base, _) = server.rsplit_once('/').unwrap();
    let database = Database::open(&format!("{base}/{name}")).await.unwrap();
    let deployment = Deployment::on(database, tempfile::tempdir().unwrap()).await;
    of_two_edits_one_is_made(deployment).await;
    statement(&server, &format!("DROP DATABASE {name} WITH (FORCE)"));
}

fn statement(server: &str, text: &str) {
    let mut psql = Command::new("psql");
    let done = psql.args(["--no-psqlrc", "--quiet", "--command", text, server]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn of_two_edits_one_is_made(deployment: Deployment) {
    let world = World::of(deployment).await;
    let operations = operations(&world).await;
    let edits: Vec<&Operation> = operations.iter().filter(|it| it.with_etag).collect();
    let thing = |operation: &Operation| operation.path.split('}').next().unwrap().to_owned();
    let (mut pairs, mut wrong) = (0, Vec::new());
    for (index, one) in edits.iter().enumerate() {
        for other in edits[index..].iter().filter(|other| thing(other) == thing(one)) {
            pairs += 1;
            for _ in 0..ROUNDS {
                let (paths, etag) = prepared(&world, one, other).await;
                let (first, second) = tokio::join!(
                    edit(&world, one, &paths[0], &etag),
                    edit(&world, other, &paths[1], &etag),
                );
                let statuses = [first.status.as_u16(), second.status.as_u16()];
                let made = statuses.iter().filter(|status| **status < 300).count();
                let told = statuses.iter().filter(|it| matches!(it, 404 | 409 | 412)).count();
                if (made, told) != (1, 1) {
                    wrong.push(format!(
                        "{} {} and {} {}: {statuses:?} {} {}",
                        one.method, one.path, other.method, other.path, first.text, second.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "of {pairs} pairs:\n{}", wrong.join("\n"));
    assert!(pairs >= 40, "only {pairs} pairs");
    eprintln!("{pairs} pairs, {ROUNDS} rounds each: one made, one told");
}

/// The paths of two changes of one fresh thing, and its version.
async fn prepared(world: &World, one: &Operation, other: &Operation) -> ([String; 2], String) {
    let asked = one.asked(world, world.users["member"]).await;
    let tail = |operation: &Operation| {
        operation.path.split_once('}').map_or(String::new(), |(_, tail)| tail.to_owned())
    };
    let mut thing = asked.strip_suffix(&tail(one)).unwrap().to_owned();
    if thing.starts_with("/v1/api-keys/") {
        // There is a grace to end.
        world.deployment.post(&format!("{thing}/rotate"), json!({})).await.is(200);
    } else if thing.starts_with("/api/v1/key-templates/") {
        world.deployment.put(&thing, json!({"quota": 1})).await.is(200);
    } else if thing.starts_with("/api/v1/channels/") {
        let channel = json!({"name": format!("c{}", rand::random::<u64>()), "provider": "openai",
            "base_url": "https://x.example", "secret": "s", "models": ["m"]});
        let made = world.deployment.post("/api/v1/channels", channel).await.is(201);
        thing = format!("/api/v1/channels/{}", made["id"].as_str().unwrap());
    }
    let (bearer, headers) = one.credential(world).await;
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let read = world.deployment.send_as(&bearer, Method::GET, &thing, "", &headers).await;
    let told = || Some(read.json()["etag"].as_str()?.to_owned());
    let head = read.headers.get("etag").map(|etag| etag.to_str().unwrap().to_owned());
    // What cannot be read by itself was made just now.
    let etag = head.or_else(|| read.status.is_success().then(told).flatten());
    let paths = [one, other].map(|operation| format!("{thing}{}", tail(operation)));
    (paths, etag.unwrap_or_else(|| "\"1\"".to_owned()))
}

async fn edit(world: &World, operation: &Operation, path: &str, etag: &str) -> Answer {
    let body = match operation.method {
        Method::PATCH | Method::PUT => EDITS.iter().find(|row| path.starts_with(row.0)).unwrap().1,
        _ => "",
    };
    let person = operation.path == "/api/v1/me";
    let (bearer, headers) = match person {
        true => world.headers(Role::Member, Credential::SameSite, None).await,
        false => operation.credential(world).await,
    };
    let mut headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("if-match", etag));
    if !body.is_empty() {
        headers.push(("content-type", "application/json"));
    }
    world.deployment.send_as(&bearer, operation.method.clone(), path, body, &headers).await
}
