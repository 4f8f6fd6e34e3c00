//! The queue, with a thread that answers when it is told to.

use std::sync::mpsc::{Receiver, Sender, channel};

use papertape_engine::{AccountId, OrderId};
use papertape_story::Eyes;

use super::*;

/// Long enough for everything here.
const LONG: Duration = Duration::from_secs(20);

fn story(order: u64) -> Question {
    Question::Story { order: OrderId(order), eyes: Eyes::All }
}

fn answer(lasts: Lasts) -> Outcome {
    Ok(Arc::new(Answer { body: "{}".into(), lasts }))
}

fn user(number: i64) -> Option<UserId> {
    Some(UserId(number))
}

/// An archive whose thread says what it begins, and answers what it is given.
fn led(within: Duration) -> (Archive, Receiver<Question>, Sender<Outcome>) {
    let (begun, begins) = channel();
    let (outcomes, given) = channel::<Outcome>();
    let read: Read = Box::new(move |question, goes_on| {
        begun.send(question.clone()).map_err(Failure::internal)?;
        while goes_on() {
            if let Ok(outcome) = given.recv_timeout(Duration::from_millis(1)) {
                return outcome;
            }
        }
        Err(Failure::stopping())
    });
    let archive = Archive::start(read, within).unwrap_or_else(|error| panic!("{error}"));
    (archive, begins, outcomes)
}

async fn ask(archive: &Archive, order: u64, asker: Option<UserId>) -> Result<Option<Lasts>, (u16, &'static str)> {
    let asked = archive.ask(&story(order), asker, |_| true).await;
    asked.map(|answer| answer.map(|answer| answer.lasts)).map_err(|failure| (failure.status.as_u16(), failure.code))
}

#[tokio::test]
async fn the_queue_is_bounded_and_keeps_places_for_the_operator() {
    let archive = Archive::idle(Duration::ZERO);
    for order in 0..OF_USERS_MAX as u64 {
        assert_eq!(ask(&archive, order, user(order as i64)).await, Ok(None));
    }
    assert_eq!(ask(&archive, 100, user(100)).await, Err((503, "BUSY")));
    for order in 200..200 + (WAITING_MAX - OF_USERS_MAX) as u64 {
        assert_eq!(ask(&archive, order, None).await, Ok(None));
    }
    assert_eq!(ask(&archive, 300, None).await, Err((503, "BUSY")));
    let refused = archive.ask(&story(300), None, |_| true).await;
    assert_eq!(refused.map_err(|failure| failure.retry_after).err(), Some(Some(1)));
    // Who asks again joins, and takes no place.
    assert_eq!(ask(&archive, 0, user(0)).await, Ok(None));
}

#[tokio::test]
async fn the_operator_does_not_wait_for_users() {
    let archive = Archive::idle(Duration::ZERO);
    for (order, asker) in [(1, user(1)), (2, None), (3, user(2)), (4, None)] {
        assert_eq!(ask(&archive, order, asker).await, Ok(None));
    }
    let waiting: Vec<_> = archive.shared.works.lock().waiting.iter().cloned().collect();
    assert_eq!(waiting, [2, 4, 1, 3].map(story));
}

