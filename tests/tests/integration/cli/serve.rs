//! `tollkeeper serve`: how it starts, refuses to start, ends, and comes back.

mod crash;
mod data_directory;
mod full_disk;
mod stop;
