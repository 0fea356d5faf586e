//! A lane against a slow system that fails in every way, and a gateway that is killed at any time.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::ALL;
use super::lane::{Lane, Pace, Parcel, Told};
use super::{Cause, Changes, LedgerPlace, ParcelId, letter_key};
use crate::sor::call::Request;
use crate::wire::limits::SOR_DEAD_MAX;

const PACE: Pace = Pace {
    calls_max: 8,
    tries_max: 4,
    wait_ms_max: 60_000,
};

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }
}

fn place(frame: u64) -> LedgerPlace {
    LedgerPlace {
        frame,
        segment: 1,
        offset: u32::try_from(frame).unwrap() * 512,
    }
}

fn parcel(seq: u64, first: u32, order: u64, letters: u32) -> Parcel {
    let letter = |n| Request::get(format!("/{order}/{seq}/{}", first + n));
    Parcel {
        id: (seq, first),
        order,
        at: 1_000 + i64::try_from(seq).unwrap(),
        letters: (0..letters).map(letter).collect(),
    }
}

/// The ledger: frame by frame, each with its parcels.
fn ledger(dice: &mut Dice, frames: u64, accounts: u64) -> Vec<Vec<Parcel>> {
    let mut seq = 0;
    let mut frame = || {
        let rows = dice.below(4);
        let mut parcels = Vec::new();
        for _ in 0..rows {
            seq += 1 + dice.below(3);
            let mut first = 0;
            for _ in 0..=dice.below(2) {
                let letters = u32::try_from(dice.below(3)).unwrap();
                parcels.push(parcel(seq, first, dice.below(accounts), letters));
                first += letters;
            }
        }
        parcels
    };
    (0..frames).map(|_| frame()).collect()
}

/// Refused whatever happens.
fn is_for_nobody(order: u64, seq: u64) -> bool {
    (order + seq).is_multiple_of(17)
}

/// What is on the disk.
#[derive(Default)]
struct Disk {
    place: LedgerPlace,
    beyond: BTreeMap<ParcelId, u32>,
    dead: BTreeMap<ParcelId, Cause>,
}

impl Disk {
    fn write(&mut self, changes: &Changes) {
        self.place = changes.place.unwrap_or(self.place);
        if let Some(before) = changes.forget_before {
            self.beyond.retain(|(seq, _), _| *seq >= before);
        }
        self.beyond.extend(changes.done.iter().copied());
        for dead in &changes.dead {
            self.dead.insert(dead.id, dead.cause);
        }
    }
}

/// What the system took, in the order in which it took each letter for the first time.
#[derive(Default)]
struct System {
    known: BTreeSet<String>,
    took: BTreeMap<u64, Vec<(u64, u32)>>,
}

impl System {
    fn takes(&mut self, order: u64, seq: u64, letter: u32, says: Told) -> Told {
        if self.known.insert(letter_key("t", (seq, letter), 0)) {
            self.took.entry(order).or_default().push((seq, letter));
        }
        says
    }
}

/// Nothing lost, nothing out of order, and given up only what was refused.
fn told_in_order(seed: u64, ledger: &[Vec<Parcel>], disk: &Disk, system: &System) {
    assert_eq!(disk.place, place(ledger.len() as u64 + 1), "seed {seed}");
    assert!(disk.beyond.is_empty(), "seed {seed}: {:?}", disk.beyond);
    let mut told: BTreeMap<u64, Vec<(u64, u32)>> = BTreeMap::new();
    let told_of = ledger.iter().flatten();
    for parcel in told_of.filter(|parcel| !parcel.letters.is_empty()) {
        let gone = disk.dead.get(&parcel.id);
        let is_refused = is_for_nobody(parcel.order, parcel.id.0);
        assert_eq!(gone == Some(&Cause::Refused), is_refused, "seed {seed}");
        let taken = system.took.get(&parcel.order).cloned().unwrap_or_default();
        for letter in 0..u32::try_from(parcel.letters.len()).unwrap() {
            let one = (parcel.id.0, parcel.id.1 + letter);
            if gone.is_none() || taken.contains(&one) {
                told.entry(parcel.order).or_default().push(one);
            }
        }
    }
    assert_eq!(system.took, told, "seed {seed}");
}

