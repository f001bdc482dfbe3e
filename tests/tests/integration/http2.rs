//! HTTP/2 on both sides: what clients may do with it, and upstreams that speak it.

mod calls;
mod frames;
mod upstream;
