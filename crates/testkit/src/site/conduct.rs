//! How a simulated site behaves.

use serde::{Deserialize, Serialize};

/// Everything about a site that can differ. The default is a site of the newer generation that hides
/// values in lists and reveals them one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conduct {
    /// Which generation of the API.
    pub generation: Generation,
    /// Whether lists leave the middle of values out.
    pub masked: bool,
    /// Where values are revealed.
    pub reveal: Reveal,
    /// Units to a dollar.
    pub quota_per_unit: f64,
    /// Where one checks in.
    pub check_in: CheckInPlace,
    /// Tokens on a page, at most.
    pub page: usize,
    /// How many tokens the person has.
    pub tokens: usize,
    /// The value of the first, without `sk-`, where it is to work somewhere.
    pub first_value: Option<String>,
    /// Whether sign-ins are taken; if not, they have expired.
    pub signed_in: bool,
    /// Whether messages are in Chinese.
    pub chinese: bool,
    /// What is in the way.
    pub trouble: Option<Trouble>,
    /// Where it is: requests whose path holds this; everywhere if empty.
    pub trouble_at: String,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            generation: Generation::Paged,
            masked: true,
            reveal: Reveal::One,
            quota_per_unit: 500_000.0,
            check_in: CheckInPlace::CheckIn,
            page: 100,
            tokens: 3,
            first_value: None,
            signed_in: true,
            chinese: false,
            trouble: None,
            trouble_at: String::new(),
        }
    }
}

impl Conduct {
    /// The older generation: bare arrays counted from 0, whole values in lists, no route to reveal
    /// them, no usage of a key but OpenAI's.
    #[must_use]
    pub fn older() -> Self {
        Self { generation: Generation::Bare, masked: false, page: 10, ..Self::default() }
    }

    /// The same with this in the way, at paths that hold `at`.
    #[must_use]
    pub fn with_trouble(self, trouble: Trouble, at: &str) -> Self {
        Self { trouble: Some(trouble), trouble_at: at.to_owned(), ..self }
    }
}

/// Generations of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// `{"items", "total", …}`, counted from 1.
    Paged,
    /// A bare array, counted from 0.
    Bare,
}

/// Where values are revealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reveal {
    /// `POST /api/token/{id}/key`.
    One,
    /// `POST /api/token/batch/keys`.
    Batch,
    /// Nowhere: there are no such routes.
    Nowhere,
    /// The route is there and says no.
    Refused,
    /// The route answers what the list shows.
    Masked,
    /// The route answers another token's value.
    Wrong,
}

/// Where one checks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckInPlace {
    /// `POST /api/user/checkin`, which says what it brought.
    CheckIn,
    /// `POST /api/user/sign_in`, which does not.
    SignIn,
    /// There is none.
    Nowhere,
}

/// What can be in the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A page with a riddle for browsers, status 200.
    BotWall,
    /// A page of another kind, with this status.
    Page(u16),
    /// 429, with this `Retry-After` if there is one.
    TooOften(Option<u64>),
    /// No answer, ever.
    Silence,
    /// Sent on to this URL.
    Redirect(String),
    /// An answer that is too long.
    Flood,
    /// `success: false` with this status and message.
    Refusal(u16, String),
    /// `success: false` with a message that repeats the credentials, and codes for terminals.
    Echo,
    /// Text that is no JSON.
    Garbage,
}
