//! The follower: one thread that carries what was committed into the index.
//!
//! It is told of frames over a bounded queue and never holds the committer up: what it was not
//! told, and everything since the last watermark after a restart, it reads from the segments.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, TryRecvError, bounded};

use redb::{ReadableDatabase as _, ReadableTable as _, WriteTransaction};

use super::fresh::{Fresh, Tail};
use super::postings;
use super::{
    COUNTED, COUNTS, FRAMES, Index, IndexError, LINKS, MARKS, POSTINGS, POSTINGS_THROUGH, ROWS,
    SEGMENTS, WATERMARK, failed,
};
use crate::ledger::committer::{CommitStatus, Followed, FreeFrames, Monotonic};
use crate::ledger::disk::{Disk, DiskFile};
use crate::ledger::frame::{FrameView, declared_bytes};
use crate::ledger::limits::{
    FOLLOW_POLL_MS, FOLLOWER_PENDING_FRAMES_MAX, FOLLOWER_QUEUE_MAX, READ_BYTES,
    WATERMARK_AGE_MAX_MS, len_u32,
};
use crate::ledger::row::{FramePos, Head, TenantNo};
use crate::ledger::scan::active_header;
use crate::ledger::segment::segment_name;
use crate::wire::marks::{Counts, Marks, acknowledged};

/// A row as the follower takes it in: tenant, place in the chain, posting keys, body.
type Taken<'r> = (TenantNo, Head, [u64; 2], &'r [u8]);

/// What the follower works with.
pub struct FollowerWiring {
    /// The segments.
    pub disk: Arc<dyn Disk>,
    /// Where to.
    pub index: Arc<Index>,
    /// Figures; the follower also looks at the disk for them.
    pub status: Arc<CommitStatus>,
    /// Buffers going back to the engine.
    pub free: FreeFrames,
    /// Free bytes below which the warning is raised.
    pub low_water_bytes: u64,
    /// For the age of the watermark.
    pub now_us: Monotonic,
}

impl std::fmt::Debug for FollowerWiring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowerWiring").finish_non_exhaustive()
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Follower {
    queue: Sender<Followed>,
    fresh: Arc<Fresh>,
    thread: JoinHandle<()>,
}

impl Follower {
    /// Starts the thread; it first reads what the index lacks.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn spawn(wiring: FollowerWiring) -> Result<Self, IndexError> {
        let (queue, inbox) = bounded(FOLLOWER_QUEUE_MAX);
        let fresh = Arc::new(Fresh::default());
        let mut state = State {
            indexed: wiring.index.watermark()?,
            counted: wiring.index.mark(COUNTED)?,
            postings_through: wiring.index.mark(POSTINGS_THROUGH)?,
            at: (0, 0),
            next: 1,
            fresh: Arc::clone(&fresh),
            frames: Vec::new(),
            firsts: Vec::new(),
            wiring,
        };
        state.load_counts()?;
        state
            .wiring
            .status
            .watermark_frame
            .store(state.indexed, Ordering::Relaxed);
        let thread = std::thread::Builder::new()
            .name("ledger-index".into())
            .spawn(move || state.run(&inbox))
            .map_err(IndexError::Thread)?;
        Ok(Self {
            queue,
            fresh,
            thread,
        })
    }

    /// Where the committer announces frames.
    pub fn queue(&self) -> &Sender<Followed> {
        &self.queue
    }

    /// What the index database lacks.
    pub fn fresh(&self) -> &Arc<Fresh> {
        &self.fresh
    }

    /// Follows to the head, puts the watermark there and ends. The committer must have stopped.
    pub fn stop(self) {
        drop(self.queue);
        // A panic in it has been reported and nothing depends on the index.
        drop(self.thread.join());
    }
}

struct State {
    wiring: FollowerWiring,
    /// Last frame whose entries are durable in the index.
    indexed: u64,
    /// Last frame whose rows are in the figures the index keeps.
    counted: u64,
    /// Last segment whose postings are.
    postings_through: u64,
    /// Segment, and offset after the last frame absorbed.
    at: (u32, u32),
    /// The next frame to absorb.
    next: u64,
    fresh: Arc<Fresh>,
    /// Frames the index lacks.
    frames: Vec<FramePos>,
    /// Each tenant's first seq in the segment the postings are of.
    firsts: Vec<(TenantNo, u64)>,
}

