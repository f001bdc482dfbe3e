//! Nodes: addresses that serve a provider's API. The provider's own are built in and stay; a person
//! adds others. A key that is used with a node is sent there.

use serde::{Deserialize, Serialize, Serializer};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::accounts::Account;
use crate::home::Home;
use crate::private_file::{self, FileError};
use crate::site_url::{InvalidUrl, SiteUrl};
use crate::sites::SiteKind;
use crate::web::{Question, Web, WebError};

const FILE: &str = "nodes.json";
const LONGEST_NAME: usize = 64;
/// The name of the node that is used where none is named.
pub const DEFAULT: &str = "default";

/// Addresses that are known of the presets, beside the site's own.
const BUILT_IN: &[(SiteKind, &str, &str)] =
    &[(SiteKind::AnyRouter, "api", "https://api.anyrouter.top")];

/// An address that serves a provider's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name, unique for its provider.
    pub name: String,
    /// Where it is, without a version segment.
    pub url: SiteUrl,
    /// Whether it came with the program, and cannot be removed.
    pub built_in: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Custom {
    provider: String,
    name: String,
    url: SiteUrl,
}

/// Why there is no node.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// A file of ours.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not a provider.
    #[error("--provider: anyrouter, agentrouter, the name of an account, or a site's URL: {0}")]
    Provider(InvalidUrl),
    /// The name cannot be one.
    #[error("a node's name has 1 to 64 characters, and no control characters")]
    Name,
    /// The name is another node's.
    #[error("{provider} has a node {name} already; remove it first, or choose another name")]
    Taken {
        /// The provider.
        provider: String,
        /// The name.
        name: String,
    },
    /// Not an address.
    #[error("the node's URL: {0}")]
    Url(InvalidUrl),
    /// There is none of this name.
    #[error(
        "{provider} has no node {name}; `tollkeeper node list --provider {provider}` lists them"
    )]
    Unknown {
        /// The provider.
        provider: String,
        /// The name.
        name: String,
    },
    /// It came with the program.
    #[error("{name} is built in and stays; only nodes that you added can be removed")]
    BuiltIn {
        /// The name.
        name: String,
    },
}

/// The provider of a preset's name or a site's URL, in one spelling.
///
/// # Errors
/// When it is neither.
pub fn provider(text: &str) -> Result<String, NodeError> {
    match SiteKind::of_preset(text) {
        Some(kind) => Ok(kind.name().to_owned()),
        None => {
            let url: SiteUrl = text.parse().map_err(NodeError::Provider)?;
            Ok(url.without_version().to_string())
        }
    }
}

/// All nodes of a provider, the built-in ones first.
///
/// # Errors
/// When the file cannot be read.
pub fn list(home: &Home, provider: &str) -> Result<Vec<Node>, NodeError> {
    let custom = read(home)?.into_iter().filter(|node| node.provider == provider);
    let custom = custom.map(|node| Node { name: node.name, url: node.url, built_in: false });
    Ok(built_in(provider).into_iter().chain(custom).collect())
}

/// Adds a node.
///
/// # Errors
/// When the name is taken, or name or URL are none.
pub fn add(home: &Home, provider: &str, name: &str, url: &str) -> Result<Node, NodeError> {
    let node = check(home, provider, name, url)?;
    let _lock = private_file::lock(&home.config)?;
    // Between the check and the lock another run may have added it.
    check(home, provider, name, url)?;
    let mut all = read(home)?;
    let (provider, name, url) = (provider.to_owned(), node.name.clone(), node.url.clone());
    all.push(Custom { provider, name, url });
    write(home, &all)?;
    Ok(node)
}

/// The node that [`add`] would add.
///
/// # Errors
/// As [`add`].
pub fn check(home: &Home, provider: &str, name: &str, url: &str) -> Result<Node, NodeError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        return Err(NodeError::Name);
    }
    let url: SiteUrl = url.parse().map_err(NodeError::Url)?;
    if list(home, provider)?.iter().any(|node| node.name == name) {
        return Err(NodeError::Taken { provider: provider.to_owned(), name: name.to_owned() });
    }
    Ok(Node { name: name.to_owned(), url: url.without_version(), built_in: false })
}

