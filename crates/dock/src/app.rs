//! What every handler has at hand: the person's files, the way out, the door.

use companion::accounts::Accounts;
use companion::companion::Companion;
use companion::home::Home;
use companion::paths::Places;
use companion::surroundings::Surroundings;
use companion::verify::Probe;
use companion::web::Web;
use domain::time::UnixMillis;
use std::sync::{Arc, Mutex, PoisonError};

use crate::door::Door;
use crate::page::Problem;

/// What the page has to be told.
pub struct Settings {
    /// The person's variables, home and directory.
    pub surroundings: Surroundings,
    /// Where the tools' files are, and the companion's own.
    pub places: Places,
    /// The way out to sites.
    pub web: Web,
    /// Asks a node whether it takes a key.
    pub probe: Box<dyn Probe + Send + Sync>,
    /// The path of this program, which tools can ask for their key; `None`: not known.
    pub program: Option<String>,
    /// The program's version.
    pub version: &'static str,
    /// The time.
    pub clock: fn() -> UnixMillis,
}

/// Settings, door, and what the next page has to say.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    settings: Settings,
    door: Door,
    notice: Mutex<Option<String>>,
}

impl App {
    pub(crate) fn new(settings: Settings, door: Door) -> Self {
        Self(Arc::new(Inner { settings, door, notice: Mutex::new(None) }))
    }

    pub(crate) fn door(&self) -> &Door {
        &self.0.door
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> UnixMillis {
        (self.0.settings.clock)()
    }

    pub(crate) fn home(&self) -> &Home {
        self.0.settings.places.own()
    }

    pub(crate) fn accounts(&self) -> Accounts {
        Accounts::of(self.home().clone(), self.0.settings.web.clone())
    }

    /// Has the next page say that something was done.
    pub(crate) fn note(&self, text: String) {
        *self.0.notice.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    pub(crate) fn take_note(&self) -> Option<String> {
        self.0.notice.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Does something with the tools' files, on a thread that may wait.
    pub(crate) async fn with_companion<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self, &mut Companion<'static>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let places = app.settings().places.clone();
            let mut companion = Companion::open(places, app.now().get(), &|_| ())?;
            work(&app, &mut companion)
        });
        done.await
            .unwrap_or_else(|_| Err(Problem::new("the page broke off; look at the tool's file")))
    }
}
