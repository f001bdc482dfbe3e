//! A key routes only through groups that exist and are open to its owner.

use store::Database;
use store::user::User;

use crate::groups::check_known;
use crate::problem::{FieldError, Problem};
use crate::wrong::Wrong;

/// Refuses groups that do not exist or are not the owner's.
pub(super) async fn check(
    database: &Database,
    owner: &User,
    groups: &[String],
) -> Result<(), Problem> {
    if groups.is_empty() {
        return Ok(());
    }
    check_known(database, "groups", groups).await?;
    let closed = groups.iter().enumerate().filter(|(_, name)| !owner.groups.contains(name));
    let errors: Vec<FieldError> = closed
        .map(|(index, name)| {
            let wrong = Wrong::GroupNotOpen { name: name.clone(), groups: owner.groups.join(", ") };
            FieldError::new(format!("groups[{index}]"), "not_allowed", &wrong)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}
