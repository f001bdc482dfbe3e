//! Links that sites make for another program, `ccswitch://v1/import?…`, pasted by a person.
//!
//! Only an address, a key and a name are taken. Whatever else a link carries (settings, scripts that
//! ask for usage, models) is left out, and named so that the person knows.

use domain::secret::Secret;

use crate::site_url::{InvalidUrl, SiteUrl};
use crate::sites::mask::is_masked;

const START: &str = "ccswitch://v1/import?";
const LONGEST: usize = 64 * 1024;

/// What a link says that is of use here.
pub struct Link {
    /// Where the key is used.
    pub url: SiteUrl,
    /// The key.
    pub key: Secret,
    /// What the site calls it.
    pub name: Option<String>,
    /// The members that were left out.
    pub ignored: Vec<String>,
}

/// Why a text is no such link. The text itself is never shown: it holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Another scheme, or none.
    #[error("not a link of the form ccswitch://v1/import?…; copy it again, whole")]
    NotALink,
    /// It sets up something else than a provider.
    #[error(
        "this link brings something else than an address and a key, which is not taken from links"
    )]
    NotAProvider,
    /// No address.
    #[error("the link has no address (endpoint)")]
    NoAddress,
    /// An address that is none.
    #[error("the link's address: {0}")]
    Address(InvalidUrl),
    /// No key.
    #[error("the link has no whole key (apiKey)")]
    NoKey,
    /// Escapes that are none.
    #[error("the link is damaged: it holds escapes that are none; copy it again, whole")]
    Damaged,
}

/// Reads a pasted link.
///
/// # Errors
/// When it is none, or lacks what is needed.
pub fn parse(text: &str) -> Result<Link, LinkError> {
    let text = text.trim();
    let query = text.strip_prefix(START).filter(|_| text.len() <= LONGEST);
    let query = query.ok_or(LinkError::NotALink)?;
    let (mut url, mut key, mut name) = (None, None, None);
    let mut ignored: Vec<String> = Vec::new();
    for pair in query.split('#').next().unwrap_or_default().split('&') {
        let (member, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = unescaped(value)?;
        match member {
            "resource" if value.expose() != "provider" => return Err(LinkError::NotAProvider),
            "resource" | "app" | "" => {}
            // Several addresses are listed with commas, the main one first.
            "endpoint" if url.is_none() => {
                let first = value.expose().split(',').next().unwrap_or_default();
                let read = SiteUrl::parse(first).map_err(LinkError::Address)?;
                url = Some(read.without_version());
            }
            "apiKey" if key.is_none() => key = Some(value),
            "name" if name.is_none() => name = Some(shown(value.expose())),
            other => ignored.push(shown(other)),
        }
    }
    let whole = |key: &Secret| {
        let text = key.expose();
        !text.is_empty() && !is_masked(text) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = key.map(|key| Secret::new(key.expose().trim().to_owned()));
    ignored.sort();
    ignored.dedup();
    Ok(Link {
        url: url.ok_or(LinkError::NoAddress)?,
        key: key.filter(whole).ok_or(LinkError::NoKey)?,
        name: name.filter(|name| !name.is_empty()),
        ignored,
    })
}

/// A text of the link's for a person.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect::<String>()
}

/// Undoes a query's escapes: `%XX`, and `+` for a space.
fn unescaped(text: &str) -> Result<Secret, LinkError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let (Some(high), Some(low)) = (high, low) else { return Err(LinkError::Damaged) };
                u8::try_from(high * 16 + low).map_err(|_| LinkError::Damaged)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map(Secret::new).map_err(|_| LinkError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<LinkError> {
        parse(text).err()
    }

    #[test]
    fn an_address_a_key_and_a_name_are_taken() {
        let link = parse(
            " ccswitch://v1/import?resource=provider&app=claude&name=My%20Site+%E4%B8%AD\
             &endpoint=https%3A%2F%2Fr.example%2Fv1&apiKey=sk-abc%2B1&model=x&config=e30%3D\
             &usageScript=cm0gLXJm&homepage=https%3A%2F%2Fevil.example&enabled=true\n",
        )
        .unwrap();
        assert_eq!(link.url.to_string(), "https://r.example");
        assert_eq!(link.key.expose(), "sk-abc+1");
        assert_eq!(link.name.as_deref(), Some("My Site 中"));
        assert_eq!(link.ignored, ["config", "enabled", "homepage", "model", "usageScript"]);
    }

    #[test]
    fn the_first_of_several_addresses_counts() {
        let link = parse(
            "ccswitch://v1/import?endpoint=https://a.example,https://b.example&apiKey=k&apiKey=l",
        )
        .unwrap();
        assert_eq!(link.url.to_string(), "https://a.example");
        assert_eq!(link.key.expose(), "k");
        assert_eq!(link.ignored, ["apiKey"]);
    }

    #[test]
    fn everything_else_is_refused() {
        use LinkError::{Address, Damaged, NoAddress, NoKey, NotALink, NotAProvider};
        let with = |rest: &str| refused(&format!("{START}{rest}"));
        assert_eq!(refused("https://r.example?apiKey=k"), Some(NotALink));
        assert_eq!(refused("ccswitch://v2/import?apiKey=k"), Some(NotALink));
        assert_eq!(with(&"a".repeat(LONGEST)), Some(NotALink));
        for resource in ["mcp", "prompt", "skill", ""] {
            assert_eq!(with(&format!("resource={resource}")), Some(NotAProvider));
        }
        assert_eq!(with("apiKey=k"), Some(NoAddress));
        assert_eq!(with("endpoint=https://a.example"), Some(NoKey));
        assert_eq!(with("endpoint=https://a.example&apiKey=sk-12**34"), Some(NoKey));
        assert_eq!(with("endpoint=https://a.example&apiKey=a%0Ab"), Some(NoKey));
        assert_eq!(
            with("endpoint=http://a.example&apiKey=k"),
            Some(Address(InvalidUrl::NotSecure))
        );
        assert_eq!(with("endpoint=%zz"), Some(Damaged));
        assert_eq!(with("endpoint=%f"), Some(Damaged));
        assert_eq!(with("endpoint=%ff"), Some(Damaged));
    }
}
