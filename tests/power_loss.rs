//! Power loss, altered bytes and truncation, over a simulated disk that forgets what was not
//! synced. The power goes at every sync point of a scripted run; what is found afterwards must
//! hold every acknowledged row, each once, in whole chains, and of the batch under way all or
//! nothing.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on must stop loudly"
)]

use std::convert::Infallible;
use std::sync::Arc;

use dialgate::domain::hex::hex;
use dialgate::ledger::chain::Chains;
use dialgate::ledger::disk::{Disk, SimDisk, Survivors};
use dialgate::ledger::erase::erase_disk;
use dialgate::ledger::frame::FrameBuilder;
use dialgate::ledger::recovery::{Plan, Recovered, recover};
use dialgate::ledger::row::{Hash, Subject, SubjectView, TenantNo};
use dialgate::ledger::seal::DamageKind;
use dialgate::ledger::segment::segment_name;
use dialgate::ledger::segment_store::Preparing;
use dialgate::ledger::store::{LogStore, StoreError};
use dialgate::ledger::verify::verify_disk;

const SEGMENT_BYTES: u32 = 64 * 1024;
const SEED: u64 = 0x5eed_0001;

/// One row as the script wrote it and as it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    tenant: TenantNo,
    seq: u64,
    hash: Hash,
    body: Vec<u8>,
    subjects: Vec<Option<Vec<u8>>>,
}

/// What a run wrote: the batches acknowledged and the one under way when it stopped.
#[derive(Debug, Default)]
struct Written {
    acknowledged: Vec<Vec<Row>>,
    under_way: Vec<Row>,
}

struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

fn disk_of(sim: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(sim.clone())
}

fn plan(watermark_frame: u64) -> Plan {
    Plan {
        snapshot_frame: 0,
        watermark_frame,
        segment_bytes: SEGMENT_BYTES,
        preparing: Preparing::WhenNeeded,
    }
}

fn recovered(sim: &SimDisk, watermark: u64) -> (Recovered, Vec<Row>) {
    let mut rows = Vec::new();
    let opened = recover(&disk_of(sim), plan(watermark), |row| {
        rows.push(Row {
            tenant: row.tenant,
            seq: row.seq,
            hash: row.hash,
            body: row.body.to_vec(),
            subjects: row
                .subjects
                .map(|s| match s {
                    SubjectView::Present(s) => Some(s.bytes.to_vec()),
                    SubjectView::Erased => None,
                })
                .collect(),
        });
        Ok::<(), Infallible>(())
    });
    (opened.expect("the disk works"), rows)
}

/// The frame of batch `n`: random rows of up to three tenants, declared when first met.
fn batch(n: u64, chains: &mut Chains) -> (FrameBuilder, Vec<Row>) {
    let mut random = Seeded(SEED ^ n.wrapping_mul(0x9e37_79b9) | 1);
    let mut frame = FrameBuilder::new(30_000);
    let mut rows = Vec::new();
    for index in 0..=random.below(24) {
        let tenant = TenantNo::try_from(random.below(3)).expect("below 3");
        if chains.head(tenant).is_none() {
            frame
                .declare(chains, tenant, &format!("tenant-{tenant}"))
                .expect("room");
        }
        let texts: Vec<String> = (0..random.below(3))
            .map(|i| format!("+1555{n:05}{index:02}{i}").repeat(1 + usize::from(i == 1) * 80))
            .collect();
        let salt = [u8::try_from(random.below(255)).expect("a byte") + 1; 16];
        let subjects: Vec<_> = texts
            .iter()
            .map(|t| Subject {
                salt,
                bytes: t.as_bytes(),
            })
            .collect();
        let digests: Vec<_> = subjects
            .iter()
            .map(|s| format!("\"{}\"", hex(&s.digest())))
            .collect();
        let filler = "x".repeat(usize::try_from(random.below(400)).expect("small"));
        let mut body = format!("{{\"n\":{n},\"pad\":\"{filler}\"");
        if !digests.is_empty() {
            body.push_str(",\"sd\":[");
            body.push_str(&digests.join(","));
            body.push(']');
        }
        body.push('}');
        let row = frame
            .push(chains, tenant, body.as_bytes(), &subjects, [n, 7])
            .expect("room");
        rows.push(Row {
            tenant,
            seq: row.seq,
            hash: row.hash,
            body: body.into_bytes(),
            subjects: texts.iter().map(|t| Some(t.clone().into_bytes())).collect(),
        });
    }
    (frame, rows)
}

/// Appends batches `from..to` as a committer would, until the disk fails.
fn write(opened: Recovered, from: u64, to: u64) -> (Written, Option<StoreError>) {
    let mut chains = opened.chains;
    let mut store = opened.store.expect("not damaged");
    let mut written = Written::default();
    for n in from..to {
        let (frame, rows) = batch(n, &mut chains);
        written.under_way = rows;
        if let Err(e) = store.write(&frame).and_then(|_| store.sync()) {
            return (written, Some(e));
        }
        written
            .acknowledged
            .push(std::mem::take(&mut written.under_way));
    }
    (written, None)
}

