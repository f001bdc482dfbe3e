//! What all four dialects have in common: any may be called on a channel of any, at an exact bill.

mod compressed;
mod credentials;
mod ends;
mod fidelity;
mod heads;
mod matrix;
mod preference;
mod refusals;