#[tokio::test]
async fn one_user_has_few_questions_under_way() {
    let archive = Archive::idle(Duration::ZERO);
    assert_eq!(ask(&archive, 1, user(7)).await, Ok(None));
    assert_eq!(ask(&archive, 2, user(7)).await, Ok(None));
    assert_eq!(ask(&archive, 2, user(7)).await, Ok(None));
    assert_eq!(ask(&archive, 3, user(7)).await, Err((429, "TOO_MANY_QUESTIONS")));
    assert_eq!(ask(&archive, 3, user(8)).await, Ok(None));
    for order in 10..15 {
        assert_eq!(ask(&archive, order, None).await, Ok(None), "the operator is not counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lasts_is_kept_and_what_does_not_is_handed_out_once() {
    let (archive, begins, outcomes) = led(LONG);
    for (lasts, begun) in [(Lasts::ForEver, 1), (Lasts::Once, 2)] {
        let order = begun;
        for time in 0..2 {
            if time == 0 || lasts == Lasts::Once {
                outcomes.send(answer(lasts)).unwrap_or_else(|error| panic!("{error}"));
            }
            assert_eq!(ask(&archive, order, None).await, Ok(Some(lasts)));
        }
        assert_eq!(begins.try_iter().count() as u64, begun, "{lasts:?}");
    }
    // A failure is nobody's but those who waited for it.
    outcomes.send(Err(Failure::internal("a test"))).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ask(&archive, 3, None).await, Err((500, "INTERNAL")));
    outcomes.send(answer(Lasts::ForEver)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ask(&archive, 3, None).await, Ok(Some(Lasts::ForEver)));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_to_ask_again_finds_the_answer() {
    let (archive, begins, outcomes) = led(Duration::ZERO);
    for lasts in [Lasts::ForEver, Lasts::Once] {
        let order = u64::from(lasts == Lasts::Once);
        assert_eq!(ask(&archive, order, user(1)).await, Ok(None));
        outcomes.send(answer(lasts)).unwrap_or_else(|error| panic!("{error}"));
        let begun = Instant::now();
        while ask(&archive, order, user(1)).await != Ok(Some(lasts)) {
            assert!(begun.elapsed() < LONG, "no answer");
            tokio::task::yield_now().await;
        }
        assert_eq!(begins.try_iter().count(), 1, "it was asked once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_has_become_old_is_made_anew() {
    let (archive, begins, outcomes) = led(LONG);
    let of = |seq| Lasts::WhileOrderStays { account: AccountId(1), order: OrderId(1), seq };
    for seq in [5, 6] {
        outcomes.send(answer(of(seq))).unwrap_or_else(|error| panic!("{error}"));
    }
    let told = archive.ask(&story(1), None, |answer| answer.lasts == of(6)).await;
    assert_eq!(told.ok().flatten().map(|answer| answer.lasts), Some(of(6)));
    assert_eq!(begins.try_iter().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_changes_faster_than_it_is_read_the_last_try_is_given() {
    let (archive, begins, outcomes) = led(LONG);
    let of = |seq| Lasts::WhileOrderStays { account: AccountId(1), order: OrderId(1), seq };
    let never = |_: &Answer| false;
    for round in 0..2 {
        for seq in 1..=u64::from(TRIES) {
            outcomes.send(answer(of(10 * round + seq))).unwrap_or_else(|error| panic!("{error}"));
        }
        let told = archive.ask(&story(1), None, never).await;
        let last = of(10 * round + u64::from(TRIES));
        assert_eq!(told.ok().flatten().map(|answer| answer.lasts), Some(last), "and it is handed out once");
    }
    assert_eq!(begins.try_iter().count(), 2 * usize::from(TRIES));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_kept_are_bounded() {
    let (archive, begins, outcomes) = led(LONG);
    let asked = KEPT_MAX as u64 + 5;
    for order in 0..asked {
        outcomes.send(answer(Lasts::ForEver)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ask(&archive, order, None).await, Ok(Some(Lasts::ForEver)));
    }
    assert_eq!(archive.shared.works.lock().all.len(), KEPT_MAX);
    // The newest are kept, the oldest are asked for anew.
    assert_eq!(ask(&archive, asked - 1, None).await, Ok(Some(Lasts::ForEver)));
    outcomes.send(answer(Lasts::ForEver)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ask(&archive, 0, None).await, Ok(Some(Lasts::ForEver)));
    assert_eq!(begins.try_iter().count() as u64, asked + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_what_is_under_way_and_what_waits() {
    let (archive, begins, _outcomes) = led(LONG);
    let archive = Arc::new(archive);
    let (first, second) = (Arc::clone(&archive), Arc::clone(&archive));
    let first = tokio::spawn(async move { ask(&first, 1, None).await });
    assert_eq!(
        tokio::task::spawn_blocking(move || begins.recv_timeout(LONG).ok()).await.ok().flatten(),
        Some(story(1))
    );
    let second = tokio::spawn(async move { ask(&second, 2, None).await });
    tokio::task::yield_now().await;
    archive.stop();
    archive.join();
    for asked in [first, second] {
        assert_eq!(asked.await.ok(), Some(Err((503, "STOPPING"))));
    }
    assert_eq!(ask(&archive, 3, None).await, Err((503, "STOPPING")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_one_answers_fault() {
    let read: Read = Box::new(|question, _| {
        assert!(*question != story(1), "a test of a panic");
        answer(Lasts::ForEver)
    });
    let archive = Archive::start(read, LONG).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ask(&archive, 1, None).await, Err((500, "INTERNAL")));
    assert_eq!(ask(&archive, 2, None).await, Ok(Some(Lasts::ForEver)));
}
