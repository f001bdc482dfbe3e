//! Every page of a site's list of tokens, whichever way it counts.
//!
//! The newer generation answers `{"items", "total"}` and counts pages from 1, the older one answers
//! a bare array and counts from 0; both are asked the same, and each token is taken once. So page 1
//! comes first, then the ones after it until nothing new comes, and page 0 where it could hold more.

use serde_json::Value;
use std::collections::HashSet;

use super::super::reading::{text, whole};
use super::super::{Site, SiteError};
use super::ask;
use crate::web::Question;

/// More would run into the site's limit of requests.
const MOST_PAGES: usize = 100;

/// A list as the site gave it.
pub(super) struct Listed {
    pub(super) items: Vec<Value>,
    /// Whether these are as many as the site says there are.
    pub(super) complete: bool,
}

#[derive(Default)]
struct Found {
    items: Vec<Value>,
    ids: HashSet<String>,
    total: Option<usize>,
    bare: bool,
}

impl Found {
    /// Takes a page; how many of it are new.
    fn take(&mut self, page: Value) -> Option<usize> {
        let items = match page {
            // An empty list of the older servers.
            Value::Null => {
                self.bare = true;
                Vec::new()
            }
            Value::Array(items) => {
                self.bare = true;
                items
            }
            Value::Object(mut object) => {
                let inside = ["items", "data", "list", "records", "tokens"];
                let items = inside.iter().find_map(|name| object.remove(*name))?;
                let total = whole(&Value::Object(object), "total");
                self.total = total.and_then(|total| usize::try_from(total).ok());
                match items {
                    Value::Array(items) => items,
                    Value::Null => Vec::new(),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let before = self.items.len();
        for item in items {
            if text(&item, "id").is_some_and(|id| self.ids.insert(id)) {
                self.items.push(item);
            }
        }
        Some(self.items.len() - before)
    }

    fn is_whole(&self) -> bool {
        self.total.is_some_and(|total| self.items.len() >= total)
    }
}

pub(super) async fn all(site: &Site) -> Result<Listed, SiteError> {
    let mut found = Found::default();
    let page = async |found: &mut Found, number: usize| {
        let path = format!("/api/token/?p={number}&page_size=100&size=100");
        let page = ask(site, Question::get(path)).await?;
        let odd = SiteError::Odd { site: site.url.authority(), what: "a list of tokens" };
        found.take(page).ok_or(odd)
    };
    let mut new = page(&mut found, 1).await?;
    let mut number = 1;
    while new > 0 && !found.is_whole() && number < MOST_PAGES {
        number += 1;
        new = page(&mut found, number).await?;
    }
    let ran_out = new > 0 && !found.is_whole();
    if found.bare || found.total.is_some() && !found.is_whole() {
        // What comes first in the list should stay first.
        let later = std::mem::take(&mut found.items);
        found.ids.clear();
        page(&mut found, 0).await?;
        let ids = &mut found.ids;
        let rest = later.into_iter().filter(|it| text(it, "id").is_some_and(|id| ids.insert(id)));
        found.items.extend(rest);
    }
    let complete = !ran_out && (found.total.is_none() || found.is_whole());
    Ok(Listed { items: found.items, complete })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_token_is_taken_once() {
        let mut found = Found::default();
        assert_eq!(
            found.take(json!([{"id": 1}, {"id": "1"}, {"name": "none"}, {"id": 2}])),
            Some(2)
        );
        assert_eq!(found.take(json!([{"id": 2}])), Some(0));
        assert_eq!(found.take(Value::Null), Some(0));
    }

    #[test]
    fn a_page_says_how_many_there_are() {
        let mut found = Found::default();
        assert_eq!(found.take(json!({"items": [{"id": 1}], "total": 2})), Some(1));
        assert!(!found.is_whole());
        assert_eq!(found.take(json!({"items": [{"id": 2}], "total": "2"})), Some(1));
        assert!(found.is_whole());
        assert_eq!(found.take(json!({"items": null, "total": 0})), Some(0));
    }

    #[test]
    fn what_is_no_list_is_said() {
        for odd in [json!("x"), json!({"x": 1}), json!({"items": "x"}), json!(7)] {
            assert_eq!(Found::default().take(odd), None);
        }
    }
}
