//! Groups: named sets of channels with a factor on prices.

pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod view;

pub(crate) use view::Factor;

use store::Database;

use crate::problem::{FieldError, Problem};
use crate::request::Invalid;
use crate::wrong::Wrong;

/// The word that stands for the owner's own groups, in their order.
pub(crate) const AUTO: &str = "auto";

/// Refuses names that are no group's.
pub(crate) async fn check_known(
    database: &Database,
    field: &str,
    names: &[String],
) -> Result<(), Problem> {
    let known = database.groups().await?;
    let unknown = |name: &String| !known.iter().any(|group| group.name == *name);
    let error = |(index, name): (usize, &String)| {
        let wrong = Wrong::UnknownGroup { name: name.clone() };
        FieldError::new(format!("{field}[{index}]"), "invalid", &wrong)
    };
    let errors: Vec<FieldError> =
        names.iter().enumerate().filter(|(_, name)| unknown(name)).map(error).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// Refuses a list that names something twice.
pub(crate) fn without_repetition(names: Vec<String>) -> Result<Vec<String>, Invalid> {
    let mut seen = std::collections::HashSet::new();
    match names.iter().position(|name| !seen.insert(name.as_str())) {
        Some(index) => Err(Invalid::new(Wrong::GroupTwice).within(&format!("[{index}]"))),
        None => Ok(names),
    }
}
