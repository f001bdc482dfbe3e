//! Moving over: what another gateway's database holds, made here.

pub(crate) mod new_api;
