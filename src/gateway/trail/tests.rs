//! The trail over a ledger of small segments: whole walks, bounds, tenants, what was just written.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::time::UnixSeconds;
use crate::ledger::limits::SEGMENT_BYTES_MIN;
use crate::ledger::{Batch, Chains, Handover, Ledger, OpenLedger, Options, Subject};
use crate::wire::marks::{Class, Marks, RowKind};

/// A row to be written: tenant, key, whether it is an outcome, seconds after the one before.
type Planned = (u16, u64, bool, i64);

struct Rig {
    ledger: Option<Ledger>,
    handover: Option<Handover<()>>,
    chains: Chains,
    now: i64,
    /// What was written: tenant, seq, key, instant, kind.
    written: Vec<(u16, u64, u64, i64, RowKind)>,
}

impl Rig {
    fn open(dir: &Path) -> Self {
        let options = Options {
            segment_bytes: SEGMENT_BYTES_MIN,
            low_water_bytes: 0,
            ..Options::default()
        };
        let open = OpenLedger::open(dir, options).unwrap();
        let recovered = open.recover(0, |_| Ok::<(), Infallible>(())).unwrap();
        let chains = recovered.chains.clone();
        let started = open.start(recovered, Arc::new(|| 0), |(), done| {
            done.unwrap();
        });
        let (ledger, handover) = started.unwrap();
        Self {
            ledger: Some(ledger),
            handover: Some(handover),
            chains,
            now: 1000,
            written: Vec::new(),
        }
    }