/// A sound ledger of `batches` batches.
fn sound(batches: u64) -> (SimDisk, Vec<Row>) {
    let sim = SimDisk::default();
    let (opened, _) = recovered(&sim, 0);
    let (written, failed) = write(opened, 0, batches);
    assert!(failed.is_none());
    (sim, written.acknowledged.concat())
}

/// LEDGER-1, LEDGER-3, LEDGER-4, LEDGER-6 after a power cut.
fn check_after_cut(sim: &SimDisk, written: &Written, what: &str) {
    let acknowledged = written.acknowledged.concat();
    let watermark = written.acknowledged.len() as u64;
    let (opened, rows) = recovered(sim, watermark);
    assert_eq!(opened.damage, None, "{what}");
    let mut with_last = acknowledged.clone();
    with_last.extend(written.under_way.iter().cloned());
    assert!(
        rows == acknowledged || rows == with_last,
        "{what}: {} rows found",
        rows.len()
    );
    let found = watermark + u64::from(rows.len() > acknowledged.len());
    assert_eq!(opened.last.frame, found, "{what}");
    // It goes on from there as if nothing had been.
    let (more, failed) = write(opened, found, found + 3);
    assert!(failed.is_none(), "{what}");
    let report = verify_disk(&disk_of(sim), None).expect(what);
    assert_eq!(report.frames, found + 3, "{what}");
    assert!(!report.incomplete_tail, "{what}");
    let total = rows.len() + more.acknowledged.concat().len();
    assert_eq!(
        report.tenants.iter().map(|t| t.rows).sum::<u64>(),
        total as u64,
        "{what}"
    );
}

#[test]
fn no_acknowledged_row_is_lost_at_any_sync_point() {
    const BATCHES: u64 = 40;
    let (whole, _) = sound(BATCHES);
    let syncs = whole.syncs();
    assert!(
        whole.content(&segment_name(3)).is_some(),
        "the run must cross segments"
    );
    for cut in 1..=syncs {
        let sim = SimDisk::default();
        sim.cut_at_sync(cut);
        let written = match recover(&disk_of(&sim), plan(0), |_| Ok::<(), Infallible>(())) {
            Ok(opened) => write(opened, 0, BATCHES).0,
            Err(_power) => Written::default(),
        };
        let subsets = (0..6).map(|i| Survivors::Subset(SEED + cut * 100 + i));
        for survivors in [Survivors::Nothing, Survivors::Everything]
            .into_iter()
            .chain(subsets)
        {
            let after = sim.after_power_cut(survivors);
            check_after_cut(
                &after,
                &written,
                &format!("cut at sync {cut}, {survivors:?}"),
            );
        }
    }
}

#[test]
fn a_second_power_cut_during_recovery_loses_nothing() {
    const BATCHES: u64 = 20;
    let syncs = sound(BATCHES).0.syncs();
    for cut in (1..=syncs).step_by(3) {
        let sim = SimDisk::default();
        sim.cut_at_sync(cut);
        let written = match recover(&disk_of(&sim), plan(0), |_| Ok::<(), Infallible>(())) {
            Ok(opened) => write(opened, 0, BATCHES).0,
            Err(_power) => Written::default(),
        };
        for seed in 0..4 {
            let survivors = Survivors::Subset(SEED + cut * 10 + seed);
            for second in 1..=3 {
                let again = sim.after_power_cut(survivors);
                again.cut_at_sync(second);
                let opened = recover(&disk_of(&again), plan(0), |_| Ok::<(), Infallible>(()));
                drop(opened);
                let after = again.after_power_cut(Survivors::Subset(seed + second));
                check_after_cut(
                    &after,
                    &written,
                    &format!("cuts {cut}, {second}, {survivors:?}"),
                );
            }
        }
    }
}

#[test]
fn a_failed_sync_is_an_error_and_the_row_may_only_be_whole_or_absent() {
    let syncs = sound(12).0.syncs();
    for fail in 5..=syncs {
        let sim = SimDisk::default();
        sim.fail_at_sync(fail);
        let Ok(opened) = recover(&disk_of(&sim), plan(0), |_| Ok::<(), Infallible>(())) else {
            continue;
        };
        let (written, failed) = write(opened, 0, 12);
        assert!(
            matches!(failed, Some(StoreError::Sync(_))),
            "sync {fail}: {failed:?}"
        );
        let after = sim.after_power_cut(Survivors::Subset(fail));
        check_after_cut(&after, &written, &format!("failed sync {fail}"));
    }
}

#[test]
fn a_full_disk_is_an_error_before_anything_is_half_done() {
    let sim = SimDisk::default();
    sim.set_capacity_bytes(u64::from(SEGMENT_BYTES) * 2 + 1000);
    let (opened, _) = recovered(&sim, 0);
    let (written, failed) = write(opened, 0, 200);
    assert!(matches!(failed, Some(StoreError::Full)), "{failed:?}");
    sim.set_capacity_bytes(u64::MAX);
    check_after_cut(
        &sim.after_power_cut(Survivors::Nothing),
        &written,
        "full disk",
    );
}