/// The node of a name.
///
/// # Errors
/// When there is none.
pub fn get(home: &Home, provider: &str, name: &str) -> Result<Node, NodeError> {
    let found = list(home, provider)?.into_iter().find(|node| node.name == name);
    let (provider, name) = (provider.to_owned(), name.to_owned());
    found.ok_or(NodeError::Unknown { provider, name })
}

/// The node of a name that can be removed.
///
/// # Errors
/// When there is none, or it is built in.
pub fn removable(home: &Home, provider: &str, name: &str) -> Result<Node, NodeError> {
    let node = get(home, provider, name)?;
    if node.built_in { Err(NodeError::BuiltIn { name: node.name }) } else { Ok(node) }
}

/// Removes a node that the person added.
///
/// # Errors
/// As [`removable`].
pub fn remove(home: &Home, provider: &str, name: &str) -> Result<Node, NodeError> {
    let _lock = private_file::lock(&home.config)?;
    let node = removable(home, provider, name)?;
    let mut all = read(home)?;
    all.retain(|custom| custom.provider != provider || custom.name != name);
    write(home, &all)?;
    Ok(node)
}

/// The node that an account's tokens are used at.
///
/// # Errors
/// When it has none of this name.
pub fn of(home: &Home, account: &Account, name: Option<&str>) -> Result<Node, NodeError> {
    get(home, &account.provider(), name.unwrap_or(DEFAULT))
}

/// Why a node does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It answers, but that it failed.
    #[error("it failed with {0}")]
    Failed(u16),
    /// No answer came.
    #[error(transparent)]
    Web(#[from] WebError),
}

/// How quickly a node answers.
#[derive(Debug, Clone, Serialize)]
pub struct Latency {
    /// The node.
    #[serde(flatten)]
    pub node: Node,
    /// How many tries were answered.
    pub answered: usize,
    /// How many there were.
    pub tries: usize,
    /// The median of the answered ones.
    pub p50_ms: Option<u64>,
    /// Why the last one that failed did.
    #[serde(serialize_with = "as_sentence")]
    pub error: Option<Arc<Unanswered>>,
}

fn as_sentence<S: Serializer>(
    error: &Option<Arc<Unanswered>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match error {
        Some(error) => serializer.collect_str(error),
        None => serializer.serialize_none(),
    }
}

/// Measures a node: name, connection, TLS and the first answer, each time anew. No credential is
/// sent, so that most nodes answer with a refusal; whatever answers is alive, but for its own
/// failure (5xx).
pub async fn measure(web: &Web, node: Node, tries: usize) -> Latency {
    let (mut times, mut error) = (Vec::new(), None);
    for _ in 0..tries {
        let started = std::time::Instant::now();
        match web.ask_once(&node.url, &Question::get("/v1/models")).await {
            Ok(reply) if reply.status.is_server_error() => {
                error = Some(Arc::new(Unanswered::Failed(reply.status.as_u16())));
            }
            Ok(_) => times.push(started.elapsed()),
            Err(failed) => {
                // A name or a certificate does not get better by asking again.
                let hopeless = matches!(failed, WebError::Unresolved(_) | WebError::Tls(..));
                error = Some(Arc::new(failed.into()));
                if hopeless {
                    break;
                }
            }
        }
    }
    let answered = times.len();
    Latency { node, answered, tries, p50_ms: median(times), error }
}

/// The node to suggest: the quickest of those that answered most often.
#[must_use]
pub fn best(measured: &[Latency]) -> Option<&Latency> {
    let alive = measured.iter().filter(|latency| latency.p50_ms.is_some());
    alive.min_by_key(|latency| (std::cmp::Reverse(latency.answered), latency.p50_ms))
}

fn median(mut times: Vec<Duration>) -> Option<u64> {
    times.sort_unstable();
    let middle = times.get(times.len().checked_sub(1)? / 2)?;
    u64::try_from(middle.as_millis()).ok()
}

