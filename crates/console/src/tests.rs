//! The pages from outside: a router over sample answers of the API.

mod forms;
mod operator;
mod own;
mod pages;
