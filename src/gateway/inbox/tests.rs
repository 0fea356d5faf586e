//! Both sides of every bound of the inbox.

use super::*;
use crate::clock::Clock;
use crate::domain::time::UnixSeconds;
use crate::engine::commands::Admin;
use crate::gateway::work::ReplyTo;
use crate::gateway::work::samples::slice;

fn now() -> Instant {
    Clock::manual(UnixSeconds(0)).instant()
}

fn job(tenant: u16) -> Job {
    let work = Work::Admin(TenantNo(tenant), Admin::ClockAccept);
    Job {
        work,
        deadline: None,
        reply: ReplyTo::Nobody,
    }
}

fn put(inbox: &Inbox, job: Job) -> Result<(), Shed> {
    inbox.live(job).map_err(|(_job, why)| why)
}

/// Intents of the jobs of one go.
fn take(lanes: &mut Lanes, intents_max: usize) -> Vec<usize> {
    let mut jobs = Vec::new();
    lanes.take_live(&mut jobs, intents_max);
    jobs.iter().map(|job| job.work.intents()).collect()
}

#[test]
fn a_tenant_fills_its_share_and_leaves_the_rest() {
    let (inbox, mut lanes) = inbox(4, 2, 2, now());
    assert_eq!(put(&inbox, job(0)), Ok(()));
    assert_eq!(put(&inbox, job(0)), Ok(()));
    assert_eq!(put(&inbox, job(0)), Err(Shed::Quota));
    assert_eq!(put(&inbox, job(1)), Ok(()));
    assert_eq!(put(&inbox, job(1)), Ok(()));
    assert_eq!(put(&inbox, job(9)), Err(Shed::Quota));
    assert_eq!(take(&mut lanes, 1), [1]);
    assert_eq!(put(&inbox, job(0)), Ok(()));
    assert_eq!(lanes.waiting(), (4, 0));
    assert_eq!(take(&mut lanes, 64), [1, 1, 1, 1]);
    assert!(lanes.is_empty());
}

#[test]
fn a_full_lane_sheds_and_gives_the_share_back() {
    let (inbox, mut lanes) = inbox(1, 8, 1, now());
    assert_eq!(put(&inbox, job(0)), Ok(()));
    for _ in 0..20 {
        assert_eq!(put(&inbox, job(0)), Err(Shed::Full));
    }
    assert_eq!(take(&mut lanes, 64), [1]);
    assert_eq!(put(&inbox, job(0)), Ok(()));
    drop(lanes);
    assert_eq!(put(&inbox, job(0)), Err(Shed::Full));
}

#[test]
fn what_the_engines_side_holds_counts_as_waiting() {
    let (inbox, mut lanes) = inbox(4, 8, 1, now());
    for _ in 0..4 {
        assert_eq!(put(&inbox, job(0)), Ok(()));
    }
    // One is taken up; the other three wait on the engine's side, and the lane itself is empty.
    assert_eq!(take(&mut lanes, 1), [1]);
    assert_eq!((lanes.live.len(), lanes.waiting()), (0, (3, 0)));
    assert_eq!(put(&inbox, job(0)), Ok(()));
    assert_eq!(put(&inbox, job(0)), Err(Shed::Full));
}

#[test]
fn an_engine_that_is_gone_takes_nothing() {
    let (inbox, lanes) = inbox(4, 8, 1, now());
    drop(lanes);
    assert_eq!(put(&inbox, job(0)), Err(Shed::Stopped));
    assert_eq!(put(&inbox, slice(0, 3)), Err(Shed::Stopped));
}

#[test]
fn a_slice_counts_as_its_intents() {
    let (inbox, mut lanes) = inbox(100, 40, 2, now());
    assert_eq!(put(&inbox, slice(0, 32)), Ok(()));
    assert_eq!(put(&inbox, slice(0, 9)), Err(Shed::Quota));
    assert_eq!(put(&inbox, slice(0, 8)), Ok(()));
    assert_eq!(put(&inbox, job(0)), Err(Shed::Quota));
    assert_eq!(put(&inbox, slice(1, 32)), Ok(()));
    assert_eq!(take(&mut lanes, 64), [32, 32]);
    assert_eq!(put(&inbox, slice(0, 32)), Ok(()));
    assert_eq!(put(&inbox, job(0)), Err(Shed::Quota));
}

#[test]
fn slices_of_all_tenants_together_are_bounded_too() {
    let (inbox, mut lanes) = inbox(64, 64, 3, now());
    assert_eq!(put(&inbox, slice(0, 32)), Ok(()));
    assert_eq!(put(&inbox, slice(1, 31)), Ok(()));
    assert_eq!(put(&inbox, slice(2, 2)), Err(Shed::Full));
    assert_eq!(put(&inbox, slice(2, 1)), Ok(()));
    assert_eq!(put(&inbox, job(2)), Ok(()), "a single is not a slice");
    assert_eq!(take(&mut lanes, 64).iter().sum::<usize>(), 64);
    assert_eq!(put(&inbox, slice(2, 2)), Ok(()));
}

#[test]
fn a_slice_is_never_larger_than_a_share() {
    for (live_max, tenant_max, expected) in [
        (8192, 4096, SLICE_INTENTS_MAX),
        (8192, 5, 5),
        (3, 5, 3),
        (8192, 32, 32),
    ] {
        let (inbox, _lanes) = inbox(live_max, tenant_max, 1, now());
        assert_eq!(inbox.slice_max(), expected);
    }
}
