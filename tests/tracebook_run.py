"""Plays the traces of tracebook-conformance against the adapter, and counts: `tracebook_run.py ADAPTER [SEED]`.

Started by tracebook.sh, in an environment that has the package.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tracebook import SelfTradePolicy
from tracebook.conformance import (
    ExternalProcessAdapterFactory,
    copy_bundled_conformance_suite,
    get_campaign_profile,
    run_campaign,
    run_conformance,
)

# What a client of the venue sends where the judge follows another convention: see docs/conformance.md.
SETTINGS = ["--snap-to-tick", "--replace-to-tail"]

# Fixtures that need a rule which the engine does not have, with the rule. One that begins to pass, fails: take it off.
OPEN = {}


def prevents(policy):
    """The package's fullest profile under another self-trade policy: its judge has it, its own profiles do not."""
    base = get_campaign_profile("fifo-full-v1")
    return replace(base, name=f"fifo-full-v1 {policy.name}", config=replace(base.config, self_trade_policy=policy))


CANCEL_RESTING = prevents(SelfTradePolicy.CANCEL_RESTING)
CANCEL_INCOMING = prevents(SelfTradePolicy.CANCEL_INCOMING)

# Profile, number of random traces, events in each: 100,000 events. Random traces of pro-rata are not among them: see
# docs/conformance.md.
CAMPAIGNS = [
    ("fifo-limit-v1", 50, 200),
    ("fifo-full-v1", 50, 200),
    ("fifo-partial-fill-v1", 50, 200),
    ("fifo-full-v1", 2, 5_000),
    (CANCEL_RESTING, 125, 200),
    (CANCEL_INCOMING, 125, 200),
    (CANCEL_RESTING, 1, 5_000),
    (CANCEL_INCOMING, 1, 5_000),
]

# Of one answer. Long, because a busy machine is not a fault of the engine.
TIMEOUT_SECONDS = 60


class Count:
    """How many traces came out which way, told one by one."""

    def __init__(self):
        self.passed = self.failed = self.open = 0

    def fail(self, name, problem):
        self.failed += 1
        print(f"  FAILED {name}: {problem}")

    def fixture(self, name, report):
        """Judges one fixture. An open one may differ in what it does, but not break the protocol."""
        if name not in OPEN or report.operational_failure:
            if report.conformant:
                self.passed += 1
            else:
                self.fail(name, difference(report.divergence))
        elif report.conformant:
            self.fail(name, f"listed as open ({OPEN[name]}), and passes: take it off the list in {Path(__file__).name}")
        else:
            self.open += 1
            print(f"  open   {name}: {OPEN[name]}")

    def campaign(self, name, result):
        """Judges a campaign, which ends at its first failure. The shortest trace that shows it is printed."""
        self.passed += sum(trace.report.conformant for trace in result.traces)
        missed = result.semantic_coverage.uncovered_capabilities
        if result.failure is not None:
            shortest = result.failure.minimization
            self.fail(name, f"trace {result.failure.trace.index}, {difference(shortest.report.divergence)}")
            for event in shortest.events:
                print("    " + json.dumps({key: value for key, value in event.to_dict().items() if value is not None}))
        elif missed:
            self.fail(name, f"its traces never show {', '.join(missed)}")


def difference(divergence):
    """The first thing that differed, in one line."""
    there, here = divergence.reference, divergence.candidate
    return f"event {divergence.event_index}: {divergence.message}; {divergence.path}: {there!r} there, {here!r} here"


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    adapter = ExternalProcessAdapterFactory([sys.argv[1], *SETTINGS], timeout_seconds=TIMEOUT_SECONDS)
    count = Count()
    with tempfile.TemporaryDirectory() as folder:
        suite = copy_bundled_conformance_suite(Path(folder) / "suite", suite_version="v2")
        print(f"  {suite.suite_id}: {len(suite.cases)} fixtures")
        for case in suite.cases:
            report = run_conformance(case.load_events(), adapter, config=case.config, trace_name=case.name)
            count.fixture(case.name, report)
        for name in OPEN.keys() - {case.name for case in suite.cases}:
            count.fail(name, "listed as open, and no fixture has this name")
    for profile, traces, events in CAMPAIGNS:
        name = f"{getattr(profile, 'name', profile)}, seed {seed}: {traces} traces of {events} events"
        print(f"  {name}")
        count.campaign(name, run_campaign(adapter, profile, seed=seed, traces=traces, events_per_trace=events))
    print(f"tracebook: {count.passed} passed, {count.failed} failed, {count.open} open")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
