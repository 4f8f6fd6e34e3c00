//! Many lives. `PAPERTAPE_SIM_SEEDS` sets how many.

use std::thread;

use papertape_sim::{Run, run};

const STEPS: u64 = 120;

#[test]
fn nothing_that_was_acknowledged_is_lost() {
    let seeds = std::env::var("PAPERTAPE_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut all = Run::default();
    thread::scope(|scope| {
        let share = |worker| scope.spawn(move || lives((worker..seeds).step_by(workers)));
        let shares: Vec<_> = (0..workers as u64).map(share).collect();
        for share in shares {
            all.add(&share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    });
    println!("{seeds} seeds of {STEPS} steps: {all:?}");
    // What is simulated must also occur.
    let occurred = [all.kills, all.power_losses, all.failed_calls, all.torn, all.recoveries, all.refused * 40];
    assert!(occurred.iter().all(|&count| count > seeds), "{all:?}");
}

/// Lives one after the other; the first that lost something ends the test.
fn lives(seeds: impl Iterator<Item = u64>) -> Run {
    let mut all = Run::default();
    for seed in seeds {
        match run(seed, STEPS) {
            Ok(run) => all.add(&run),
            Err(finding) => {
                panic!("{}\n{finding}\npapertape sim --seed {seed} --steps {STEPS}", finding.trail.join("\n"))
            }
        }
    }
    all
}

#[test]
fn the_same_seed_brings_the_same_life() {
    for seed in [1, 99, 12_345] {
        assert_eq!(run(seed, STEPS), run(seed, STEPS));
    }
}
