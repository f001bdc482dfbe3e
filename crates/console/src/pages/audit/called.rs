//! What the things in the audit log are called: its rows have their ids.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::entry::Row;
use crate::api::segment;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

/// An id that is shorter is shown whole.
const LONG: usize = 24;
/// So much of a longer one is shown, before what is left out and after it.
const ENDS: usize = 4;

/// What is known of a thing.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Gives the rows the names of what they are about; what is gone, or is not the visitor's to see,
/// keeps its id.
pub(super) async fn name(
    user: &SignedIn,
    rows: &mut [Row],
    mut known: BTreeMap<String, Option<String>>,
) -> Result<(), Trouble> {
    let operator = user.me.is_operator();
    for row in rows {
        let thing = row.thing().to_owned();
        let of = match thing.split_once('_').map(|(kind, _)| kind) {
            Some("key") => "/v1/api-keys",
            Some("usr") if operator => "/api/v1/users",
            Some("chn") if operator => "/api/v1/channels",
            _ => continue,
        };
        if !known.contains_key(&thing) {
            let path = format!("{of}/{}", segment(&thing));
            let named: Option<Named> = match user.api().find(&path).await {
                Err(Trouble::Refused(_)) => None,
                found => found?,
            };
            known.insert(thing.clone(), named.map(|named| named.name));
        }
        row.name = known.get(&thing).cloned().flatten();
    }
    Ok(())
}

/// An id in few letters, as `key_01a2…8432`; anything else as it is.
pub(super) fn short(thing: &str) -> String {
    let id = thing
        .split_once('_')
        .filter(|(_, id)| id.len() >= LONG && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let parts = id.and_then(|(kind, id)| {
        Some((kind, id.get(..ENDS)?, id.get(id.len().saturating_sub(ENDS)..)?))
    });
    parts.map_or_else(|| thing.to_owned(), |(kind, head, end)| format!("{kind}_{head}…{end}"))
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn only_long_ids_are_shortened() {
        assert_eq!(short("key_01a203c0852c784f86b69d03f3a08432"), "key_01a2…8432");
        for whole in ["gpt-5.1", "key_1", "batch_with_a_name_that_is_long", "", "ada@example.com"] {
            assert_eq!(short(whole), whole);
        }
    }
}
