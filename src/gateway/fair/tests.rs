//! Turns, with jobs made by hand.

use super::*;
use crate::domain::ids::TenantNo;
use crate::engine::commands::Admin;
use crate::gateway::work::ReplyTo;
use crate::gateway::work::samples::slice;

/// One command of a tenant.
fn single(tenant: u16) -> Job {
    Job {
        work: Work::Admin(TenantNo(tenant), Admin::ClockAccept),
        deadline: None,
        reply: ReplyTo::Nobody,
    }
}

/// What one go takes: tenant and intents of each job.
fn go(fair: &mut Fair, intents_max: usize) -> Vec<(u16, usize)> {
    let mut jobs = Vec::new();
    fair.take(&mut jobs, intents_max);
    let seen = jobs
        .iter()
        .map(|job| (job.work.tenant().0, job.work.intents()));
    seen.collect()
}

#[test]
fn a_flood_delays_another_tenant_by_one_turn() {
    let mut fair = Fair::default();
    for _ in 0..1000 {
        fair.put(single(0));
    }
    fair.put(single(1));
    let taken = go(&mut fair, 64);
    assert_eq!(taken.len(), 64);
    assert_eq!(taken[32], (1, 1), "after one turn of the flood");
    assert_eq!(fair.len(), 1001 - 64);
}

#[test]
fn singles_come_between_slices_of_their_own_tenant() {
    let mut fair = Fair::default();
    for _ in 0..4 {
        fair.put(slice(0, 32));
    }
    fair.put(single(0));
    assert_eq!(go(&mut fair, 64), [(0, 32), (0, 1)]);
    assert_eq!(go(&mut fair, 64), [(0, 32), (0, 32)]);
    assert_eq!(go(&mut fair, 64), [(0, 32)]);
    assert!(fair.is_empty() && go(&mut fair, 64).is_empty());
}

#[test]
fn slices_do_not_starve_under_singles() {
    let mut fair = Fair::default();
    fair.put(slice(0, 32));
    for _ in 0..200 {
        fair.put(single(1));
        fair.put(single(2));
    }
    assert_eq!(go(&mut fair, 64)[0], (0, 32));
    fair.put(slice(0, 32));
    let goes: Vec<_> = (0..2).flat_map(|_| go(&mut fair, 64)).collect();
    assert!(goes.contains(&(0, 32)), "{goes:?}");
}

#[test]
fn a_go_is_bounded_and_takes_at_least_one() {
    let mut fair = Fair::default();
    fair.put(slice(0, 30));
    fair.put(slice(0, 3));
    fair.put(slice(1, 32));
    // 30 and 3 are more than a turn; 30 and 32 are within a go of 64, 3 more are not.
    assert_eq!(go(&mut fair, 64), [(0, 30), (1, 32)]);
    assert_eq!(go(&mut fair, 64), [(0, 3)]);
    fair.put(slice(0, 32));
    assert_eq!(go(&mut fair, 1), [(0, 32)], "never nothing");
}

#[test]
fn a_flow_keeps_its_order() {
    let mut fair = Fair::default();
    for many in 1..=32 {
        fair.put(slice(0, many));
        fair.put(slice(1, 33 - many));
    }
    let mut seen = Vec::new();
    while !fair.is_empty() {
        let taken = go(&mut fair, 64);
        assert!(taken.iter().map(|(_, many)| many).sum::<usize>() <= 64);
        seen.extend(taken);
    }
    let of = |tenant| {
        let mine = seen.iter().filter(move |(t, _)| *t == tenant);
        mine.map(|(_, many)| *many).collect::<Vec<_>>()
    };
    assert_eq!(of(0), (1..=32).collect::<Vec<_>>());
    assert_eq!(of(1), (1..=32).rev().collect::<Vec<_>>());
}