    fn commit(&mut self, rows: &[Planned]) {
        let mut frame = self.ledger.as_ref().unwrap().free_frames().take();
        for tenant in [1, 2] {
            if self.chains.head(tenant).is_none() {
                let name = format!("tenant-{tenant}");
                frame.declare(&mut self.chains, tenant, &name).unwrap();
            }
        }
        for (tenant, key, outcome, later) in rows {
            self.now += later;
            let seq = self.chains.head(*tenant).unwrap().seq + 1;
            let (body, kind) = if *outcome {
                let body = format!(
                    r#"{{"a":1,"k":"o","o":"no_answer","q":{seq},"t":{}}}"#,
                    self.now
                );
                (body, RowKind::Outcome)
            } else if *later < 0 {
                let body = format!(r#"{{"k":"a","op":"clock","q":{seq},"t":{}}}"#, self.now);
                (body, RowKind::Admin)
            } else {
                let body = format!(r#"{{"a":1,"b":0,"k":"d","q":{seq},"t":{}}}"#, self.now);
                (body, RowKind::Decision)
            };
            let subject = [b'x'; 300];
            let subject = Subject {
                salt: [7; 16],
                bytes: &subject,
            };
            let keys = [*key, 0];
            frame
                .push(&mut self.chains, *tenant, body.as_bytes(), &[subject], keys)
                .unwrap();
            self.written.push((*tenant, seq, *key, self.now, kind));
        }
        let batch = Batch { frame, replies: () };
        self.handover.as_mut().unwrap().commit(batch);
    }

    fn finder(&self) -> Finder {
        let finder = self.ledger.as_ref().unwrap().finder().unwrap();
        for tenant in [1, 2] {
            let newest = self.chains.head(tenant).map_or(0, |head| head.seq);
            caught_up(&finder, TenantNo(tenant), newest).unwrap();
        }
        finder
    }

    /// What a walk that begins now has to find, newest first.
    fn expected(&self, tenant: u16, source: Option<u64>, kind: Option<RowKind>) -> Vec<u64> {
        let mine = self.written.iter().rev().filter(|row| {
            row.0 == tenant
                && source.is_none_or(|key| row.2 == key)
                && kind.is_none_or(|kind| row.4 == kind)
        });
        mine.map(|row| row.1).collect()
    }

    fn close(mut self) {
        drop(self.handover.take());
        self.ledger.take().unwrap().stop();
    }
}

/// One page of a walk down from `below`.
fn page(
    finder: &Finder,
    (tenant, source): (u16, &Source),
    span: (u64, u64),
    limit: usize,
) -> Walked<u64> {
    let mut reading = finder.reading();
    let tenant = TenantNo(tenant);
    walk(&mut reading, (tenant, source), span, limit, |row, _| {
        assert_eq!(row.tenant, tenant.0, "TRAIL-3");
        Some(row.head.seq)
    })
    .unwrap()
}

fn planned() -> impl Strategy<Value = Vec<Vec<Planned>>> {
    let row = (1_u16..=2, 1_u64..4, any::<bool>(), 0_i64..3);
    prop::collection::vec(prop::collection::vec(row, 1..20), 4..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// TRAIL-1 and TRAIL-2, across sealed segments and the one in use.
    #[test]
    fn trail_2_pages_hold_every_row_once_while_rows_are_added(
        frames in planned(),
        limit in 1_usize..30,
        key in 1_u64..4,
        way in 0_u8..4,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut rig = Rig::open(dir.path());
        let half = frames.len() / 2;
        for frame in &frames[..half] {
            rig.commit(frame);
        }
        let (source, by_key, kind) = match way {
            0 => (Source::Chain, None, None),
            1 => (Source::Posted(vec![key]), Some(key), None),
            2 => {
                let class = Class::Kind(RowKind::Outcome).key();
                (Source::Posted(vec![class]), None, Some(RowKind::Outcome))
            }
            // The same rows under two keys come once.
            _ => (Source::Posted(vec![key, key]), Some(key), None),
        };
        let expected = rig.expected(1, by_key, kind);
        let mut below = rig.chains.head(1).unwrap().seq + 1;
        let (mut found, mut later) = (Vec::new(), frames[half..].iter());
        loop {
            let walked = page(&rig.finder(), (1, &source), (0, below), limit);
            prop_assert!(walked.items.len() <= limit);
            found.extend(walked.items);
            let Some(next) = walked.next else { break };
            prop_assert!(next < below);
            below = next;
            if let Some(frame) = later.next() {
                rig.commit(frame);
            }
        }
        prop_assert_eq!(found, expected);
        rig.close();
    }
}

#[test]
fn times_are_found_on_both_sides_of_every_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    for n in 0..120 {
        // Instants that stand still and instants that are skipped, two tenants in turn.
        rig.commit(&[(1, 1, false, n % 3), (2, 1, false, 0), (1, 2, true, 0)]);
    }
    let finder = rig.finder();
    let newest = rig.chains.head(1).unwrap().seq;
    let mine: BTreeMap<u64, i64> = rig
        .written
        .iter()
        .filter(|row| row.0 == 1)
        .map(|row| (row.1, row.3))
        .collect();
    for at in 998..=rig.now + 2 {
        let expected = mine.iter().find(|(_, t)| **t >= at);
        let expected = expected.map_or(newest + 1, |(seq, _)| *seq);
        let mut reading = finder.reading();
        let found = first_at(&mut reading, TenantNo(1), UnixSeconds(at), newest);
        assert_eq!(found.unwrap(), expected, "at {at}");
        assert!(reading.effort().frames <= newest.ilog2() + 1);
    }
    rig.close();
}

#[test]
fn times_are_found_in_both_runs_of_a_clock_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    for n in 0..60 {
        rig.commit(&[(1, 1, false, n % 3), (1, 2, true, 0)]);
    }
    // An operator accepts a clock half of the way back, and it goes on past where it was.
    rig.commit(&[(1, 3, false, -30)]);
    for n in 0..120 {
        rig.commit(&[(1, 1, false, n % 3)]);
    }
    let finder = rig.finder();
    let newest = rig.chains.head(1).unwrap().seq;
    let mine: Vec<(u64, i64)> = rig.written.iter().map(|row| (row.1, row.3)).collect();
    for at in 998..=rig.now + 2 {
        let mut reading = finder.reading();
        let instant = UnixSeconds(at);
        let first = mine.iter().find(|(_, t)| *t >= at);
        let first = first.map_or(newest + 1, |(seq, _)| *seq);
        let found = first_at(&mut reading, TenantNo(1), instant, newest);
        assert_eq!(found.unwrap(), first, "at {at}");
        let last = mine.iter().rev().find(|(_, t)| *t < at);
        let end = last.map_or(1, |(seq, _)| seq + 1);
        let found = end_before(&mut reading, TenantNo(1), instant, newest);
        assert_eq!(found.unwrap(), end, "before {at}");
    }
    rig.close();
}

#[test]
fn a_key_never_seen_costs_a_block_a_segment_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    for n in 0..200 {
        rig.commit(&[(1, n % 50 + 1, false, 1); 6]);
    }
    let finder = rig.finder();
    let newest = rig.chains.head(1).unwrap().seq;
    let segment = finder.reading().row(1, newest, |_, pos| pos.segment);
    let sealed = segment.unwrap() - 1;
    assert!(sealed >= 5, "only {sealed} sealed segments");
    for key in [77, 0x7fff_ffff_ffff, u64::MAX] {
        let mut reading = finder.reading();
        let found = reading.posted((1, key), (0, u64::MAX), 10).unwrap();
        assert_eq!((found.seqs.len(), found.complete_to), (0, 0));
        let effort = reading.effort();
        assert!(effort.blocks <= sealed, "{} blocks", effort.blocks);
        assert_eq!((effort.frames, effort.places), (0, 0));
    }
    // A tenant without rows costs nothing at all.
    let mut reading = finder.reading();
    reading.posted((2, 1), (0, u64::MAX), 10).unwrap();
    assert_eq!(reading.effort(), crate::ledger::Effort::default());
    rig.close();
}

