//! Days and months begin at midnight of the deployment's own time zone.

use anyhow::{Context, ensure};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};

use crate::stage::{Stage, request};

macro_rules! zones {
    ($($test:ident: $zone:literal;)*) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                resets_at_local_midnight($zone).await
            }
        )*
    };
}

zones! {
    a_day_ends_at_midnight_in_kiritimati: "Pacific/Kiritimati";
    a_day_ends_at_midnight_in_pago_pago: "Pacific/Pago_Pago";
    a_day_ends_at_midnight_in_kathmandu: "Asia/Kathmandu";
    a_day_ends_at_midnight_in_new_york: "America/New_York";
}

async fn resets_at_local_midnight(zone: &str) -> anyhow::Result<()> {
    let fields = json!({"daily_limit": {"requests": 1}, "monthly_limit": {"requests": 100}});
    let stage = Stage::set_with_key(|gateway| gateway.args(["--time-zone", zone]), fields).await?;
    stage.ask(&request(json!({}))).await?.success()?;
    let now = Timestamp::now().to_zoned(TimeZone::get(zone)?);
    let tomorrow = now.start_of_day()?.checked_add(1.day())?.start_of_day()?;
    refused(&stage, "daily_limit_reached", &now, &tomorrow).await?;

    let month: Value = json!({"requests": 1});
    stage.edit_key(json!({"daily_limit": null, "monthly_limit": month})).await?;
    let next = now.first_of_month()?.checked_add(1.month())?.start_of_day()?;
    refused(&stage, "monthly_limit_reached", &now, &next).await
}

/// The refusal names the local midnight, and how long that is.
async fn refused(stage: &Stage, code: &str, now: &Zoned, reset: &Zoned) -> anyhow::Result<()> {
    let refused = stage.ask(&request(json!({}))).await?;
    ensure!(refused.code().as_deref() == Some(code), "{}", refused.text());
    let wait: i64 = refused.header("retry-after").context("no retry-after")?.parse()?;
    let expected = reset.timestamp().as_second() - now.timestamp().as_second();
    ensure!((wait - expected).abs() <= 15, "{wait} s instead of {expected}");
    let named = reset.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    ensure!(refused.text().contains(&named), "{named} is not in {}", refused.text());
    Ok(())
}
