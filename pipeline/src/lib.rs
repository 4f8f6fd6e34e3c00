//! Runs: the rings, the core thread, recovery; the in-process venue.