/// One life after another until everything is told; returns how many kills there were.
fn story(seed: u64) -> u32 {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let ledger = ledger(&mut dice, 120, 6);
    let end = ledger.len() as u64 + 1;
    let mut disk = Disk {
        place: place(1),
        ..Disk::default()
    };
    let mut system = System::default();
    let (mut now, mut kills) = (0_u64, 0);
    'lives: loop {
        let mut lane = Lane::new(PACE, disk.place, disk.beyond.clone());
        let mut under_way: Vec<(super::Job, u64)> = Vec::new();
        let mut down_until = 0;
        for _ in 0..20_000 {
            now += dice.below(400);
            while let Some(at) = lane.wants().filter(|at| at.frame < end) {
                let frame = usize::try_from(at.frame).unwrap() - 1;
                lane.absorb(place(at.frame + 1), ledger[frame].clone(), now);
                if dice.below(3) == 0 {
                    break;
                }
            }
            while let Some(job) = lane.due(now) {
                under_way.push((job, dice.next()));
            }
            assert!(under_way.len() <= 8);
            if dice.below(300) == 0 {
                down_until = now + dice.below(40_000);
            }
            if !under_way.is_empty() {
                let at = usize::try_from(dice.below(under_way.len() as u64)).unwrap();
                let (job, _) = under_way.swap_remove(at);
                let mut words = job.request.path.split('/').skip(1);
                let order = words.next().unwrap().parse().unwrap();
                let seq = words.next().unwrap().parse().unwrap();
                let letter = words.next().unwrap().parse().unwrap();
                let told = match dice.below(12) {
                    _ if now < down_until => Told::Silent,
                    _ if is_for_nobody(order, seq) => Told::Refused,
                    0 => Told::Unsure,
                    1 => system.takes(order, seq, letter, Told::Silent),
                    2 => Told::Silent,
                    _ => system.takes(order, seq, letter, Told::Done),
                };
                lane.heard(
                    job.id,
                    told,
                    (now, 0),
                    u32::try_from(dice.below(1 << 32)).unwrap(),
                );
            }
            if dice.below(20) == 0 {
                disk.write(&lane.changes());
            }
            if kills < 12 && dice.below(150) == 0 {
                kills += 1;
                continue 'lives;
            }
            let all = lane.wants().is_some_and(|at| at.frame >= end);
            if all && lane.figures().waiting == 0 {
                disk.write(&lane.changes());
                break 'lives;
            }
        }
    }
    told_in_order(seed, &ledger, &disk, &system);
    kills
}

/// OUTBOX-1, OUTBOX-2: each letter is told, refused or given up, an account's in their order,
/// through kills.
#[test]
fn nothing_is_lost_or_told_out_of_order_whatever_fails() {
    let kills: u32 = (1..=60).map(story).sum();
    assert!(kills > 60, "{kills}: hardly anything was killed");
}

fn lane_with(parcels: Vec<Parcel>) -> Lane {
    let mut lane = Lane::new(PACE, place(1), BTreeMap::new());
    lane.absorb(place(2), parcels, 0);
    lane
}

/// OUTBOX-3.
#[test]
fn a_letter_keeps_its_key_when_it_is_sent_again() {
    let mut lane = lane_with(vec![parcel(7, 2, 1, 2)]);
    let job = lane.due(0).unwrap();
    assert_eq!(letter_key("acme", job.id, job.letter), "acme/7/2");
    lane.heard(job.id, Told::Done, (0, 0), 0);
    let job = lane.due(0).unwrap();
    assert_eq!(letter_key("acme", job.id, job.letter), "acme/7/3");
    let changes = lane.changes();
    assert_eq!(changes.done, [((7, 2), 1)]);
    // Killed between sending and hearing: the second letter again, by its key, and not the first.
    let mut lane = Lane::new(PACE, place(1), changes.done.iter().copied().collect());
    lane.absorb(place(2), vec![parcel(7, 2, 1, 2)], 0);
    let again = lane.due(0).unwrap();
    assert_eq!((again.id, again.letter), ((7, 2), 1));
    assert_eq!(again.request, job.request);
}

/// The first frame's letter is confirmed, then, before anything is written down, the third's while the
/// second's hangs; with `lost`, what was to be written after the first is given back.
fn two_confirmed_around_one_that_hangs(lost: bool) -> Disk {
    let mut lane = Lane::new(PACE, place(1), BTreeMap::new());
    lane.absorb(place(2), vec![parcel(1, 0, 1, 1)], 0);
    let first = lane.due(0).unwrap();
    lane.heard(first.id, Told::Done, (0, 0), 0);
    let unwritten = lost.then(|| lane.changes());
    lane.absorb(place(3), vec![parcel(2, 0, 2, 1)], 0);
    lane.absorb(place(4), vec![parcel(3, 0, 3, 1)], 0);
    let hangs = lane.due(0).unwrap();
    let third = lane.due(0).unwrap();
    assert_eq!((hangs.id, third.id), ((2, 0), (3, 0)));
    lane.heard(third.id, Told::Done, (0, 0), 0);
    if let Some(changes) = unwritten {
        lane.not_written(changes);
    }
    let mut disk = Disk::default();
    disk.write(&lane.changes());
    disk
}

