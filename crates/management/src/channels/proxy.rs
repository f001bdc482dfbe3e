//! The proxy that a channel's calls go through: its address is stored and shown, its login sealed.

use domain::secret::Secret;
use gateway::catalog::proxy_origin;
use gateway::egress::EgressPolicy;
use gateway::seal::Sealer;
use gateway::upstream::{Proxy, is_private_literal};
use store::channel::{Channel, ChannelSettings, SealedSecret};

use crate::problem::Problem;
use crate::request::value::text;
use crate::request::{Invalid, Value};
use crate::wrong::Wrong;

/// What a login is shown as.
const HIDDEN: &str = "***";

/// `proxy` as it was sent.
pub(super) enum ProxyField {
    /// None any more.
    Direct,
    /// This one.
    Through(Proxy),
    /// What an answer showed: the one that is set already, if it still is.
    AsShown(String),
}

impl ProxyField {
    pub(super) fn read(value: Value<'_>) -> Result<Self, Invalid> {
        if value.is_null() {
            return Ok(Self::Direct);
        }
        let url = text(1..=1_000)(value)?;
        if url.contains(&format!("://{HIDDEN}@")) {
            return Ok(Self::AsShown(url));
        }
        let parsed = Proxy::parse(&url);
        parsed.map(Self::Through).map_err(Invalid::new)
    }

    /// Whether calls would go through another proxy than before.
    pub(super) fn changes(&self, before: &ChannelSettings) -> bool {
        match self {
            Self::Through(proxy) => before.proxy.as_ref() != Some(&proxy.address()),
            Self::Direct | Self::AsShown(_) => false,
        }
    }

    /// Writes it into a channel.
    pub(super) fn apply(
        self,
        channel: &mut Channel,
        sealer: &Sealer,
        egress: &EgressPolicy,
    ) -> Result<(), Problem> {
        let settings = &mut channel.settings;
        match self {
            Self::Direct => (settings.proxy, settings.proxy_login) = (None, None),
            Self::AsShown(url) if shown(settings).as_ref() == Some(&url) => {}
            Self::AsShown(_) => {
                let message = Wrong::ProxyLoginHidden;
                return Err(Problem::field("proxy", message));
            }
            Self::Through(proxy) => {
                if is_private_literal(egress, proxy.host()) {
                    let message = Wrong::ProxyPrivate { host: proxy.host().to_owned() };
                    return Err(Problem::field("proxy", message));
                }
                let address = proxy.address();
                let seal = |login: Secret| sealer.seal(channel.id, &proxy_origin(&address), &login);
                settings.proxy_login = proxy.login().map(seal).map(SealedSecret::new);
                settings.proxy = Some(address);
            }
        }
        Ok(())
    }
}

/// A channel's proxy as answers show it.
pub(super) fn shown(settings: &ChannelSettings) -> Option<String> {
    let address = settings.proxy.as_ref()?;
    if settings.proxy_login.is_none() {
        return Some(address.clone());
    }
    Some(address.replacen("://", &format!("://{HIDDEN}@"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ProxyField, Invalid> {
        ProxyField::read(Value::of(json).unwrap())
    }

    #[test]
    fn a_login_is_never_shown() {
        let settings = ChannelSettings {
            proxy: Some("http://p.example:3128".into()),
            proxy_login: Some(SealedSecret::new("v1:00".into())),
            ..ChannelSettings::default()
        };
        assert_eq!(shown(&settings).as_deref(), Some("http://***@p.example:3128"));
        let open = ChannelSettings { proxy_login: None, ..settings };
        assert_eq!(shown(&open).as_deref(), Some("http://p.example:3128"));
    }

    #[test]
    fn a_proxy_is_read_in_its_forms() {
        assert!(matches!(read("null"), Ok(ProxyField::Direct)));
        assert!(matches!(read("\"socks5://u:p@h:1\""), Ok(ProxyField::Through(_))));
        assert!(matches!(read("\"http://***@h:1\""), Ok(ProxyField::AsShown(_))));
        for wrong in ["7", "\"\"", "\"h:1\"", "\"ftp://h:1\"", "\"http://h\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
