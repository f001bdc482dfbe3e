//! The dock: the companion as a page on the person's own machine, behind `tollkeeper dock`.
//!
//! It does what the verbs do, through the same functions of [`companion`], and looks as the console
//! does ([`console::look`]). `door.rs` decides who comes in; `router.rs` lists the pages. Why it is
//! guarded as it is: `docs/decisions/0026-the-local-page.md`.

mod router;

mod app;
mod configure;
mod door;
mod form;
mod page;
mod pages;
mod refusal;
mod warning;

pub use app::Settings;
pub use door::Door;
pub use router::serve;
