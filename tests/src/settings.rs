//! What a run is told from outside.

/// A whole number from the environment; `usual` if it is absent, or not a number.
pub fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Random cases of each test that draws them: `PAPERTAPE_CASES`, or a number that a laptop does in seconds.
pub fn cases() -> u64 {
    setting("PAPERTAPE_CASES", 8)
}
