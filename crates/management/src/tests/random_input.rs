//! Random bodies for every route that writes: a refusal that says what is wrong and changes nothing,
//! or a success. The numbers that they are drawn from are fixed, so that a failure comes again.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::generated::{Operation, fault, operations, state, with};
use super::matrix::World;

/// Bodies for each route.
const BODIES: usize = 8;

/// Values that some reader may not expect.
const ODD: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1.5",
    "1e308",
    "-1e-400",
    "9223372036854775808",
    "18446744073709551616",
    "\"\"",
    "\"  \"",
    "\"NaN\"",
    "\"12\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\u202e\u{1F468}\u{200D}\u{1F469}\"",
    "\"'; DROP TABLE users; --\"",
    "\"../../etc/passwd\"",
    "\"key_00000000000070008000000000000000\"",
    "\"2026-13-45T99:99:99Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"0000-01-01T00:00:00Z\"",
    "[]",
    "[null]",
    "[[[[[[[[]]]]]]]]",
    "{}",
    "{\"a\":1,\"a\":2}",
    "{\"\":{\"\":{}}}",
    "{\"amount\":-1}",
];

/// One of a route's random bodies.
fn body(operation: &Operation, random: &mut StdRng) -> Vec<u8> {
    let pick = |random: &mut StdRng| match random.random_range(0..20) {
        0 => format!("\"{}\"", "x".repeat(20_000)),
        1 => format!("{}{}", "[".repeat(300), "]".repeat(300)),
        2 => format!("[{}1]", "1,".repeat(3_000)),
        3 => format!("{}e{}", random.random::<i64>(), random.random_range(0..400)),
        _ => ODD[random.random_range(0..ODD.len())].to_owned(),
    };
    let fields = operation.fields();
    let mut text = match fields.len() {
        0 => format!("{{\"unknown\":{}}}", pick(random)),
        count => {
            let field = &fields[random.random_range(0..count)];
            with(&operation.good(), field, &pick(random))
        }
    };
    match random.random_range(0..12) {
        0 => text = text.replacen('{', "{\"no_such_field\":1,", 1),
        1 => text = format!("{text}{text}"),
        2 => text = text.replacen(':', ":NaN,", 1),
        3 => text = pick(random),
        4 => text.clear(),
        // The same field twice.
        5 if text.len() > 4 => {
            let inner = text[1..text.len() - 1].to_owned();
            text = format!("{{{inner},{inner}}}");
        }
        _ => {}
    }
    let mut bytes = text.into_bytes();
    if !bytes.is_empty() && random.random_range(0..8) == 0 {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..3) {
            0 => bytes[at] = 0xff,
            1 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << random.random_range(0..7),
        }
    }
    bytes
}

#[tokio::test]
async fn a_random_body_is_taken_or_refused_and_a_refusal_changes_nothing() {
    let mut random = StdRng::seed_from_u64(25);
    let world = World::open().await;
    let (mut cases, mut refusals, mut wrong) = (0, 0, Vec::new());
    for operation in operations(&world).await.iter().filter(|operation| operation.writes()) {
        let about = format!("{} {}", operation.method, operation.path);
        let mut refused = Vec::new();
        for _ in 0..BODIES {
            let path = operation.asked(&world, world.users["member"]).await;
            let body = body(operation, &mut random);
            let answer = operation.send(&world, &path, &body).await;
            cases += 1;
            if let Some(fault) = fault(&answer) {
                let text = String::from_utf8_lossy(&body).chars().take(300).collect::<String>();
                wrong.push(format!("{about} {text}: {fault}: {}", answer.text));
            }
            if !answer.status.is_success() {
                refused.push((path, body));
            }
        }
        // A wrong password is a row of the audit log on purpose, which is the only trace it leaves.
        let guesses = operation.path.starts_with("/api/v1/sessions")
            || operation.path.starts_with("/api/v1/me/");
        // Once more, with the state before and after.
        let mut before = state(&world).await;
        for (path, body) in refused {
            let answer = operation.send(&world, &path, &body).await;
            let after = state(&world).await;
            refusals += 1;
            if !answer.status.is_success() {
                for ((place, old), (_, new)) in before.iter().zip(&after) {
                    // Whoever verifies the books is told how long the log is.
                    let tells = |root: &str| place.starts_with(root);
                    let noted =
                        guesses && ["/api/v1/audit", "/api/v1/books"].into_iter().any(tells);
                    if old != new && !noted {
                        let text = String::from_utf8_lossy(&body);
                        wrong.push(format!("{about} {text}: refused, and changed {place}"));
                    }
                }
            }
            before = after;
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 400 && refusals >= 250, "only {cases} cases, {refusals} refusals");
    eprintln!("{cases} bodies, {refusals} refusals that changed nothing");
}
