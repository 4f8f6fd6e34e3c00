//! Many lives. `PAPERTAPE_SIM_SEEDS` sets how many.

use papertape_sim::{Run, run};

const STEPS: u64 = 120;

#[test]
fn nothing_that_was_acknowledged_is_lost() {
    let seeds = std::env::var("PAPERTAPE_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let mut all = Run::default();
    for seed in 0..seeds {
        match run(seed, STEPS) {
            Ok(run) => all.add(&run),
            Err(finding) => {
                panic!("{}\n{finding}\npapertape sim --seed {seed} --steps {STEPS}", finding.trail.join("\n"))
            }
        }
    }
    println!("{seeds} seeds of {STEPS} steps: {all:?}");
    // What is simulated must also occur.
    let occurred = [all.kills, all.power_losses, all.failed_calls, all.torn, all.recoveries, all.refused * 40];
    assert!(occurred.iter().all(|&count| count > seeds), "{all:?}");
}

#[test]
fn the_same_seed_brings_the_same_life() {
    for seed in [1, 99, 12_345] {
        assert_eq!(run(seed, STEPS), run(seed, STEPS));
    }
}
