//! Preparing segments: written full of zeros and synced before they are needed, so that a commit
//! changes no file metadata and costs one overwrite and one sync.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::disk::{Disk, DiskFile};
use super::limits::{PAGE_BYTES, PREPARE_CHUNK_BYTES, PREPARE_REST_US};
use super::segment::segment_name;
use super::store::StoreError;

/// A segment file ready to be written to.
pub(crate) type Prepared = Arc<dyn DiskFile>;

/// Where segments come from.
pub(crate) enum Preparer {
    /// Made when asked for; deterministic, for simulations.
    Inline,
    /// Made ahead by a thread.
    Ahead(Ahead),
}

/// The preparing thread.
pub(crate) struct Ahead {
    asked: Sender<(u32, Option<Prepared>)>,
    ready: Receiver<Result<Prepared, StoreError>>,
    need: Arc<Need>,
    thread: Option<JoinHandle<()>>,
}

/// How soon the next segment is needed.
#[derive(Debug, Default)]
struct Need {
    /// Someone waits for it.
    now: AtomicBool,
    /// Bytes written of the one in use since this one was asked for.
    written: AtomicU32,
}

impl Need {
    /// Whether the disk may be left alone with so many bytes zeroed: nobody waits, and at this pace all are
    /// before half of a segment is written.
    fn allows_rest(&self, zeroed: u64) -> bool {
        let written = u64::from(self.written.load(Ordering::Relaxed));
        !self.now.load(Ordering::Relaxed) && zeroed >= 2 * written
    }
}

impl Preparer {
    /// A preparer with its own thread.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn ahead(disk: &Arc<dyn Disk>, segment_bytes: u32) -> std::io::Result<Self> {
        let (asked, requests) = bounded::<(u32, Option<Prepared>)>(1);
        let (answer, ready) = bounded(1);
        let need = Arc::new(Need::default());
        let (disk, known) = (Arc::clone(disk), Arc::clone(&need));
        let thread = std::thread::Builder::new()
            .name("ledger-prepare".into())
            .spawn(move || {
                while let Ok((segment, sealed)) = requests.recv() {
                    // Its pages are the ones the next segment will need.
                    if let Some(sealed) = sealed {
                        sealed.forget();
                    }
                    let mut pace = |zeroed| rest(&requests, known.allows_rest(zeroed));
                    let prepared = prepare(&*disk, segment, segment_bytes, &mut pace);
                    if answer.send(prepared).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self::Ahead(Ahead {
            asked,
            ready,
            need,
            thread: Some(thread),
        }))
    }

    /// Says that `segment` will be needed next, and which file was sealed just now, if one was.
    pub(crate) fn ask(&self, segment: u32, sealed: Option<Prepared>) {
        if let Self::Ahead(ahead) = self {
            ahead.need.written.store(0, Ordering::Relaxed);
            // One request is outstanding at most; a lost thread shows in `take`.
            let _sent = ahead.asked.try_send((segment, sealed));
        }
    }

    /// Says how many bytes have been written since the last [`Self::ask`].
    pub(crate) fn written(&self, bytes: u32) {
        if let Self::Ahead(ahead) = self {
            ahead.need.written.store(bytes, Ordering::Relaxed);
        }
    }

    /// The segment asked for; waits while it is still being zeroed. What could not be prepared ahead, and may
    /// have been tried days ago, is tried once more.
    pub(crate) fn take(
        &self,
        disk: &dyn Disk,
        segment: u32,
        segment_bytes: u32,
    ) -> Result<Prepared, StoreError> {
        match self {
            Self::Inline => prepare(disk, segment, segment_bytes, &mut |_zeroed| true),
            Self::Ahead(ahead) => {
                ahead.need.now.store(true, Ordering::Relaxed);
                let prepared = ahead.ready.recv().unwrap_or(Err(StoreError::NotPrepared));
                ahead.need.now.store(false, Ordering::Relaxed);
                match prepared {
                    Err(StoreError::Full | StoreError::Write(_)) => {
                        prepare(disk, segment, segment_bytes, &mut |_zeroed| true)
                    }
                    prepared => prepared,
                }
            }
        }
    }
}

/// Leaves the disk alone for a moment, if it may be; false when nobody wants the segment any more.
fn rest(requests: &Receiver<(u32, Option<Prepared>)>, may: bool) -> bool {
    let wait = if may { PREPARE_REST_US } else { 0 };
    // No second request comes before the first is answered: only the hang-up ends the wait.
    !matches!(
        requests.recv_timeout(Duration::from_micros(wait)),
        Err(RecvTimeoutError::Disconnected)
    )
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // Hang up both ways, so that the thread ends whatever it is waiting for.
        self.asked = bounded(0).0;
        self.ready = crossbeam::channel::never();
        if let Some(thread) = self.thread.take() {
            // A panic in it has nothing left to spoil.
            drop(thread.join());
        }
    }
}

