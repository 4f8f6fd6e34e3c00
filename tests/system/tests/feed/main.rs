//! Clients that follow every channel as an outsider would, through random trading, disconnects and returns. Their books,
//! trades, bars, orders, balances and positions equal the venue's after every message, and not only when all was heard; a
//! hole, a repeat, another order or another number fails.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod account;
mod binary;
mod book;
mod candles;
mod follower;
mod socket;
mod truth;
mod world;

use papertape_tests::random::{Dice, Profile};

use follower::{BARRIER, Fault, Follower, Manner};
use truth::Truth;
use world::World;

/// Bursts of commands in one run.
const BURSTS: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_has_what_the_venue_has() {
    for (seed, profile) in
        [(11, Profile::Trading), (12, Profile::Auctions), (13, Profile::Limits), (14, Profile::Triggers)]
    {
        let mut run = Run::begin(profile, seed).await;
        let mut steady = Follower::join(&run.world, 0).await;
        let mut flaky = Follower::join_as(&run.world, 1, Manner { interval: Some("1M"), ..Manner::default() }).await;
        let per_second = Manner { binary: true, interval: Some("1s"), ..Manner::default() };
        let mut binary = Follower::join_as(&run.world, 2, per_second).await;
        let mut dice = Dice::new(seed);
        for burst in 0..BURSTS {
            run.burst(1 + dice.below(30)).await;
            if burst % 5 == 4 {
                run.settle(&mut steady).await;
                run.settle(&mut binary).await;
            }
            if dice.chance(20) {
                flaky.leave().await;
                run.burst(dice.below(20)).await;
                flaky.come_back(&run.world).await;
                binary.leave().await;
                binary.come_back(&run.world).await;
            }
            if dice.chance(30) {
                run.settle(&mut flaky).await;
            }
        }
        run.settle(&mut steady).await;
        run.settle(&mut flaky).await;
        assert!(steady.messages > 200, "seed {seed}: {} messages are no test", steady.messages);
        let (messages, resumed) = (binary.messages, binary.resumed);
        assert!(messages > 100 && resumed > 0, "seed {seed}: {messages} messages, {resumed} resumed");
        assert!(flaky.resumed > 0, "seed {seed}: nothing was resumed");
        run.world.stop().await;
    }
}

/// Channels in which a fault must be noticed.
const SPOILED: [&str; 7] = ["l3", "book", "trades", "candles", "orders", "balances", "positions"];

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_lost_doubled_too_early_or_altered_is_noticed_in_every_channel() {
    for channel in SPOILED {
        let mut run = Run::begin(Profile::Trading, 11).await;
        for fault in [Fault::Lose, Fault::Repeat, Fault::Swap, Fault::Alter] {
            let mut follower = Follower::join(&run.world, 0).await;
            follower.fault = Some((fault, channel));
            let noticed = run.notice(&mut follower).await;
            let noticed = noticed.unwrap_or_else(|| panic!("{fault:?} in {channel} was not noticed"));
            // What is altered or comes twice is seen at once, and not only when everything was heard.
            let at_once = matches!(fault, Fault::Alter | Fault::Repeat);
            assert!(!at_once || !noticed.starts_with(BARRIER), "{fault:?} in {channel}: {noticed}");
            follower.leave().await;
        }
        run.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_gets_less_and_has_what_the_venue_has() {
    for binary in [false, true] {
        let mut run = Run::begin(Profile::Trading, 31 + u64::from(binary)).await;
        let manner = Manner { binary, public_only: true, receive_buffer: Some(4_096), ..Manner::default() };
        let mut slow = Follower::join_as(&run.world, 0, manner).await;
        run.settle(&mut slow).await;
        for _ in 0..2 {
            for _ in 0..1_500 {
                run.burst(20).await;
            }
            run.settle(&mut slow).await;
        }
        assert!(slow.merged > 0, "nothing was merged in {} messages", slow.messages);
        run.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumption_that_cannot_be_is_a_snapshot() {
    let mut run = Run::begin(Profile::Trading, 21).await;
    let mut follower = Follower::join(&run.world, 0).await;
    run.burst(200).await;
    run.settle(&mut follower).await;
    let snapshots = follower.snapshots;
    follower.leave().await;
    // More than is kept of any topic.
    for _ in 0..60 {
        run.burst(100).await;
    }
    follower.forget_epoch();
    follower.come_back(&run.world).await;
    run.settle(&mut follower).await;
    assert_eq!(follower.resumed, 0);
    assert!(follower.snapshots > snapshots);
    run.world.stop().await;
}

/// A venue, what it has told, and what is sent to it.
struct Run {
    world: World,
    truth: Truth,
    flow: papertape_tests::random::Flow,
    seed: u64,
}

impl Run {
    /// The dispatcher shares a thread for every other seed.
    async fn begin(profile: Profile, seed: u64) -> Self {
        let mut world = World::start(seed.is_multiple_of(2)).await;
        let mut truth = Truth::new(world.directory(), world.take_watcher());
        for number in 0..world::USERS {
            world.sign_up(number).await;
        }
        truth.hear_all(world.accounts_opened());
        let mut run = Self { world, truth, flow: papertape_tests::random::Flow::of(profile, seed), seed };
        // The opening: assets, instruments, money.
        run.burst(60).await;
        run.world.gateway_has_heard(run.truth.seq()).await;
        run
    }

    /// Sends so many commands, and hears what they did.
    async fn burst(&mut self, commands: u64) {
        let sent: Vec<_> = (0..commands).map(|_| self.world.submit(self.flow.next_command())).collect();
        let Some(last) = sent.last() else { return };
        for events in self.truth.hear_until(*last) {
            self.flow.learn(&events);
        }
    }

    /// What is noticed while things happen, if anything is.
    async fn notice(&mut self, follower: &mut Follower) -> Option<String> {
        for _ in 0..BURSTS {
            self.burst(20).await;
            self.world.gateway_has_heard(self.truth.seq()).await;
            let noticed = follower.settle(&self.world, &mut self.truth).await.err();
            if noticed.is_some() {
                return noticed;
            }
        }
        None
    }

    /// The follower hears everything up to now, and is compared.
    async fn settle(&mut self, follower: &mut Follower) {
        self.world.gateway_has_heard(self.truth.seq()).await;
        if let Err(fault) = follower.settle(&self.world, &mut self.truth).await {
            panic!("seed {}: {fault}", self.seed);
        }
    }
}