#[test]
fn what_was_confirmed_after_all_was_told_is_not_forgotten() {
    for lost in [false, true] {
        let disk = two_confirmed_around_one_that_hangs(lost);
        assert_eq!(disk.place, place(2), "given back: {lost}");
        let confirmed: Vec<_> = disk.beyond.iter().collect();
        assert_eq!(confirmed, [(&(3, 0), &ALL)], "given back: {lost}");
    }
}

/// OUTBOX-4: while it takes nothing, no try counts.
#[test]
fn a_system_that_takes_nothing_gives_no_letter_up() {
    let mut lane = lane_with(vec![parcel(1, 0, 1, 1)]);
    let mut now = 0;
    for _ in 0..200 {
        let Some(at) = lane.wake_at() else {
            panic!("nothing to wait for");
        };
        now = now.max(at);
        let job = lane.due(now).unwrap();
        lane.heard(job.id, Told::Unsure, (now, 0), u32::MAX);
    }
    assert_eq!(lane.figures().dead, 0);
    // A day's outage is looked at a few times an hour, not a thousand times.
    assert!(now > 100 * 60_000, "{now}");
}

/// OUTBOX-4: each other one that is taken lets a try count.
#[test]
fn a_letter_nobody_can_take_is_given_up_while_others_are_taken() {
    let others = (2..40).map(|n| parcel(n, 0, n, 1));
    let mut lane = lane_with(std::iter::once(parcel(1, 0, 1, 1)).chain(others).collect());
    let mut now = 0;
    while lane.figures().dead == 0 {
        now = now.max(lane.wake_at().expect("given up before everything is told"));
        let job = lane.due(now).unwrap();
        let told = if job.id.0 == 1 {
            Told::Unsure
        } else {
            Told::Done
        };
        lane.heard(job.id, told, (now, 77), 0);
        now += 200;
    }
    let changes = lane.changes();
    let dead = changes.dead.first().unwrap();
    assert_eq!((dead.id, dead.cause, dead.at), ((1, 0), Cause::GivenUp, 77));
    assert_eq!(dead.tries, PACE.tries_max);
    assert!(changes.done.contains(&((1, 0), ALL)));
}

#[test]
fn more_are_under_way_as_more_is_taken_and_fewer_after_a_failure() {
    let mut lane = lane_with((1..200).map(|n| parcel(n, 0, n, 1)).collect());
    for _ in 0..100 {
        let job = lane.due(0).unwrap();
        lane.heard(job.id, Told::Done, (0, 0), 0);
    }
    assert_eq!(lane.figures().calls, PACE.calls_max);
    let job = lane.due(0).unwrap();
    lane.heard(job.id, Told::Silent, (0, 0), 0);
    assert_eq!(lane.figures().calls, PACE.calls_max / 2);
}

#[test]
fn what_was_given_up_can_be_tried_again() {
    let mut lane = lane_with(vec![parcel(1, 0, 1, 1)]);
    let job = lane.due(0).unwrap();
    lane.heard(job.id, Told::Refused, (0, 0), 0);
    let gone = lane.changes();
    assert_eq!(gone.dead.len(), 1);
    lane.revive(parcel(1, 0, 1, 1), 0, 0);
    let job = lane.due(0).unwrap();
    lane.heard(job.id, Told::Done, (0, 0), 0);
    assert_eq!(lane.changes().alive, [(1, 0)]);
}

/// OUTBOX-6: the cursor stops, and what waits is still sent.
#[test]
fn so_many_given_up_stop_the_cursor_until_some_are_told_after_all() {
    let mut lane = Lane::new(PACE, place(1), BTreeMap::new());
    lane.buried(SOR_DEAD_MAX - 1);
    assert_eq!(lane.wants(), Some(place(1)));
    lane.absorb(place(2), vec![parcel(1, 0, 1, 1), parcel(2, 0, 2, 1)], 0);
    let job = lane.due(0).unwrap();
    lane.heard(job.id, Told::Refused, (0, 0), 0);
    // Of as many as may be given up, this was the last.
    assert_eq!((lane.wants(), lane.figures().full), (None, true));
    // What was read before is still sent.
    assert!(lane.due(0).is_some());
    let written = lane.changes();
    assert_eq!(written.dead.len(), 1);
    lane.buried(SOR_DEAD_MAX);
    assert_eq!(lane.wants(), None);
    lane.buried(SOR_DEAD_MAX - 1);
    assert_eq!((lane.wants(), lane.figures().full), (Some(place(2)), false));
}
