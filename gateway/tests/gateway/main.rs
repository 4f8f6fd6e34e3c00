//! A real server, a real venue and a real database, seen through sockets.

mod edge;
mod orders;
mod seed;
mod stream;
mod support;
