//! What a channel serves: names as clients call them, and what the upstream calls them.

use protocol::json::Kind;
use store::channel::ModelMapping;

use crate::request::value::{list, text};
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// The most models of one channel.
const MOST: usize = 5_000;

/// `models`: names, or an object from the client's name to the upstream's.
pub(super) fn read(value: Value<'_>) -> Result<Vec<ModelMapping>, Invalid> {
    let models = match value.kind {
        Kind::Object => pairs(value)?,
        _ => {
            let names = crate::groups::without_repetition(list(MOST, name)(value)?)?;
            names.into_iter().map(|name| ModelMapping { upstream: name.clone(), name }).collect()
        }
    };
    if models.is_empty() {
        return Err(Invalid::new(Wrong::NoModel));
    }
    Ok(models)
}

/// `model_map`: what the upstream calls some of the models.
pub(super) fn read_map(value: Value<'_>) -> Result<Vec<ModelMapping>, Invalid> {
    if value.is_null() { Ok(Vec::new()) } else { pairs(value) }
}

/// Gives models the upstream names of a map; every name of the map must be a model.
pub(super) fn apply(models: &mut [ModelMapping], map: Vec<ModelMapping>) -> Result<(), Invalid> {
    for entry in map {
        match models.iter_mut().find(|model| model.name == entry.name) {
            Some(model) => model.upstream = entry.upstream,
            None => {
                return Err(Invalid::new(Wrong::ModelNotListed).within(&format!(".{}", entry.name)));
            }
        }
    }
    Ok(())
}

fn pairs(value: Value<'_>) -> Result<Vec<ModelMapping>, Invalid> {
    let members = value.members()?;
    if members.len() > MOST {
        return Err(Invalid::new(Wrong::AtMostEntries { most: MOST }));
    }
    let read = |(client, value): (String, Value<'_>)| {
        let shown: String = client.chars().take(100).collect();
        let upstream = name(value).map_err(|invalid| invalid.within(&format!(".{shown}")))?;
        check(&client).map_err(|invalid| invalid.within(&format!(".{shown}")))?;
        Ok(ModelMapping { name: client, upstream })
    };
    members.into_iter().map(read).collect()
}

fn name(value: Value<'_>) -> Result<String, Invalid> {
    let name = text(1..=200)(value)?;
    check(&name).map(|()| name)
}

pub(crate) fn check(name: &str) -> Result<(), Invalid> {
    let length = name.chars().count();
    if !(1..=200).contains(&length) || name.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Err(Invalid::new(Wrong::ModelName));
    }
    Ok(())
}
