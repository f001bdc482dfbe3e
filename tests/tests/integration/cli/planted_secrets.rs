//! Secrets that were planted are in the vault and nowhere else: not in other files, in what is
//! printed, in errors, or on the command line of any process.

use std::os::unix::fs::PermissionsExt;

use anyhow::ensure;
use testkit::site::{ACCESS_TOKEN, Conduct, Reveal, SESSION, Trouble, value_of};

use crate::stage::person::Person;
use crate::stage::said;

fn secrets() -> Vec<String> {
    let values = (1..=4).map(value_of);
    [ACCESS_TOKEN, SESSION].map(str::to_owned).into_iter().chain(values).collect()
}

fn clean(where_from: &str, text: &str) -> anyhow::Result<()> {
    for secret in secrets() {
        ensure!(!text.contains(&secret), "{where_from} holds a secret: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn secrets_are_in_the_vault_and_nowhere_else() -> anyhow::Result<()> {
    for conduct in [
        Conduct::default(),
        Conduct::older(),
        Conduct { reveal: Reveal::Batch, ..Conduct::default() },
        Conduct::default().with_trouble(Trouble::Echo, "/key"),
        Conduct::default().with_trouble(Trouble::Echo, "/api/user/checkin"),
    ] {
        let person = Person::with_account(conduct.clone()).await?;
        person.add("session", &["--user-id", "3", "--cookie-stdin"], SESSION).await?;
        person.add("key", &["--key-stdin"], &format!("sk-{}", value_of(1))).await?;
        for (arguments, input) in [
            (vec!["account", "list"], String::new()),
            (vec!["tokens", "--account", "mine"], String::new()),
            (vec!["tokens", "--account", "mine", "--refresh", "--json"], String::new()),
            (vec!["tokens", "--account", "key"], String::new()),
            (vec!["tokens", "make", "--account", "mine", "--yes", "--json"], String::new()),
            (
                vec!["tokens", "keep", "--account", "session", "--token", "token-1", "--key-stdin"],
                value_of(1),
            ),
            (
                vec!["tokens", "keep", "--account", "session", "--token", "token-2", "--key-stdin"],
                value_of(1),
            ),
            (vec!["balance", "--account", "session"], String::new()),
            (vec!["check-in", "--account", "mine"], String::new()),
            (vec!["check-in", "--account", "session"], String::new()),
            (vec!["history", "--account", "mine"], String::new()),
            (
                vec!["account", "import-link"],
                format!("ccswitch://v1/import?apiKey={}", value_of(2)),
            ),
            (vec!["node", "test", "--provider", "mine", "--tries", "1"], String::new()),
        ] {
            let output = person.run(&arguments, &input).await?;
            clean(&format!("{arguments:?}"), &said(&output))?;
        }
        for file in person.files()? {
            let mode = std::fs::metadata(&file)?.permissions().mode() & 0o777;
            let text = std::fs::read_to_string(&file)?;
            if file.ends_with("secrets.json") {
                ensure!(mode == 0o600, "{mode:o}");
                ensure!(text.contains(ACCESS_TOKEN) && text.contains(SESSION), "an empty vault");
            } else {
                clean(&file.display().to_string(), &text)?;
            }
        }
    }
    Ok(())
}

/// A site that repeats the credentials and sends codes for terminals gets neither through.
#[tokio::test]
async fn a_site_cannot_repeat_them_or_move_the_cursor() -> anyhow::Result<()> {
    for person in [
        Person::with_account(Conduct::default()).await?,
        Person::with_session(Conduct::default()).await?,
    ] {
        person.site.behave(Conduct::default().with_trouble(Trouble::Echo, "/api/user/self"));
        let told = person.failure(&["balance", "--account", "mine"], "").await?;
        clean("the error", &told)?;
        ensure!(told.contains("refused") && !told.contains(['\u{1b}', '\u{7}']), "{told:?}");
    }
    Ok(())
}

/// While a verb waits for its site, its command line and environment hold no secret.
#[tokio::test]
async fn no_process_shows_them() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let seen = person.site.seen().len();
    person.site.behave(Conduct::default().with_trouble(Trouble::Silence, ""));
    let verb = ["balance", "--account", "mine", "--timeout", "5"];
    let running = person.run(&verb, "");
    let watching = async {
        crate::stage::eventually("the site is asked", async || Ok(person.site.seen().len() > seen))
            .await?;
        let mut found = 0;
        for entry in std::fs::read_dir("/proc")?.flatten() {
            for part in ["cmdline", "environ"] {
                let Ok(bytes) = std::fs::read(entry.path().join(part)) else { continue };
                let text = String::from_utf8_lossy(&bytes);
                let ours = text.contains("balance") && text.contains("mine");
                found += usize::from(ours && part == "cmdline");
                if ours || text.contains(&person.home().display().to_string()) {
                    clean(part, &text)?;
                }
            }
        }
        ensure!(found > 0, "the verb was not seen running");
        anyhow::Ok(())
    };
    let (ended, watched) = tokio::join!(running, watching);
    watched?;
    clean("the verb", &said(&ended?))
}

#[tokio::test]
async fn a_vault_that_others_can_read_is_refused() -> anyhow::Result<()> {
    let person = Person::with_account(Conduct::default()).await?;
    let vault = person.home().join("secrets.json");
    std::fs::set_permissions(&vault, PermissionsExt::from_mode(0o644))?;
    let before = person.site.seen().len();
    let refused = person.failure(&["balance", "--account", "mine"], "").await?;
    ensure!(refused.contains("chmod 600") && refused.contains("644"), "{refused}");
    ensure!(person.site.seen().len() == before, "the site was asked");
    Ok(())
}