fn built_in(provider: &str) -> Vec<Node> {
    let kind = SiteKind::of_preset(provider);
    let own = kind.and_then(SiteKind::preset).unwrap_or(provider);
    let more = BUILT_IN.iter().filter(|(of, _, _)| Some(*of) == kind);
    let all = std::iter::once((DEFAULT, own)).chain(more.map(|(_, name, url)| (*name, *url)));
    let node = |(name, url): (&str, &str)| {
        Some(Node { name: name.to_owned(), url: url.parse().ok()?, built_in: true })
    };
    all.filter_map(node).collect()
}

fn read(home: &Home) -> Result<Vec<Custom>, FileError> {
    let path = path(home);
    let Some(bytes) = private_file::read(&path)? else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).map_err(|error| FileError::damaged(&path, &error))
}

fn write(home: &Home, all: &[Custom]) -> Result<(), FileError> {
    let path = path(home);
    let text = serde_json::to_vec_pretty(all);
    private_file::write(&path, &text.map_err(|error| FileError::damaged(&path, &error))?)
}

fn path(home: &Home) -> PathBuf {
    home.config_file(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let place = tempfile::tempdir().unwrap();
        let home = Home { config: place.path().into(), state: place.path().into() };
        (place, home)
    }

    fn names(home: &Home, provider: &str) -> Vec<String> {
        list(home, provider).unwrap().into_iter().map(|node| node.name).collect()
    }

    #[test]
    fn built_in_nodes_come_first_and_stay() {
        let (_place, home) = home();
        assert_eq!(names(&home, "anyrouter"), ["default", "api"]);
        assert_eq!(names(&home, "https://r.example"), ["default"]);
        add(&home, "anyrouter", " mine ", "https://n.example/v1/").unwrap();
        assert_eq!(names(&home, "anyrouter"), ["default", "api", "mine"]);
        assert_eq!(names(&home, "agentrouter"), ["default"]);
        let mine = get(&home, "anyrouter", "mine").unwrap();
        assert_eq!((mine.url.to_string().as_str(), mine.built_in), ("https://n.example", false));
        assert!(matches!(remove(&home, "anyrouter", "default"), Err(NodeError::BuiltIn { .. })));
        remove(&home, "anyrouter", "mine").unwrap();
        assert_eq!(names(&home, "anyrouter"), ["default", "api"]);
        assert!(matches!(remove(&home, "anyrouter", "mine"), Err(NodeError::Unknown { .. })));
    }

    #[test]
    fn what_is_no_node_is_refused() {
        let (_place, home) = home();
        let refused = |name: &str, url: &str| check(&home, "anyrouter", name, url).unwrap_err();
        assert!(matches!(refused("", "https://n.example"), NodeError::Name));
        assert!(matches!(refused("a\u{1b}[2J", "https://n.example"), NodeError::Name));
        assert!(matches!(refused("default", "https://n.example"), NodeError::Taken { .. }));
        assert!(matches!(refused("n", "http://n.example"), NodeError::Url(InvalidUrl::NotSecure)));
        assert!(matches!(provider("anyrooter"), Err(NodeError::Provider(_))));
    }

    #[test]
    fn the_best_answers_always_and_quickly() {
        let latency = |name: &str, answered, p50_ms| Latency {
            node: Node {
                name: name.to_owned(),
                url: "https://n.example".parse().unwrap(),
                built_in: false,
            },
            answered,
            tries: 5,
            p50_ms,
            error: None,
        };
        let measured = [
            latency("dead", 0, None),
            latency("flaky", 4, Some(5)),
            latency("slow", 5, Some(90)),
            latency("quick", 5, Some(20)),
        ];
        assert_eq!(best(&measured).map(|it| it.node.name.as_str()), Some("quick"));
        assert!(best(&measured[..1]).is_none());
    }

    #[test]
    fn the_median_is_that_of_the_lower_half() {
        let times = |all: &[u64]| median(all.iter().map(|ms| Duration::from_millis(*ms)).collect());
        assert_eq!(times(&[30, 10, 20]), Some(20));
        assert_eq!(times(&[40, 10, 20, 30]), Some(20));
        assert_eq!(times(&[]), None);
    }
}