/// The segment as a zero-filled file of full length, durable under its name. One prepared before
/// a restart is taken over. `pace` is told between chunks how many bytes are zeroed, and says whether to go on.
///
/// # Errors
/// [`StoreError::NotPrepared`] when told to stop, [`StoreError::Full`] or another failure of the disk.
pub(crate) fn prepare(
    disk: &dyn Disk,
    segment: u32,
    segment_bytes: u32,
    pace: &mut dyn FnMut(u64) -> bool,
) -> Result<Prepared, StoreError> {
    let name = segment_name(segment);
    if let Ok(file) = disk.open(&name, true)
        && file.len().map_err(StoreError::write)? == u64::from(segment_bytes)
    {
        return Ok(file);
    }
    // Under another name until it is whole, so that a file called a segment always is one.
    let fresh = format!("{name}.new");
    let file = disk.create(&fresh).map_err(StoreError::write)?;
    let chunk = PREPARE_CHUNK_BYTES.min(segment_bytes as usize);
    // From a whole page of memory on, so that they are written without being copied.
    let zeros = vec![0_u8; chunk + PAGE_BYTES as usize];
    let zeros = &zeros[zeros.as_ptr().align_offset(PAGE_BYTES as usize)..][..chunk];
    let mut at = 0;
    while at < u64::from(segment_bytes) {
        let left = u64::from(segment_bytes) - at;
        let len = usize::try_from(left).map_or(zeros.len(), |left| left.min(zeros.len()));
        file.write_at(&zeros[..len], at)
            .map_err(StoreError::write)?;
        file.sync().map_err(StoreError::Sync)?;
        at += len as u64;
        if !pace(at) {
            return Err(StoreError::NotPrepared);
        }
    }
    disk.rename(&fresh, &name).map_err(StoreError::write)?;
    disk.sync_dir().map_err(StoreError::Sync)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::disk::SimDisk;
    use crate::ledger::limits::SEGMENT_BYTES_MIN;

    #[test]
    fn zeroing_rests_while_it_is_ahead_of_what_is_written_and_nobody_waits() {
        let need = Need::default();
        assert!(need.allows_rest(0), "an unused segment");
        need.written.store(1 << 20, Ordering::Relaxed);
        assert!(need.allows_rest(2 << 20));
        assert!(!need.allows_rest((2 << 20) - 1));
        need.now.store(true, Ordering::Relaxed);
        assert!(!need.allows_rest(u64::MAX));
    }

    /// A segment is prepared ahead while the disk is full; it is needed when there is `room`.
    fn needed_later(room: u64) -> Result<u64, StoreError> {
        let sim = SimDisk::default();
        sim.set_capacity_bytes(u64::from(SEGMENT_BYTES_MIN) - 1);
        let disk: Arc<dyn Disk> = Arc::new(sim.clone());
        let preparer = Preparer::ahead(&disk, SEGMENT_BYTES_MIN).unwrap();
        preparer.ask(1, None);
        let Preparer::Ahead(ahead) = &preparer else {
            unreachable!("made ahead");
        };
        while ahead.ready.is_empty() {
            std::thread::yield_now();
        }
        sim.set_capacity_bytes(room);
        let taken = preparer.take(&*disk, 1, SEGMENT_BYTES_MIN);
        taken.map(|file| file.len().unwrap())
    }

    #[test]
    fn what_found_no_room_ahead_is_tried_again_when_it_is_needed() {
        let whole = u64::from(SEGMENT_BYTES_MIN);
        assert_eq!(needed_later(2 * whole).unwrap(), whole);
        assert!(matches!(needed_later(whole - 1), Err(StoreError::Full)));
    }
}
