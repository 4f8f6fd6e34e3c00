//! The importers, on small flows written here and, where the real data is, on that.

mod files;
mod lobster;
mod real;
mod sse;
