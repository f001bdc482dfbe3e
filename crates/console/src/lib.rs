//! The console: pages for people, made from the answers of our own HTTP API.
//!
//! It is a client of the API, in process: a handler calls the management router with the visitor's
//! cookie, reads the documented JSON into structs of its own, and renders a template. So whatever a
//! page can do is in the API, authorisation has one place, and no code here reaches the database or
//! the books. Why it is so: `docs/decisions/0020-the-console-is-a-client.md`.
//!
//! # How to add a page
//!
//! Say it is called *wallet*.
//!
//! 1. **Address**: a constant in `links.rs`.
//! 2. **Handler**: `src/pages/wallet.rs` (one page or action, one file), declared in `pages.rs`:
//!
//!    ```text
//!    #[derive(Template)]
//!    #[template(path = "pages/wallet.html")]
//!    struct Wallet {
//!        page: Frame,            // always called `page`; it is also the words
//!        entries: List<Entry>,   // structs that derive Deserialize, with the fields that are shown
//!    }
//!
//!    pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
//!        let entries = user.api().get("/api/v1/users/…/ledger").await?;
//!        let wallet = Wallet { page: user.frame(links::WALLET), entries };
//!        wallet.page.show(&wallet)
//!    }
//!    ```
//!
//!    Handlers take `visit::SignedIn` (a visitor without a session is sent to the log-in and comes
//!    back) or `Visit` (anybody). `?` on the API is enough: `trouble.rs` makes a page, a toast or
//!    the log-in of it. `Api::find` answers none where the visitor may not see something.
//! 3. **Route**: a line in `router.rs`. **Navigation**: a line in `ENTRIES` of `frame.rs`
//!    (`Entry::operator` for what only owners and admins see), icon names from `assets/icons.svg`.
//! 4. **Template**: `templates/pages/wallet.html`, from
//!    `{% extends "frame.html" %}` with the blocks `title`, `actions` (buttons at the right of the
//!    heading) and `content`. Look at `/console/_gallery` of a debug build (its template is
//!    `templates/pages/gallery.html`) for every component, and copy from there.
//! 5. **Words**: `locales/en/wallet.ftl` and `locales/zh-CN/wallet.ftl`, ids that begin with
//!    `wallet-`. `{{ page.t("wallet-title") }}`, `{{ page.t1("wallet-count", "count", n) }}`; from
//!    code `Message("…")`. Numbers are `page.number(n)`, money `page.usd(x)` (`usd4` in columns),
//!    times `page.moment(at)`. `cargo xtask tidy` fails on a string that is missing or unused.
//! 6. **Samples**: what the page asks of the API goes into `src/samples.rs`, and the page into
//!    the list of `src/tests/pages.rs`: it is then rendered in both languages, for a member and an
//!    owner, and checked for messages without words and markup that the policy forbids.
//!    `cargo run -p tollkeeper-console --example preview` shows it in a browser on those samples.
//!
//! # Forms and dialogs
//!
//! Inputs carry the API's field names. `Form::refused` takes the problem that the API answered, and
//! `ui::field_error(form, "name")` puts each message below its input. A link with `data-dialog`
//! opens its address as a dialog; the handler answers with `frame::Frame::dialog`, which is a page
//! of its own where no script runs or where the address was opened as one. Over such a page there is
//! no dialog, and its form is answered by a page: two forms of one id cannot meet. After something was done, `page.go(to, Notice::new(…))` leads on
//! and says so in a toast. A write that breaks something asks first, on an address of its own that
//! names what breaks (`pages/token/end.rs`).
//!
//! # Rules
//!
//! No inline script or style (the policy forbids both: a width is an SVG attribute, see `ui::bar`);
//! behaviour hangs on `data-…` attributes that `assets/console.js` knows. No `|safe` on data. What a
//! form can do works without a script.

mod router;
mod settings;

mod api;
mod app;
mod assets;
mod form;
mod format;
mod frame;
mod held;
mod language;
mod links;
pub mod look;
mod me;
mod notice;
mod operator;
mod pages;
mod security;
mod trouble;
mod ui;
mod upload;
mod visit;

#[cfg(debug_assertions)]
#[doc(hidden)]
pub mod samples;

#[cfg(test)]
mod tests;

pub use router::router;
pub use settings::{DemoLogIn, Settings};
