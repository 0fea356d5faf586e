//! Every bound of the ledger room, with its unit, and the relations between them.

/// Bytes of one disk sector: the unit a power cut writes wholly or not at all, and the alignment
/// of frames. 4 KiB would cost an eightfold log at one row a commit; see the frame format.
pub const SECTOR_BYTES: u32 = 512;

/// Bytes of a whole page: the alignment of segment lengths.
pub const PAGE_BYTES: u32 = 4096;

/// Default length of a segment file, bytes.
pub const SEGMENT_BYTES_DEFAULT: u32 = 256 * 1024 * 1024;

/// Shortest segment file accepted, bytes; small ones serve tests.
pub const SEGMENT_BYTES_MIN: u32 = 64 * 1024;

/// Shortest segment file a server may be configured with, bytes: every legal row fits its frames.
pub const SEGMENT_BYTES_SERVED_MIN: u32 = 1024 * 1024;

/// Longest segment file accepted, bytes.
pub const SEGMENT_BYTES_MAX: u32 = 1024 * 1024 * 1024;

/// Longest frame, bytes, headers and padding included.
pub const FRAME_BYTES_MAX: u32 = 8 * 1024 * 1024;

/// Rows one frame may hold.
pub const FRAME_ROWS_MAX: u32 = 16 * 1024;

/// Longest chained body of one row, bytes. A decision row is held to 640 by its encoder; fact
/// rows of 256 accounts are the long ones.
pub const BODY_BYTES_MAX: u32 = 256 * 1024;

/// Longest single subject block, bytes, salt not counted.
pub const SUBJECT_BYTES_MAX: u32 = 16 * 1024;

/// Subject blocks one row may carry.
pub const ROW_SUBJECTS_MAX: u16 = 512;

/// Tenants one ledger may know.
pub const TENANTS_MAX: u16 = 4096;

/// Longest tenant name, bytes.
pub const TENANT_NAME_BYTES_MAX: usize = 64;

/// Longest segment header, bytes: every tenant with the longest name, in whole sectors.
pub const SEGMENT_HEADER_BYTES_MAX: u32 = 512 * 1024;

/// Memory the index's database may keep, bytes.
pub const INDEX_CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a snapshot written at once: a frame's own write waits behind them at most.
pub const SNAPSHOT_CHUNK_BYTES: usize = 256 * 1024;

/// Longest part of a snapshot, bytes: the one with what is not in pages is as long as that is.
pub const SNAPSHOT_PART_BYTES_MAX: u32 = 1024 * 1024 * 1024;

/// Files a snapshot may lie in before the next one holds every page.
pub const SNAPSHOT_FILES_MAX: usize = 16;

/// Rest between two such chunks, microseconds. Short: for as long as a snapshot is written, pages that
/// change are held in memory, so it must not take much longer than the disk asks for.
pub const SNAPSHOT_REST_US: u64 = 500;

/// Batches a follower may lag behind before it is told nothing and reads the segments instead.
pub const FOLLOWER_QUEUE_MAX: usize = 512;

/// Between two looks of the follower at what was committed, milliseconds. At ten thousand commits a
/// second the queue holds five times as many.
pub const FOLLOW_POLL_MS: u64 = 10;

/// Frame buffers kept for reuse.
pub const FREE_FRAMES_MAX: usize = 128;

/// Memory of all of them, bytes: some of the longest, which imports fill, or many of those that
/// decisions do. One that is not kept costs its pages anew.
pub const FREE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Longest time the durable watermark may lag behind the head, milliseconds. Half of what the
/// design promises, so that a slow index commit still keeps the promise.
pub const WATERMARK_AGE_MAX_MS: u64 = 500;

/// Frames the follower holds before it commits them to the index without waiting for the clock.
pub const FOLLOWER_PENDING_FRAMES_MAX: usize = 8192;

/// Bytes read from a segment at a time.
pub const READ_BYTES: usize = 4 * 1024 * 1024;

/// Bytes zeroed between two syncs while a segment is being prepared, so that preparing never
/// piles up dirty pages in front of a commit's own sync.
pub const PREPARE_CHUNK_BYTES: usize = 1024 * 1024;

/// Rest between two such chunks, microseconds, while nobody waits for the segment and zeroing is ahead of
/// what is written: each chunk's sync costs a commit beside it some milliseconds, so the disk is left alone
/// most of the time. 256 MiB are then ready in some three seconds, and without rests when commits are faster.
pub const PREPARE_REST_US: u64 = 8000;

/// Reads of a frame that does not verify, before it is judged: a live writer may be half-way.
pub const FRAME_READ_ATTEMPTS_MAX: u32 = 4;

/// Postings in one run of the segment in use.
pub const POSTINGS_RUN_MAX: usize = 4096;

/// Postings in one index block: with its key it fills sixteen pages of the index, which lie side by
/// side. A segment that seals is then some 400 entries of the database and not 7,000, and what an
/// entry costs is nearly all that sealing costs; a look-up reads 64 KiB of each segment for it.
pub const POSTINGS_BLOCK_MAX: usize = 3600;

/// Bytes of the pages one block lies in.
pub const POSTINGS_PAGES_BYTES: usize = 16 * 4096;

/// Posting blocks one reading takes before it counts as spent.
pub const READ_BLOCKS_MAX: u32 = 256;

/// Frames one reading takes before it counts as spent.
pub const READ_FRAMES_MAX: u32 = 1024;

/// Bytes of frames one reading takes before it counts as spent: two of the longest.
pub const READ_FRAME_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Bytes a second the scrubber reads by default.
pub const SCRUB_BYTES_PER_SECOND_DEFAULT: u64 = 8 * 1024 * 1024;

/// Free bytes below which the low-water warning is raised by default.
pub const LOW_WATER_BYTES_DEFAULT: u64 = 2 * 1024 * 1024 * 1024;

const _: () = assert!(PAGE_BYTES.is_multiple_of(SECTOR_BYTES));
const _: () = assert!(SEGMENT_BYTES_MIN.is_multiple_of(PAGE_BYTES));
const _: () = assert!(SEGMENT_BYTES_MIN <= SEGMENT_BYTES_DEFAULT);
const _: () = assert!(
    SEGMENT_BYTES_SERVED_MIN - SEGMENT_HEADER_BYTES_MAX
        >= BODY_BYTES_MAX + 8 * SUBJECT_BYTES_MAX + PAGE_BYTES
);
const _: () = assert!(SEGMENT_BYTES_DEFAULT <= SEGMENT_BYTES_MAX);
// 18 bytes a posting, 32 of the block's key and the page's own.
const _: () = assert!(POSTINGS_BLOCK_MAX * 18 + 64 <= POSTINGS_PAGES_BYTES);
const _: () = assert!(FRAME_BYTES_MAX as u64 <= READ_FRAME_BYTES_MAX);
const _: () = assert!(FRAME_BYTES_MAX as usize <= FREE_BYTES_MAX);
const _: () = assert!(BODY_BYTES_MAX < FRAME_BYTES_MAX / 4);
const _: () = assert!(
    TENANTS_MAX as usize * (44 + TENANT_NAME_BYTES_MAX) + SECTOR_BYTES as usize
        <= SEGMENT_HEADER_BYTES_MAX as usize
);

/// A length as `u32`; saturates, and every caller bounds its lengths far below.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// `bytes` rounded up to whole sectors; saturates.
pub(crate) fn sectors_up(bytes: u32) -> u32 {
    bytes
        .checked_next_multiple_of(SECTOR_BYTES)
        .unwrap_or(u32::MAX)
}