impl State {
    fn run(&mut self, inbox: &Receiver<Followed>) {
        let followed = self.follow(inbox);
        if followed.is_err() {
            // The ledger holds without an index; health shows that it no longer follows.
            self.wiring
                .status
                .index_failed
                .store(true, Ordering::Relaxed);
            for missed in inbox {
                self.wiring.free.put(missed.frame);
            }
        }
    }

    fn follow(&mut self, inbox: &Receiver<Followed>) -> Result<(), IndexError> {
        self.look_at_disk();
        self.start()?;
        // Polled, not waited for: a wake-up a frame would cost the commit path more than following
        // costs, and the watermark may lag by half a second anyway.
        let (mut polls, mut flushed_us) = (0, (self.wiring.now_us)());
        loop {
            std::thread::sleep(Duration::from_millis(FOLLOW_POLL_MS));
            if self.take_waiting(inbox)? {
                break;
            }
            polls += 1;
            // On a machine that is all busy a sleep takes twice as long as was asked for.
            let age_us = (self.wiring.now_us)().saturating_sub(flushed_us);
            if age_us.max(polls * FOLLOW_POLL_MS * 1000) >= WATERMARK_AGE_MAX_MS * 1000 {
                (polls, flushed_us) = (0, (self.wiring.now_us)());
                self.flush()?;
                self.look_at_disk();
            }
        }
        self.catch_up()?;
        self.flush()
    }

    /// Takes what was announced; true when the committer is gone and nothing is left.
    fn take_waiting(&mut self, inbox: &Receiver<Followed>) -> Result<bool, IndexError> {
        loop {
            match inbox.try_recv() {
                Ok(followed) => self.take(followed)?,
                Err(TryRecvError::Empty) => return Ok(false),
                Err(TryRecvError::Disconnected) => return Ok(true),
            }
        }
    }

    /// Goes to the first segment whose postings the index lacks and reads on from there.
    fn start(&mut self) -> Result<(), IndexError> {
        let segment =
            u32::try_from(self.postings_through + 1).map_err(|_big| IndexError::Mismatch)?;
        if let Some(header) =
            active_header(&*self.wiring.disk, segment).map_err(|_damage| IndexError::Mismatch)?
        {
            self.at = (segment, header.bytes());
            self.next = header.before.frame + 1;
        }
        let absorbed = self.next - 1;
        self.fresh.change(|tail| tail.absorbed = absorbed);
        self.catch_up()?;
        self.flush()
    }

