//! Both sides of the bound on turns, and every way of leaving the line.

use super::*;

const FLOOD: TenantNo = TenantNo(3);
const LONG: Option<Duration> = Some(Duration::from_mins(1));

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
            held.push(turns.take(FLOOD, LONG).await.unwrap());
        }
        let own = Rc::clone(&turns);
        let next = tokio::task::spawn_local(async move { own.take(FLOOD, LONG).await });
        settle().await;
        assert!(!next.is_finished());
        let _other = turns.take(TenantNo(0), LONG).await.unwrap();
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
            held.push(turns.take(FLOOD, LONG).await.unwrap());
        }
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let own = Rc::clone(&turns);
                tokio::task::spawn_local(async move { drop(own.take(FLOOD, LONG).await) })
            })
            .collect();
        settle().await;
        assert!(waiting.iter().all(|task| !task.is_finished()));
        held.push(turns.take(FLOOD, None).await.unwrap());
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
            held.push(turns.take(FLOOD, LONG).await.unwrap());
        }
        let wait = || {
            let own = Rc::clone(&turns);
            tokio::task::spawn_local(async move { drop(own.take(FLOOD, LONG).await) })
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

#[test]
fn nobody_waits_longer_than_its_patience() {
    run(async {
        let turns = Turns::default();
        let flow = turns.flow(FLOOD);
        flow.under_way.set(TURNS_MAX);
        let late = turns.take(FLOOD, Some(Duration::from_millis(1))).await;
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
        flow.waiting.set(TURNS_WAITING_MAX);
        assert_eq!(turns.take(FLOOD, LONG).await.unwrap_err(), NoTurn);
        flow.waiting.set(TURNS_WAITING_MAX - 1);
        let wait = tokio::task::yield_now();
        tokio::select! {
            biased;
            _turn = turns.take(FLOOD, LONG) => panic!("nobody ended a turn"),
            () = wait => {}
        }
    });
}

#[test]
fn whoever_asks_during_recovery_takes_no_place() {
    let turns = Turns::default();
    drop(turns.flow(TENANT_RECOVERING));
    assert_eq!(turns.flows.borrow().len(), 0);
}
