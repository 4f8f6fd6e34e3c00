//! Which threads may wait when there are more of them than processors.

/// With so many processors each of the venue's threads has its own.
const PROCESSORS_MANY: usize = 4;

/// Whether threads that carry orders do better to do each other's work than to wake each other.
pub fn are_processors_few() -> bool {
    std::thread::available_parallelism().map_or(1, usize::from) < PROCESSORS_MANY
}

/// How nice a thread is that gives way: about a tenth of the share of one that does not.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Lets the threads that orders and their answers go through have a processor before the calling one, and before those that
/// it starts. For work that nobody waits for to the microsecond: databases, snapshots, files, passwords. Threads that carry
/// orders must not be started from one that gives way.
pub fn give_way() {
    // Elsewhere a thread has no priority of its own. Whoever is nicer already stays so.
    #[cfg(target_os = "linux")]
    if rustix::process::getpriority_process(None).is_ok_and(|nice| nice < NICE) {
        let _ = rustix::process::setpriority_process(None, NICE);
    }
}

/// Lets the calling thread run only while no other one wants the processor: who wakes up has it at once, and not when this
/// one's slice is over. On a busy machine it gets next to nothing, so that somebody else must see to it that what it does is
/// done in the end.
pub fn run_when_idle() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let this = thread_priority::thread_native_id();
        // Where that is not allowed it gives way.
        if thread_priority::set_thread_priority_and_policy(this, ThreadPriority::Min, idle).is_err() {
            give_way();
        }
    }
}

/// Work that can wait, done in portions: after each the thread offers its processor. Whoever looks for work and lends his
/// own meanwhile is not asleep, so that no wake-up puts this thread aside for him: without an offer he has it back at the
/// next tick of the scheduler's clock, which is up to 4 ms later.
pub struct Portions {
    size: u32,
    done: u32,
}

impl Portions {
    /// Portions of so many steps.
    pub fn of(size: u32) -> Self {
        Self { size, done: 0 }
    }

    /// Counts a step.
    pub fn step(&mut self) {
        self.done += 1;
        if self.done >= self.size {
            self.done = 0;
            std::thread::yield_now();
        }
    }
}