/// LEDGER-6: every region of headers and frames, both in sealed segments and in the last frame.
#[test]
fn an_altered_byte_anywhere_in_committed_data_is_found() {
    let frames = 14;
    let (sim, rows) = sound(frames);
    assert_eq!(recovered(&sim, frames).1, rows);
    let mut altered = 0;
    for segment in 1.. {
        let Some(content) = sim.content(&segment_name(segment)) else {
            break;
        };
        let end = content
            .iter()
            .rposition(|b| *b != 0)
            .map_or(0, |last| last + 1);
        for at in (0..end).step_by(71).chain(end.saturating_sub(40)..end) {
            let mask = if at % 2 == 0 { 0x01 } else { 0x80 };
            let mut bytes = content.clone();
            bytes[at] ^= mask;
            sim.tamper(&segment_name(segment), bytes);
            let found = verify_disk(&disk_of(&sim), None);
            assert!(
                found.is_err(),
                "segment {segment} byte {at}: verify found nothing"
            );
            if altered % 16 == 0 {
                let (opened, seen) = recovered(&sim, 0);
                assert!(opened.damage.is_some(), "segment {segment} byte {at}");
                assert!(opened.store.is_none(), "segment {segment} byte {at}");
                assert_eq!(seen, rows[..seen.len()], "only sound rows are handed on");
            }
            altered += 1;
        }
        sim.tamper(&segment_name(segment), content);
    }
    assert!(altered > 1000, "{altered} bytes tried");
    assert_eq!(
        verify_disk(&disk_of(&sim), None).map(|r| r.frames),
        Ok(frames)
    );
}

#[test]
fn truncation_is_found() {
    let (sim, rows) = sound(30);
    let count = u32::try_from(segments_of(&sim).len()).expect("few");
    let name = segment_name(count);
    let content = sim.content(&name).expect("the last segment");
    let end = content.iter().rposition(|b| *b != 0).expect("not empty") + 1;

    // The file itself is shorter.
    sim.tamper(&name, content[..content.len() - 512].to_vec());
    let (opened, _) = recovered(&sim, 0);
    assert_eq!(
        opened.damage.map(|d| d.what),
        Some(DamageKind::SegmentLength)
    );

    // The last sector is zeroed: looks like a torn frame, but the watermark knows better.
    let mut bytes = content;
    bytes[(end - 1) / 512 * 512..].fill(0);
    sim.tamper(&name, bytes);
    let (opened, _) = recovered(&sim, 30);
    assert_eq!(
        opened.damage.map(|d| d.what),
        Some(DamageKind::Truncated(30))
    );
    // Verify, which has no watermark, reports the incomplete frame.
    let report = verify_disk(&disk_of(&sim), None).expect("a torn tail is no finding");
    assert!(report.incomplete_tail);
    assert_eq!(report.frames, 29);
    // Below the watermark's frame it is cut, zeroed, and the ledger goes on.
    let (opened, seen) = recovered(&sim, 29);
    assert_eq!((opened.damage, opened.last.frame), (None, 29));
    assert!(opened.torn_bytes > 0);
    assert_eq!(seen, rows[..seen.len()]);

    // A whole segment is gone.
    sim.remove(&segment_name(1)).expect("removed");
    let (opened, _) = recovered(&sim, 0);
    assert_eq!(
        opened.damage.map(|d| d.what),
        Some(DamageKind::SegmentMissing)
    );
}

/// LEDGER-7, and erasing survives a power cut at each of its syncs.
#[test]
fn erasing_changes_no_hash_and_survives_a_power_cut() {
    let (sim, rows) = sound(10);
    let victim = rows
        .iter()
        .find(|r| r.subjects.len() == 2)
        .expect("a row with two subjects");
    let name = format!("tenant-{}", victim.tenant);
    let before = verify_disk(&disk_of(&sim), None).expect("sound");
    for cut in 1..=2 {
        let copy = sim.after_power_cut(Survivors::Nothing);
        copy.cut_at_sync(cut);
        erase_disk(&disk_of(&copy), &name, victim.seq).expect_err("the power is off");
        for seed in 0..20 {
            let after = copy.after_power_cut(Survivors::Subset(seed));
            let (opened, _) = recovered(&after, 10);
            // Before the mark is synced, zeros cannot be there; afterwards they do not matter.
            assert_eq!(opened.damage, None, "cut {cut} seed {seed}");
            assert_eq!(
                erase_disk(&disk_of(&after), &name, victim.seq).expect("again"),
                2
            );
            let erased = verify_disk(&disk_of(&after), None).expect("sound");
            assert_eq!(erased.tenants.iter().map(|t| t.erased).sum::<u64>(), 2);
            for (a, b) in erased.tenants.iter().zip(&before.tenants) {
                assert_eq!((&a.head_hash, a.rows), (&b.head_hash, b.rows));
            }
            let left = segments_of(&after).concat();
            for text in victim.subjects.iter().flatten() {
                assert!(!left.windows(text.len()).any(|w| w == text), "still there");
            }
        }
    }
}

/// The contents of every segment file.
fn segments_of(sim: &SimDisk) -> Vec<Vec<u8>> {
    (1..).map_while(|n| sim.content(&segment_name(n))).collect()
}