    /// The figures as the index keeps them.
    fn load_counts(&self) -> Result<(), IndexError> {
        let tx = self.wiring.index.db.begin_read().map_err(failed)?;
        let table = tx.open_table(COUNTS).map_err(failed)?;
        for entry in table.iter().map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let counts: Counts =
                serde_json::from_slice(entry.1.value()).map_err(|_altered| IndexError::Mismatch)?;
            let tenant = entry.0.value();
            self.fresh.change(|tail| *tail.counts_of(tenant) = counts);
        }
        Ok(())
    }

    fn take(&mut self, followed: Followed) -> Result<(), IndexError> {
        if followed.pos.frame == self.next && (self.at.0 != 0 || followed.pos.segment == 1) {
            self.absorb(followed.pos, followed.frame.row_bodies())?;
        } else if followed.pos.frame > self.next {
            self.catch_up()?;
        }
        self.wiring.free.put(followed.frame);
        Ok(())
    }

    /// Takes one frame's rows in; the next in order.
    fn absorb<'r>(
        &mut self,
        pos: FramePos,
        rows: impl Iterator<Item = Taken<'r>>,
    ) -> Result<(), IndexError> {
        if pos.segment != self.at.0 && self.at.0 != 0 {
            self.flush()?;
            self.seal_postings()?;
        }
        let new = pos.frame > self.indexed;
        let mut posted = Vec::new();
        let mut places: Vec<(TenantNo, u64, FramePos)> = Vec::new();
        let (mut links, mut counted) = (Vec::new(), Vec::new());
        for (tenant, head, keys, body) in rows {
            let mut post = |key: u64| posted.push((key, tenant, head.seq));
            keys.into_iter().filter(|key| *key != 0).for_each(&mut post);
            let marks = Marks::read(body);
            if let Some(marks) = &marks {
                marks.classes(body, |class| post(class.key()));
                let spoken_of = acknowledged(marks, body).into_iter();
                links.extend(spoken_of.map(|seq| (tenant, seq, head.seq)));
            }
            // A frame holds few tenants, mostly in runs.
            if !places.iter().rev().any(|place| place.0 == tenant) {
                places.push((tenant, head.seq, pos));
            }
            counted.push((tenant, marks));
        }
        for (tenant, first, _) in &places {
            if !self.firsts.iter().any(|known| known.0 == *tenant) {
                self.firsts.push((*tenant, *first));
            }
        }
        self.fresh.postings.add(posted.into_iter());
        let count = pos.frame > self.counted;
        self.fresh.change(|tail| {
            if count {
                tail.counted.extend(places.iter().map(|place| place.0));
            }
            if new {
                tail.places.append(&mut places);
            }
            tail.links.append(&mut links);
            for (tenant, marks) in counted.iter().filter(|_| count) {
                tail.counts_of(*tenant).add(marks.as_ref());
            }
            tail.absorbed = pos.frame;
        });
        if new {
            self.frames.push(pos);
        }
        self.at = (pos.segment, pos.offset + pos.bytes);
        self.next = pos.frame + 1;
        if self.frames.len() >= FOLLOWER_PENDING_FRAMES_MAX {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Reads frames from the segments up to the last durable one. Their rows were verified when
    /// they were written or recovered; here the frame hash is enough.
    fn catch_up(&mut self) -> Result<(), IndexError> {
        let durable = self.wiring.status.durable_frame.load(Ordering::Acquire);
        let mut buf = Vec::new();
        while self.next <= durable {
            let file = self.open()?;
            let len = file.len().map_err(|_io| IndexError::Mismatch)?;
            let left = usize::try_from(len).map_err(|_big| IndexError::Mismatch)?;
            buf.resize(READ_BYTES.min(left.saturating_sub(self.at.1 as usize)), 0);
            let taken = self.absorb_from(&*file, &mut buf, durable)?;
            if !taken {
                self.next_segment()?;
            }
        }
        Ok(())
    }

    /// One read's worth of frames; false when the segment has no more.
    fn absorb_from(
        &mut self,
        file: &dyn DiskFile,
        buf: &mut Vec<u8>,
        durable: u64,
    ) -> Result<bool, IndexError> {
        let read = |buf: &mut [u8], at: u32| {
            file.read_at(buf, at.into())
                .map_err(|_io| IndexError::Mismatch)
        };
        let mut got = read(buf, self.at.1)?;
        if let Ok(bytes) = declared_bytes(buf)
            && bytes as usize > got
        {
            buf.resize(bytes as usize, 0);
            got = read(buf, self.at.1)?;
        }
        let (segment, start) = self.at;
        let mut used = 0;
        while let Ok(frame) = FrameView::parse(&buf[used..got]) {
            if frame.head.frame != self.next {
                return Err(IndexError::Mismatch);
            }
            let offset = start + len_u32(used);
            let pos = FramePos {
                frame: self.next,
                segment,
                offset,
                bytes: frame.bytes,
            };
            self.absorb(
                pos,
                frame.rows().map(|r| (r.tenant, r.head, r.keys, r.body)),
            )?;
            used += frame.bytes as usize;
            if self.next > durable {
                break;
            }
        }
        Ok(used > 0)
    }

    fn open(&self) -> Result<Arc<dyn DiskFile>, IndexError> {
        let name = segment_name(self.at.0.max(1));
        self.wiring
            .disk
            .open(&name, false)
            .map_err(|_io| IndexError::Mismatch)
    }

    fn next_segment(&mut self) -> Result<(), IndexError> {
        let segment = self.at.0 + 1;
        let header = active_header(&*self.wiring.disk, segment)
            .ok()
            .flatten()
            .filter(|h| h.before.frame + 1 == self.next)
            .ok_or(IndexError::Mismatch)?;
        if self.at.0 != 0 {
            self.flush()?;
            self.seal_postings()?;
        }
        self.at = (segment, header.bytes());
        Ok(())
    }

    /// Writes what was absorbed, and the watermark, in one transaction. What it held of it here goes
    /// only afterwards, so that a reader always finds it in one of both.
    fn flush(&mut self) -> Result<(), IndexError> {
        let absorbed = self.next - 1;
        if absorbed <= self.indexed && absorbed <= self.counted {
            return Ok(());
        }
        let tx = self.wiring.index.db.begin_write().map_err(failed)?;
        {
            let mut frames = tx.open_table(FRAMES).map_err(failed)?;
            for pos in &self.frames {
                let place = (pos.segment, pos.offset, pos.bytes);
                frames.insert(pos.frame, place).map_err(failed)?;
            }
        }
        self.fresh.look(|tail| put_tail(&tx, tail))?;
        let watermark = absorbed.max(self.indexed);
        let counted = absorbed.max(self.counted);
        {
            let mut marks = tx.open_table(MARKS).map_err(failed)?;
            marks.insert(WATERMARK, watermark).map_err(failed)?;
            marks.insert(COUNTED, counted).map_err(failed)?;
        }
        tx.commit().map_err(failed)?;
        self.frames.clear();
        self.fresh.change(|tail| {
            tail.places.clear();
            tail.links.clear();
            tail.counted.clear();
        });
        (self.indexed, self.counted) = (watermark, counted);
        self.wiring
            .status
            .watermark_frame
            .store(watermark, Ordering::Relaxed);
        Ok(())
    }

    /// The segment the postings are of has sealed: they go into the index.
    fn seal_postings(&mut self) -> Result<(), IndexError> {
        let segment = self.at.0;
        let tx = self.wiring.index.db.begin_write().map_err(failed)?;
        {
            let mut table = tx.open_table(POSTINGS).map_err(failed)?;
            let mut bytes = Vec::new();
            self.fresh.postings.blocks(|block| {
                let Some((key, tenant, seq)) = block.last() else {
                    return Ok(());
                };
                postings::encode(block, &mut bytes);
                let last = (segment, *key, *tenant, *seq);
                table.insert(last, bytes.as_slice()).map_err(failed)?;
                Ok::<(), IndexError>(())
            })?;
            let mut segments = tx.open_table(SEGMENTS).map_err(failed)?;
            for (tenant, first) in &self.firsts {
                segments
                    .insert((*tenant, *first), segment)
                    .map_err(failed)?;
            }
            let mut marks = tx.open_table(MARKS).map_err(failed)?;
            marks
                .insert(POSTINGS_THROUGH, u64::from(segment))
                .map_err(failed)?;
        }
        tx.commit().map_err(failed)?;
        self.postings_through = u64::from(segment);
        self.fresh.postings.clear();
        self.firsts.clear();
        Ok(())
    }

    fn look_at_disk(&self) {
        let Ok(free) = self.wiring.disk.free_bytes() else {
            return;
        };
        self.wiring
            .status
            .disk_free_bytes
            .store(free, Ordering::Relaxed);
        self.wiring
            .status
            .low_water_bytes
            .store(self.wiring.low_water_bytes, Ordering::Relaxed);
        self.wiring
            .status
            .disk_low
            .store(free < self.wiring.low_water_bytes, Ordering::Relaxed);
    }
}

/// Places, links and figures into the transaction.
fn put_tail(tx: &WriteTransaction, tail: &Tail) -> Result<(), IndexError> {
    let mut rows = tx.open_table(ROWS).map_err(failed)?;
    for (tenant, first, pos) in &tail.places {
        rows.insert((*tenant, *first), pos.frame).map_err(failed)?;
    }
    let mut links = tx.open_table(LINKS).map_err(failed)?;
    for (tenant, seq, by) in &tail.links {
        // The first one stands.
        let known = links.get((*tenant, *seq)).map_err(failed)?;
        let first = known.map_or(*by, |known| known.value().min(*by));
        links.insert((*tenant, *seq), first).map_err(failed)?;
    }
    let mut counts = tx.open_table(COUNTS).map_err(failed)?;
    for tenant in &tail.counted {
        let Some(figures) = tail.counts.get(usize::from(*tenant)) else {
            continue;
        };
        let bytes = serde_json::to_vec(figures).map_err(|_cause| IndexError::Mismatch)?;
        counts.insert(*tenant, bytes.as_slice()).map_err(failed)?;
    }
    Ok(())
}
