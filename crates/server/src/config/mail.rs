//! The mail server, from its four settings.

use alerts::MailSettings;
use alerts::send::email::{MailSecurity, is_address};
use domain::secret::Secret;

use super::ConfigError;
use super::resolve::Resolved;

/// How mail goes out; none: it does not.
pub(super) fn read(resolved: &Resolved) -> Result<Option<MailSettings>, ConfigError> {
    let server = resolved.optional("smtp", server)?;
    let from = resolved.optional("smtp-from", sender)?;
    let user = resolved.optional("smtp-user", |text| Ok(text.to_owned()))?;
    let password = resolved.optional("smtp-password-file", password)?;
    let Some((security, host, port)) = server else { return Ok(None) };
    let missing = |name, reason: &str| resolved.invalid(name, "", reason.to_owned());
    let from = from.ok_or_else(|| {
        missing("smtp-from", "expected an e-mail address, because smtp names a mail server")
    })?;
    let login = match (user, password) {
        (None, None) => None,
        (Some(user), Some(password)) => Some((user, password)),
        (Some(_), None) => {
            return Err(missing("smtp-password-file", "expected a file, because smtp-user is set"));
        }
        (None, Some(_)) => {
            return Err(missing("smtp-user", "expected a name, because smtp-password-file is set"));
        }
    };
    if login.is_some() && security == MailSecurity::Plain {
        let reason = "expected none: smtp-plain:// would show the password to everybody on the way";
        return Err(missing("smtp-user", reason));
    }
    Ok(Some(MailSettings { host, port, security, login, from }))
}

fn server(text: &str) -> Result<(MailSecurity, String, u16), String> {
    let expected = || {
        "expected smtps://host, smtp://host or smtp-plain://host, with :port if it is another than usual".to_owned()
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
    let (security, usual) = match scheme {
        "smtps" => (MailSecurity::Tls, 465),
        "smtp" => (MailSecurity::StartTls, 587),
        "smtp-plain" => (MailSecurity::Plain, 25),
        _ => return Err(expected()),
    };
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, port.parse().map_err(|_| expected())?)
        }
        _ => (rest, usual),
    };
    let host = host.trim_matches(['[', ']']);
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    if host.is_empty() || !host.bytes().all(sound) {
        return Err(expected());
    }
    Ok((security, host.to_owned(), port))
}

fn sender(text: &str) -> Result<String, String> {
    let expected = || "expected an e-mail address such as alerts@example.com".to_owned();
    if is_address(text) { Ok(text.to_owned()) } else { Err(expected()) }
}

fn password(path: &str) -> Result<Secret, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("expected a file: {error}"))?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_has_its_port() {
        let read = |text: &str| server(text).map(|(security, host, port)| (security, port, host));
        let host = || "mail.example.com".to_owned();
        assert_eq!(read("smtps://mail.example.com"), Ok((MailSecurity::Tls, 465, host())));
        assert_eq!(
            read("smtp://mail.example.com:2525/"),
            Ok((MailSecurity::StartTls, 2525, host()))
        );
        assert_eq!(read("smtp-plain://[::1]:25"), Ok((MailSecurity::Plain, 25, "::1".to_owned())));
        for text in [
            "mail.example.com",
            "http://x",
            "smtp://",
            "smtp://user@x",
            "smtp://x:y",
            "smtp://x:99999",
        ] {
            assert!(server(text).is_err(), "{text}");
        }
    }
}
