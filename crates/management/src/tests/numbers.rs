//! Numbers that are none, or too large, in every field and every parameter of every route: refused
//! by name where the field is a number, and never the end of anything.

use super::generated::{fault, operations, state, with};
use super::matrix::World;

/// What no field that is a number takes.
const NEVER: [&str; 6] =
    ["1e308", "9223372036854775808", "-9223372036854775809", "\"NaN\"", "true", "{}"];
/// What some fields take.
const SOMETIMES: [&str; 6] = ["-1", "0.5", "-0", "\"12\"", "null", "[]"];
/// What stands behind the question mark.
const QUERIES: [&str; 8] =
    ["-1", "9223372036854775808", "1e308", "NaN", "null", "0x10", "%00", "%FF"];

#[tokio::test]
async fn absurd_numbers_in_bodies_are_refused_by_name() {
    let world = World::open().await;
    let (mut cases, mut wrong) = (0, Vec::new());
    for operation in operations(&world).await.iter().filter(|operation| operation.has_body()) {
        let owner = world.users["member"];
        let good = operation.good();
        for field in operation.fields() {
            for raw in NEVER.iter().chain(&SOMETIMES) {
                let path = operation.asked(&world, owner).await;
                let body = with(&good, &field, raw);
                let answer = operation.send(&world, &path, body.as_bytes()).await;
                let name = field.name();
                let must = field.number && NEVER.contains(raw);
                let named = answer.status == 422
                    && answer.fields().iter().any(|told| name.starts_with(told.as_str()));
                cases += 1;
                let fault = fault(&answer)
                    .or_else(|| (must && !named).then(|| format!("{name} is not named")));
                if let Some(fault) = fault {
                    wrong.push(format!(
                        "{} {} {body}: {fault}: {} {}",
                        operation.method, operation.path, answer.status, answer.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 1_000, "only {cases} cases");
    eprintln!("{cases} cases, 0 wrong");
}

#[tokio::test]
async fn absurd_numbers_in_queries_are_refused_by_name() {
    let world = World::open().await;
    let before = state(&world).await;
    let (mut cases, mut wrong) = (0, Vec::new());
    for operation in operations(&world).await.iter().filter(|operation| !operation.writes()) {
        let path = operation.asked(&world, world.users["member"]).await;
        for name in &operation.queries {
            for value in QUERIES {
                let asked = format!("{path}?{name}={value}");
                let answer = operation.send(&world, &asked, b"").await;
                cases += 1;
                let told = answer.status == 422 && answer.fields().contains(name);
                let must = name == "limit" && !value.starts_with('%');
                let fault =
                    fault(&answer).or_else(|| (must && !told).then(|| "not named".to_owned()));
                if let Some(fault) = fault {
                    wrong.push(format!("{asked}: {fault}: {} {}", answer.status, answer.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 300, "only {cases} cases");
    eprintln!("{cases} cases, 0 wrong");
    let after = state(&world).await;
    // Things to ask about were made meanwhile; nothing else was.
    assert_eq!(before.len(), after.len());
}
