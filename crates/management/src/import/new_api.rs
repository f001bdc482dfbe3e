//! `POST /api/v1/import/new-api`
//!
//! The database is read (`store::new_api`), compared with what is here (`known.rs`), turned into a
//! plan of what is to be made (`plan.rs` and a file per kind of thing: functions of their arguments),
//! and the plan is made in one transaction (`apply.rs`). A dry run stops before that.

mod apply;
mod channels;
mod groups;
mod keys;
mod kinds;
mod known;
mod people;
mod plan;
mod prices;
mod remarks;
mod report;
mod units;
mod why;

#[cfg(test)]
mod plan_tests;

use domain::key::KeyDigest;
use domain::user::Role;
use http::StatusCode;
use store::new_api::{Site, SiteError};

use self::plan::UnreadableUnits;
use crate::access::{Operator, SystemWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::upload::{Upload, UploadKind};
use crate::request::{Invalid, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;
use known::Known;
use report::SiteImport;

/// The most bytes of the file: some hundred thousand keys, without logs.
const MOST_BYTES: usize = 64 << 20;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/import/new-api", handle)
        .about(
            "Deployment",
            "Import a new-api or one-api site",
            "Makes the users, keys with their values, channels, groups and prices of a site from its database, all of them or none. The body is the SQLite file, at most 64 MiB: `tollkeeper import new-api` makes a small one of a large database, or of PostgreSQL. What is here already stays as it is, so that an import can be repeated. For owners alone.",
        )
        .answers::<SiteImport>(200, "What was made, or with `dry_run` would be; what was left out, and why.")
        .fails(409, "Something of this was made at the same time.")
}

/// How to import.
struct Asked {
    dry_run: bool,
    overwrite: bool,
    rows: usize,
}

impl ReadQuery for Asked {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        ("dry_run", "`true`: only say what would be done."),
        (
            "overwrite",
            "`true`: groups with another factor and prices that differ become what the site has.",
        ),
        ("rows", "The most rows of each list in the answer; all of them if left out."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        let dry_run = parameters.take("dry_run", switch);
        let overwrite = parameters.take("overwrite", switch);
        let rows = parameters.take("rows", |text| {
            text.parse().map_err(|_| Invalid::new(Wrong::WholeNumberFromZero))
        });
        Some(Self {
            dry_run: dry_run.unwrap_or(false),
            overwrite: overwrite.unwrap_or(false),
            rows: rows.unwrap_or(usize::MAX),
        })
    }
}

fn switch(text: &str) -> Result<bool, Invalid> {
    text.parse().map_err(|_| Invalid::new(Wrong::TrueOrFalse))
}

/// An SQLite file.
pub(crate) enum SqliteFile {}

impl UploadKind for SqliteFile {
    const CONTENT_TYPES: &'static [&'static str] =
        &["application/vnd.sqlite3", "application/x-sqlite3", "application/octet-stream"];
    const MOST_BYTES: usize = MOST_BYTES;
    const ABOUT: &'static str = "The site's database: an SQLite file.";
}

async fn handle(
    access: Operator<SystemWrite>,
    Query(asked): Query<Asked>,
    upload: Upload<SqliteFile>,
) -> Result<Answer<SiteImport>, Problem> {
    if access.principal.role != Role::Owner {
        let detail = "An import makes users of every role: only an owner can do it.";
        return Err(Problem::forbidden("owner_only", detail));
    }
    let (bytes, note) = upload.read().await?;
    let site = Site::of_bytes(bytes).await.map_err(unreadable)?;
    let now = access.now();
    let egress = &access.app.gateway.options.egress;
    let known = Known::of(access.database(), &site, &access.app.gateway.hasher).await?;
    let plan = plan::make(&site, &known, &access.app.gateway.hasher, egress, now, &asked)
        .map_err(no_amounts)?;
    drop(site);
    if let Some(note) = note {
        note.summary(plan.in_a_few_words(asked.dry_run));
    }
    if !asked.dry_run {
        // An earlier import may have lasted though its answer was lost: its keys work from now on.
        let here: Vec<KeyDigest> = known.values.into_iter().collect();
        apply::expect(&access.app, &here).await;
        if plan.makes_anything() {
            apply::make(&access, &plan, now).await?;
        }
    }
    Ok(Answer::ok(SiteImport::of(plan, &asked)))
}

/// What is wrong with the file.
fn unreadable(error: SiteError) -> Problem {
    let problem = not_a_site(sentence(&error.to_string()));
    match error {
        SiteError::NotSqlite => problem.with("why", "not_sqlite"),
        SiteError::BrokenOff { whole, found } => {
            problem.with("why", "broken_off").with("whole", whole).with("found", found)
        }
        SiteError::Damaged(_) => problem.with("why", "damaged"),
        SiteError::NotASite(_) => problem.with("why", "other"),
        SiteError::Unavailable(_) => problem.with("why", "unavailable"),
        SiteError::MySql => problem.with("why", "mysql"),
    }
}

fn no_amounts(UnreadableUnits(units): UnreadableUnits) -> Problem {
    let detail = format!(
        "Its option QuotaPerUnit is {units:?}: so no amount can be read. Set it right at the site, and import again."
    );
    not_a_site(detail).with("why", "units").with("units", units)
}

fn not_a_site(detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_a_site", detail)
}

/// Words of an error as a sentence.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}
