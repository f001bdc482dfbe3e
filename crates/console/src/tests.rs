//! The pages from outside: a router over sample answers of the API.

mod operator;
mod own;
mod pages;
