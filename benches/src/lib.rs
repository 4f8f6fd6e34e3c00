//! Benchmarks of the venue, each beside its floor.
