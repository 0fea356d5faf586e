//! Both sides of the bound on turns, and every way of leaving the line.

use super::*;
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::wire::limits::{TURN_US, TURNS_KEPT_MAX};

const FLOOD: TenantNo = TenantNo(3);
const LONG: Option<Duration> = Some(Duration::from_mins(1));

/// A clock that stands still: nothing but room is waited for as long as kept turns last.
fn now() -> Instant {
    static CLOCK: std::sync::LazyLock<Clock> =
        std::sync::LazyLock::new(|| Clock::manual(UnixSeconds(0)));
    CLOCK.instant()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    tokio::task::LocalSet::new().block_on(&runtime.unwrap(), work)
}

async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn one_over_the_bound_waits_for_a_turn_to_end_and_others_do_not() {
    run(async {
        let turns = Rc::new(Turns::default());
        let mut held = Vec::new();
        for _ in 0..TURNS_MAX {
            held.push(turns.take(FLOOD, LONG, now()).await.unwrap());
        }
        let own = Rc::clone(&turns);
        let next = tokio::task::spawn_local(async move { own.take(FLOOD, LONG, now()).await });
        settle().await;
        assert!(!next.is_finished());
        let _other = turns.take(TenantNo(0), LONG, now()).await.unwrap();
        drop(held.pop());
        settle().await;
        assert!(next.is_finished());
    });
}

#[test]
fn alone_nobody_waits_and_those_who_wait_go_on() {
    run(async {
        let turns = Rc::new(Turns::default());
        let mut held = Vec::new();
        for _ in 0..TURNS_MAX {
            held.push(turns.take(FLOOD, LONG, now()).await.unwrap());
        }
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let own = Rc::clone(&turns);
                tokio::task::spawn_local(async move { drop(own.take(FLOOD, LONG, now()).await) })
            })
            .collect();
        settle().await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        held.push(turns.take(FLOOD, None, now()).await.unwrap());
        settle().await;
        assert!(waiting.iter().all(tokio::task::JoinHandle::is_finished));
        assert_eq!(turns.flow(FLOOD).waiting.get(), 0);
    });
}

#[test]
fn whoever_gives_up_waiting_leaves_the_turn_to_the_next() {
    run(async {
        let turns = Rc::new(Turns::default());
        let mut held = Vec::new();
        for _ in 0..TURNS_MAX {
            held.push(turns.take(FLOOD, LONG, now()).await.unwrap());
        }
        let wait = || {
            let own = Rc::clone(&turns);
            tokio::task::spawn_local(async move { drop(own.take(FLOOD, LONG, now()).await) })
        };
        let (first, second) = (wait(), wait());
        settle().await;
        // The turn is already on its way to the first when that one goes.
        drop(held.pop());
        first.abort();
        settle().await;
        assert!(second.is_finished());
        assert_eq!(turns.flow(FLOOD).waiting.get(), 0);
    });
}

/// TRANSPORT-2: a turn beside other tenants.
#[test]
fn nobody_waits_longer_than_its_patience() {
    run(async {
        let turns = Turns::default();
        let flow = turns.flow(FLOOD);
        flow.under_way.set(TURNS_MAX);
        let late = turns
            .take(FLOOD, Some(Duration::from_millis(1)), now())
            .await;
        assert!(late.is_ok());
        assert_eq!(
            (flow.waiting.get(), flow.under_way.get()),
            (0, TURNS_MAX + 1)
        );
    });
}

#[test]
fn waiting_is_bounded() {
    run(async {
        let turns = Rc::new(Turns::default());
        let flow = turns.flow(FLOOD);
        flow.under_way.set(TURNS_MAX);
        flow.held.set(TURNS_WAITING_MAX);
        let refused = turns.take(FLOOD, LONG, now()).await;
        assert_eq!(refused.unwrap_err(), NoTurn);
        flow.held.set(TURNS_WAITING_MAX - 1);
        let wait = tokio::task::yield_now();
        tokio::select! {
            biased;
            _turn = turns.take(FLOOD, LONG, now()) => panic!("nobody ended a turn"),
            () = wait => {}
        }
        assert_eq!(flow.held.get(), TURNS_WAITING_MAX - 1);
    });
}

#[test]
fn excess_is_refused_late_and_takes_no_turn() {
    run(async {
        let turns = Turns::default();
        let (base, none) = (now(), Some(Duration::ZERO));
        let mut taken = 0;
        while turns.flow(FLOOD).line.book(base, Duration::ZERO).is_some() {
            taken += 1;
        }
        assert_eq!(taken, TURNS_KEPT_MAX + 1);
        let asked = tokio::time::Instant::now();
        assert_eq!(turns.take(FLOOD, none, base).await.unwrap_err(), NoTurn);
        assert!(asked.elapsed() >= REFUSED_AFTER);
        let flow = turns.flow(FLOOD);
        assert_eq!((flow.held.get(), flow.under_way.get()), (0, 0));
        // Another tenant, and the same one a turn later, are let in at once.
        assert!(turns.take(TenantNo(0), none, base).await.is_ok());
        let later = base + Duration::from_micros(TURN_US);
        assert!(turns.take(FLOOD, none, later).await.is_ok());
    });
}

#[test]
fn whoever_asks_during_recovery_takes_no_place() {
    let turns = Turns::default();
    drop(turns.flow(TENANT_RECOVERING));
    assert_eq!(turns.flows.borrow().len(), 0);
}
