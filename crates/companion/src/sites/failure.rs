//! What can go wrong at a site, in sentences that say what to do.

use crate::web::WebError;

/// Why a site did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No whole answer came.
    #[error(transparent)]
    Web(#[from] WebError),
    /// A page that wants to see a browser.
    #[error(
        "{site} answered with a page that only a browser can pass (a bot wall). Sign in to it with \
         a browser, and give the whole Cookie header of that session: \
         `tollkeeper account add NAME --site URL --user-id N --cookie-stdin --replace`. A wall that \
         asks again after that cannot be passed from here"
    )]
    BotWall {
        /// Its host.
        site: String,
    },
    /// Something else than JSON.
    #[error("{site} answered {status} with something else than data; check that its URL is right")]
    NotJson {
        /// Its host.
        site: String,
        /// The status.
        status: u16,
    },
    /// The route does not exist.
    #[error(
        "{site} has no {path}; check that its URL is right, and that it is a site of this kind"
    )]
    NoRoute {
        /// Its host.
        site: String,
        /// What was asked.
        path: String,
    },
    /// The credential is not taken.
    #[error(
        "{site} does not take this {sign_in} (any more): get a new one at the site and run \
         `tollkeeper account add` again with --replace"
    )]
    SignedOut {
        /// Its host.
        site: String,
        /// What was presented.
        sign_in: &'static str,
    },
    /// The user id is missing.
    #[error(
        "{site} needs your user id: give the number that it shows in your profile with --user-id"
    )]
    UserIdMissing {
        /// Its host.
        site: String,
    },
    /// The user id is another's.
    #[error(
        "the user id {user_id} is not that of this {sign_in} at {site}: give the number that the \
         site shows in your profile with --user-id"
    )]
    WrongUser {
        /// Its host.
        site: String,
        /// What was presented.
        sign_in: &'static str,
        /// What was given.
        user_id: u64,
    },
    /// The account is closed.
    #[error("{site} has banned this account; only its operator can change that")]
    Banned {
        /// Its host.
        site: String,
    },
    /// Too many requests.
    #[error("{site} was asked too often; {}", waiting(*wait))]
    TooOften {
        /// Its host.
        site: String,
        /// Seconds, where the site says so.
        wait: Option<u64>,
    },
    /// It failed.
    #[error("{site} failed with {status}; try again later")]
    Failed {
        /// Its host.
        site: String,
        /// The status.
        status: u16,
    },
    /// It said no.
    #[error("{site} refused: {message}")]
    Refused {
        /// Its host.
        site: String,
        /// Its words.
        message: String,
    },
    /// It wants a person.
    #[error("{site} wants to see that you are a person: do it at the site, in a browser")]
    Person {
        /// Its host.
        site: String,
    },
    /// Its answer makes no sense.
    #[error("{site} answered without {what}; it may be of a version that is not known here")]
    Odd {
        /// Its host.
        site: String,
        /// What is missing or wrong.
        what: &'static str,
    },
    /// The token's value is not shown.
    #[error(
        "the value of this token cannot be read from the site ({why}). Make a new one for this tool \
         with `tollkeeper tokens make`, or paste the value with `tollkeeper tokens keep`"
    )]
    NotRevealed {
        /// The reason.
        why: String,
    },
    /// The site has no check-in.
    #[error("{site} has no check-in")]
    NoCheckIn {
        /// Its host.
        site: String,
    },
    /// More than the account was signed in for.
    #[error(
        "this account was added with an API key alone, which cannot {what}: add it with an access \
         token, a session's cookie or a management key"
    )]
    KeyAlone {
        /// What was asked for.
        what: &'static str,
    },
    /// The credential cannot be sent at all.
    #[error("this {sign_in} holds characters that cannot be sent; copy it again")]
    Unsendable {
        /// What was presented.
        sign_in: &'static str,
    },
}

fn waiting(wait: Option<u64>) -> String {
    match wait {
        Some(1) => "wait a second and try again".to_owned(),
        Some(seconds) => format!("wait {seconds} s and try again"),
        None => "it does not say how long; wait some minutes and try again".to_owned(),
    }
}
