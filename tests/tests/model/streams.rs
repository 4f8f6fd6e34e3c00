//! Random streams: engine and model tell the same, and every invariant holds after every command.

use std::io::Write;
use std::ops::Range;
use std::time::Instant;

use papertape_engine::Engine;
use papertape_tests::compare::{self, Coverage, Found, Plan, Streamed};
use papertape_tests::random::Profile;
use papertape_tests::{Seeds, setting, share_out};

/// Streams a run: `PAPERTAPE_STREAMS`, or a number that a laptop does in seconds.
fn streams() -> u64 {
    setting("PAPERTAPE_STREAMS", 200)
}

/// Runs streams on all processors.
fn agree(seeds: Range<u64>, plan: &Plan) -> Coverage {
    let work = |seeds: Seeds<'_>| {
        let mut coverage = Coverage::default();
        for seed in seeds {
            if let Err(streamed) = compare::stream(seed, plan, Engine::new(), &mut coverage) {
                report(seed, plan, &streamed);
            }
        }
        coverage
    };
    let mut coverage = Coverage::default();
    share_out(seeds, work).iter().for_each(|share| coverage.merge(share));
    coverage
}

fn report(seed: u64, plan: &Plan, streamed: &Streamed) -> ! {
    let differs = |steps: &[compare::Step]| compare::run(Engine::new(), plan.check_every, steps);
    // If the difference is a panic, once is enough to read of it.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let (steps, difference) = compare::shrink(&streamed.steps, differs);
    std::panic::set_hook(hook);
    let repeat = match plan.profile {
        None => format!("make fuzz SEED={seed} SEEDS=1"),
        Some(_) => "cargo test -p papertape-tests --test model".to_owned(),
    };
    let found = Found { seed, repeat, steps, difference };
    let path = found.write(&compare::folder()).unwrap();
    panic!("{}\n{}", path.display(), found.text());
}

#[test]
fn random_streams_agree_with_the_reference_model() {
    let (plan, started) = (Plan::default(), Instant::now());
    let coverage = agree(0..streams(), &plan);
    let seconds = started.elapsed().as_secs_f64();
    let (streams, commands) = (coverage.streams, plan.commands);
    let rate = coverage.commands as f64 / seconds;
    // Past the harness, which would keep it for a failure: a run that agrees says how much it has seen.
    writeln!(
        std::io::stdout().lock(),
        "streams: {streams} of {commands} commands agree, {rate:.0} commands/s\n{coverage}"
    )
    .unwrap();
    // Fewer do not come upon everything.
    if streams >= 1_000 {
        assert_eq!(coverage.missing(streams), Vec::<String>::new());
    }
}

#[test]
fn long_streams_forget_the_oldest_names_and_references_alike() {
    let long = [(Profile::Names, 12_000, "name used again"), (Profile::Ledger, 40_000, "reference used again")];
    for (profile, commands, what) in long {
        let coverage = agree(0..4, &Plan { commands, check_every: 50, profile: Some(profile) });
        let again = coverage.count("situation", what);
        assert!(again >= 50, "only {again} times a {what}:\n{coverage}");
    }
}
