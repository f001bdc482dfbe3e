//! Names of tools on their way to a provider that allows fewer of them, and back.

use std::collections::{HashMap, HashSet};

use super::request::Request;

/// How the tools of one request are called at an upstream.
///
/// A name that the upstream would refuse (too long, or with characters that it does not know) is
/// replaced by one made of what it allows and a number; answers are turned back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolNames {
    there: HashMap<String, String>,
    here: HashMap<String, String>,
}

impl ToolNames {
    /// The names of a request's tools, and of those that it speaks of, where names have at most
    /// `longest` bytes, all of them allowed by `allows`.
    #[must_use]
    pub fn new(request: &Request, longest: usize, allows: fn(char) -> bool) -> Self {
        let mut names = Self::default();
        let fits =
            |name: &str| !name.is_empty() && name.len() <= longest && name.chars().all(allows);
        let mut taken: HashSet<String> =
            request.tool_names().filter(|name| fits(name)).map(str::to_owned).collect();
        for name in request.tool_names().filter(|name| !fits(name)) {
            if names.there.contains_key(name) {
                continue;
            }
            let stem: String =
                name.chars().map(|c| if allows(c) { c } else { '_' }).collect::<String>();
            let short = (1_u32..)
                .map(|number| {
                    let tail = format!("_{number}");
                    let mut end = stem.len().min(longest.saturating_sub(tail.len()));
                    while !stem.is_char_boundary(end) {
                        end -= 1;
                    }
                    format!("{}{tail}", stem.get(..end).unwrap_or_default())
                })
                .find(|short| !taken.contains(short))
                .unwrap_or_default();
            taken.insert(short.clone());
            names.here.insert(short.clone(), name.to_owned());
            names.there.insert(name.to_owned(), short);
        }
        names
    }

    /// What a tool is called at the upstream.
    #[must_use]
    pub fn there<'n>(&'n self, name: &'n str) -> &'n str {
        self.there.get(name).map_or(name, String::as_str)
    }

    /// What a tool that the upstream speaks of is called between the dialects.
    #[must_use]
    pub fn here<'n>(&'n self, name: &'n str) -> &'n str {
        self.here.get(name).map_or(name, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::{Tool, ToolKind};
    use super::*;

    fn request(names: &[&str]) -> Request {
        let tool = |name: &&str| Tool {
            name: (*name).to_owned(),
            namespace: None,
            description: None,
            kind: ToolKind::Free { format: None },
            cached: false,
        };
        Request { tools: names.iter().map(tool).collect(), ..Request::default() }
    }

    #[test]
    fn names_that_do_not_fit_are_replaced_and_turned_back() {
        let long = "mcp__a_server_with_a_long_name__tool";
        let names = ToolNames::new(&request(&[long, "fine", "not fine", "not_fi_1"]), 8, |c| {
            c.is_ascii_alphanumeric() || c == '_'
        });
        assert_eq!(names.there("fine"), "fine");
        assert_eq!(names.there("not fine"), "not_fi_2");
        for name in [long, "fine", "not fine", "not_fi_1", "unheard of"] {
            assert_eq!(names.here(names.there(name)), name);
            assert!(names.there(name).len() <= 10);
        }
    }
}