#[test]
fn a_spent_reading_gives_a_short_page_and_the_walk_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    // A frame a row, so that a walk that wants nothing is spent by frames.
    let many = u64::from(crate::ledger::limits::READ_FRAMES_MAX) + 300;
    for n in 0..many {
        rig.commit(&[(1, n % 2 + 1, false, 0)]);
    }
    let finder = rig.finder();
    for source in [Source::Chain, Source::Posted(vec![1, 2])] {
        let (mut below, mut pages, mut found) = (many + 1, 0, Vec::new());
        loop {
            let mut reading = finder.reading();
            let walked = walk(
                &mut reading,
                (TenantNo(1), &source),
                (0, below),
                50,
                |row, _| (row.head.seq <= 2).then_some(row.head.seq),
            );
            let walked = walked.unwrap();
            pages += 1;
            found.extend(walked.items);
            assert!(reading.effort().frames <= crate::ledger::limits::READ_FRAMES_MAX + 1);
            match walked.next {
                Some(next) => below = next,
                None => break,
            }
        }
        assert_eq!((pages, found), (2, vec![2, 1]), "{source:?}");
    }
    rig.close();
}

#[test]
fn figures_and_links_outlive_a_restart_and_a_lost_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    for _ in 0..150 {
        rig.commit(&[(1, 1, false, 1), (1, 1, true, 1), (2, 1, false, 0)]);
    }
    let ack = br#"{"k":"a","op":"ack","q":301,"r":[3,7],"t":9999}"#;
    let mut frame = rig.ledger.as_ref().unwrap().free_frames().take();
    frame.push(&mut rig.chains, 1, ack, &[], [0, 0]).unwrap();
    let batch = Batch { frame, replies: () };
    rig.handover.as_mut().unwrap().commit(batch);
    let look = |rig: &Rig| {
        let finder = rig.finder();
        let mut reading = finder.reading();
        let links: Vec<_> = [3, 4, 7].map(|seq| reading.link(1, seq).unwrap()).into();
        (finder.fresh().counts(1), finder.fresh().counts(2), links)
    };
    let before = look(&rig);
    assert_eq!(
        (before.0.rows, before.0.allowed, before.1.rows),
        (301, 150, 150)
    );
    assert_eq!(before.0.outcomes, [("no_answer".into(), 150)]);
    assert_eq!(before.0.span, Some((1001, 9999)));
    assert_eq!(before.2, [Some(301), None, Some(301)]);
    rig.close();
    let again = Rig::open(dir.path());
    assert_eq!(look(&again), before, "after a restart");
    again.close();
    std::fs::remove_file(dir.path().join("index.redb")).unwrap();
    let again = Rig::open(dir.path());
    assert_eq!(look(&again), before, "made anew");
    again.close();
}

#[test]
fn more_readings_than_places_are_told_to_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = Rig::open(dir.path());
    rig.commit(&[(1, 1, false, 1)]);
    let trail = Trail::new(rig.finder());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let places = u32::try_from(READINGS_MAX).unwrap();
        let held = Arc::clone(&trail.under_way).acquire_many_owned(places - 1);
        let held = held.await.unwrap();
        let count =
            |reading: &mut Reading<'_>| reading.row(1, 1, |row, _| Marks::read(row.body).is_some());
        assert!(trail.read((TenantNo(1), 1), count).await.unwrap());
        let last = Arc::clone(&trail.under_way).acquire_owned().await.unwrap();
        let refused = trail.read((TenantNo(1), 1), count).await.unwrap_err();
        assert!(matches!(refused, TrailError::Overloaded));
        assert_eq!(refused.problem().code, "OVERLOADED");
        drop((held, last));
        assert!(trail.read((TenantNo(1), 1), count).await.is_ok());
    });
    rig.close();
}
