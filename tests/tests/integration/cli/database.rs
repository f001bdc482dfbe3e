//! A shared database that is not there: whoever starts a gateway is told which, and why.

use std::net::TcpListener;

use anyhow::ensure;

use crate::stage::{path, said, tollkeeper};

#[tokio::test]
async fn a_database_that_is_down_is_named_without_its_password() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().join("data");
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("postgres://books:hunter2@{free}/tollkeeper");
    for verb in [&["init", "--json"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let mut command = tollkeeper(verb);
        command.args(["--data", path(&data)?, "--database", &url]);
        command.env("TOLLKEEPER_MASTER_KEY", "5a".repeat(32));
        let output = command.output().await?;
        let told = said(&output);
        ensure!(!output.status.success(), "{told}");
        ensure!(told.contains(&free.to_string()), "the host is not named: {told}");
        ensure!(told.contains("refused"), "the cause is not named: {told}");
        ensure!(!told.contains("hunter2"), "the password is shown: {told}");
    }
    Ok(())
}
