//! Every bound of what comes in and goes out, with its unit last in the name.
//!
//! A bound that the configuration may change stands here as its default. The assertions at the end
//! say how bounds depend on one another; they are checked when the house is built.

/// Body of a gate or disposition request, bytes (413 beyond).
pub const GATE_BODY_BYTES_MAX: usize = 64 * 1024;
/// Body of a batch of intents, bytes (413 beyond).
pub const BATCH_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Intents of one batch (422 beyond).
pub const BATCH_INTENTS_MAX: usize = 1000;
/// Intents decided in one go: how long a batch may keep the writer from everybody else.
pub const SLICE_INTENTS_MAX: usize = 32;
/// The same while somebody asks for single decisions.
pub const SLICE_INTENTS_BESIDE_MAX: usize = 16;
/// Slices of one batch under way at once: while one is in its commit the next is decided.
pub const SLICES_AHEAD_MAX: usize = 4;
/// While somebody asks for single decisions: how many times as long as a slice took, its commit included, a
/// batch rests before the next. All batches share that, so a slice is under way a quarter of the time.
pub const BATCH_REST_TIMES: u32 = 3;
/// The same for an upload, of the processor time its reading took: it has a tenth of one processor.
pub const UPLOAD_REST_TIMES: u32 = 9;
/// The longest rest of a batch or an upload between two steps, milliseconds: everybody's next step comes.
pub const BULK_REST_MS_MAX: u64 = 8;
/// Bytes of an upload that are read between two rests.
pub const UPLOAD_STEP_BYTES: usize = 16 * 1024;
/// Intents under way on one NDJSON stream; beyond, nothing more is read of it.
pub const STREAM_INTENTS_MAX: usize = 256;
/// Outcomes under way on one NDJSON stream: each may be a whole body until it is answered.
pub const STREAM_OUTCOMES_MAX: usize = 64;
/// Slices under way on one NDJSON stream; what comes beyond them makes the next one fuller.
pub const STREAM_SLICES_MAX: usize = 32;
/// Bytes of answers of a stream that are handed on at once.
pub const STREAM_WRITE_BYTES: usize = 16 * 1024;
/// Answer of a system of record that the gateway reads itself, bytes (a longer one is not read).
pub const HEARD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Body of a guarded or tapped call, bytes: it is held whole (413 beyond).
pub const SOR_BODY_BYTES_MAX: usize = 1024 * 1024;
/// For all of such a body, milliseconds, however often a piece of it comes (408 beyond).
pub const SOR_BODY_MS: u64 = 30_000;
/// Bytes of such bodies held at once, of all calls (503 beyond); calls on public routes take half.
pub const SOR_HELD_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Contacts one guarded call may make; more are not put to the gate, and the call is refused.
pub const SOR_CONTACTS_MAX: usize = 64;
/// For the look-up of whose a guarded call's contact is, milliseconds.
pub const SOR_LOOKUP_MS: u64 = 2_000;
/// Accounts of a tenant that may wait to be read again; beyond, everything is read.
pub const SOR_MARKS_MAX: usize = 10_000;
/// Accounts of a tenant that are marked at most while one that could not be read with everything is marked
/// by itself: beyond, the next reading of everything comes to it.
pub const SOR_MARKS_BY_THEMSELVES_MAX: usize = 512;
/// Restrictions of accounts nobody has read yet that are kept, a tenant; a call with another is refused.
pub const SOR_OWED_MAX: usize = 1_024;
/// Tries of recording what a system has confirmed; it cannot be taken back, so it is tried again.
pub const SOR_RECORD_TRIES: u32 = 5;
/// Between two of them, milliseconds.
pub const SOR_RECORD_PAUSE_MS: u64 = 200;
/// Calls with restrictions of their own that may be under way at once; beyond, 503.
pub const SOR_TAPS_MAX: usize = 4_096;
/// Connections one listening thread keeps idle for one address of a system of record.
pub const SOR_IDLE_CONNECTIONS_MAX: usize = 256;
/// For how long it keeps them, milliseconds: less than most servers do.
pub const SOR_IDLE_MS: u64 = 50_000;
/// Silence after which the kernel asks whether a system's machine is still there, seconds.
pub const SOR_KEEPALIVE_S: u64 = 30;
/// Bytes of an answer of a system of record that may wait to be taken, its head included.
pub const SOR_HEADER_BYTES_MAX: usize = 64 * 1024;
/// A token that does not say when it ends, or says late, is exchanged anew after this, seconds.
pub const SOR_TOKEN_AGE_MAX_S: i64 = 3_600;
/// Before its end, seconds.
pub const SOR_TOKEN_EARLY_S: i64 = 60;
/// Between a failed exchange of a tenant's secret and the next, milliseconds.
pub const SOR_LOGIN_PAUSE_MS: u64 = 2_000;
/// Body that is passed on to a system of record piece by piece, bytes: 64 GiB.
pub const SOR_STREAM_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;
/// Silence on a connection that has become something else than HTTP, milliseconds.
pub const SOR_UPGRADED_IDLE_MS: u64 = 300_000;
/// Uploads to systems of record kept at once, of all tenants.
pub const SOR_UPLOADS_MAX: usize = 8;
/// Bytes of uploads kept on the ledger's disk at once, of all tenants.
pub const SOR_SPOOL_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// Accounts that wait to be read from systems of record, all tenants.
pub const SOR_READS_WAITING_MAX: usize = 1_024;
/// Accounts of one tenant that are read on demand at once.
pub const SOR_READS_MAX: usize = 16;
/// For how long an account that its system does not have is not asked for again, milliseconds.
pub const SOR_ABSENT_MS: u64 = 30_000;
/// Such accounts remembered, a tenant.
pub const SOR_ABSENT_KEPT_MAX: usize = 65_536;
/// Statements a tenant's system did not take that are kept; past it no more are read from the ledger.
pub const SOR_DEAD_MAX: u64 = 65_536;
/// A file of routes of a system of record, bytes.
pub const CATALOGUE_BYTES_MAX: usize = 1024 * 1024;
/// Body of a call of the sandbox that is read, bytes; what is longer is counted and thrown away.
pub const SANDBOX_BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// One document of the sandbox, bytes (413 beyond).
pub const SANDBOX_DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// Documents of the sandbox (507 beyond).
pub const SANDBOX_DOCUMENTS_MAX: usize = 200_000;
/// Documents of one page of a list of the sandbox.
pub const SANDBOX_PAGE_MAX: usize = 500;
/// Connections of the sandbox at once.
pub const SANDBOX_CONNECTIONS_MAX: usize = 512;
/// Calls that wait for the sandbox's store (503 beyond).
pub const SANDBOX_WAITING_MAX: usize = 1024;
/// Events of one stream of the sandbox, a second apart.
pub const SANDBOX_EVENTS_MAX: u32 = 60;
/// Milliseconds a route of a catalogue may have for an answer.
pub const ROUTE_TIMEOUT_MS_MAX: u32 = 3_600_000;
/// Routes of one system.
pub const CATALOGUE_ROUTES_MAX: usize = 4096;
/// Segments of one route's path.
pub const CATALOGUE_SEGMENTS_MAX: usize = 16;
/// Body of one ingest request, bytes; it is streamed, never held whole.
pub const INGEST_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of a refused body that are read and thrown away, so that the client hears the refusal
/// instead of a reset connection.
pub const DISCARD_BYTES_MAX: usize = 1024 * 1024;
/// Numbers one JSON request may put on the do-not-call list or take off it (422 beyond).
pub const DNC_NUMBERS_MAX: usize = 1000;
/// One ingest row, bytes.
pub const ROW_BYTES_MAX: usize = 16 * 1024;
/// Longest time one ingest request may take to send its body, milliseconds.
pub const INGEST_BODY_MS_MAX: u64 = 60 * 60 * 1000;

/// A string a caller chose, bytes of UTF-8 (ledger subjects hold them).
pub const CALLER_TEXT_BYTES_MAX: usize = 64;
/// Longest contact that an outcome may report, seconds: a day.
pub const DURATION_S_MAX: u32 = 86_400;
/// A query string, bytes (422 beyond).
pub const QUERY_BYTES_MAX: usize = 2 * 1024;
/// Reports of unknown accounts a tenant remembers, so that one sent again leaves no second row.
pub const UNMATCHED_KEPT_MAX: usize = 4_096;
/// Acts of operators looked at to find where engine time was set back, when rows are asked for by time.
pub const CLOCK_ROWS_MAX: usize = 64;
/// Rows one answer about an account's facts tells of.
pub const FACT_ROWS_MAX: usize = 50;
/// Contacts one compliance check tells of.
pub const CHECKS_MAX: usize = 32;
/// Debts one request may name.
pub const DEBT_IDS_MAX: usize = 32;

/// Items of one page of a list (422 beyond).
pub const PAGE_ITEMS_MAX: usize = 200;
/// A note with an acknowledgement, bytes.
pub const NOTE_BYTES_MAX: usize = 512;
/// Readings of the ledger under way at once: each may keep a disk busy.
pub const READERS_MAX: usize = 4;
/// Readings under way and waiting (503 beyond).
pub const READINGS_MAX: usize = 32;
/// For the index to know what was acknowledged before a reading began, milliseconds (503 beyond).
pub const INDEX_WAIT_MS_MAX: u64 = 2_000;
/// Between two looks whether it does.
pub const INDEX_POLL_MS: u64 = 2;
/// Items of a page whose length was not asked for.
pub const PAGE_ITEMS_DEFAULT: usize = 50;

/// Bytes of request line and headers together (hyper answers 431 or closes beyond).
pub const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Header lines of one request: the figure of hyper's stack buffer, which a larger one would leave.
pub const HEADERS_MAX: usize = 100;
/// Bytes of a bearer token.
pub const TOKEN_BYTES_MAX: usize = 4 * 1024;
/// Verified tokens remembered.
pub const TOKENS_MAX: usize = 16 * 1024;
/// Seconds by which a token's `exp` and `nbf` may be off.
pub const TOKEN_LEEWAY_S: i64 = 60;

/// A file of keys, bytes.
pub const JWKS_BYTES_MAX: usize = 256 * 1024;
/// Keys in it.
pub const KEYS_MAX: usize = 64;
/// A key's name, bytes.
pub const KID_BYTES_MAX: usize = 128;
/// Fewest bits of an RSA key (RFC 7518, 3.3).
pub const RSA_BITS_MIN: usize = 2048;
/// Most bits of an RSA key; a longer one makes every first verification longer.
pub const RSA_BITS_MAX: usize = 4096;
/// Least exponent of an RSA key.
pub const RSA_EXPONENT_MIN: u64 = 65_537;
/// Tokens whose signature waits to be checked, over all listening threads: some ten milliseconds
/// of one thread's work.
pub const VERIFICATIONS_WAITING_MAX: usize = 256;
/// When to come again after being refused for want of room, seconds.
pub const BUSY_RETRY_S: u32 = 1;

/// Connections open at once, over all listening threads.
pub const CONNECTIONS_MAX: usize = 4096;
/// Connections waiting in the kernel to be accepted, a listener.
pub const BACKLOG_CONNECTIONS_MAX: i32 = 1024;
/// Pause after an accept failed for want of descriptors or memory, milliseconds.
pub const ACCEPT_BACKOFF_MS: u64 = 50;
/// From the first byte of a request to the end of its headers, milliseconds.
pub const HEADER_TIMEOUT_MS: u64 = 10_000;
/// Between two pieces of a streamed body, and for the whole of a small one, milliseconds.
pub const BODY_TIMEOUT_MS: u64 = 10_000;
/// Silence between two requests of one connection, milliseconds.
pub const IDLE_TIMEOUT_MS: u64 = 75_000;
/// For a client to take an answer that is ready, milliseconds.
pub const WRITE_TIMEOUT_MS: u64 = 30_000;

/// From accepting a connection to the end of its TLS handshake, milliseconds.
pub const HANDSHAKE_TIMEOUT_MS: u64 = 5_000;
/// TLS handshakes under way at once, over all listening threads.
pub const HANDSHAKES_MAX: usize = 256;
/// A file of certificates or of a private key, bytes.
pub const PEM_BYTES_MAX: u64 = 256 * 1024;

/// Streams open at once on one HTTP/2 connection.
pub const H2_STREAMS_MAX: u32 = 128;
/// Body bytes of one HTTP/2 stream that may arrive before they are read.
pub const H2_STREAM_WINDOW_BYTES: u32 = 128 * 1024;
/// The same over all streams of a connection: what an HTTP/2 connection can make us hold.
pub const H2_CONNECTION_WINDOW_BYTES: u32 = 512 * 1024;
/// Payload of one HTTP/2 frame, bytes; the least the protocol permits.
pub const H2_FRAME_BYTES_MAX: u32 = 16 * 1024;
/// Bytes of an answer held for one HTTP/2 stream whose client takes none.
pub const H2_SEND_BYTES_MAX: usize = 64 * 1024;
/// Streams the client opened and reset before we looked at them; one more ends the connection
/// (CVE-2023-44487).
pub const H2_PENDING_RESETS_MAX: usize = 20;
/// Streams we had to reset for the client's faults; one more ends the connection (RUSTSEC-2024-0003).
pub const H2_FAULT_RESETS_MAX: usize = 64;
/// For an HTTP/1.1 client to close after us, milliseconds ...
pub const LINGER_MS: u64 = 1_000;
/// ... while what it still sends is read and thrown away in pieces of this many bytes, up to
/// [`DISCARD_BYTES_MAX`].
pub const LINGER_PIECE_BYTES: usize = 4 * 1024;
/// For a client without an open stream to say that it heard of the connection's end, milliseconds.
pub const H2_FAREWELL_MS: u64 = 1_000;

/// Bytes of fields that HTTP/3 decodes of one head, whatever the configuration permits: more fields
/// than that are more than the table of a head can hold.
pub const H3_HEADER_BYTES_MAX: usize = 512 * 1024;
/// Encoded bytes of a head or of any other frame that is no body, for each byte its fields may have
/// decoded: a coding that grows them further is not meant to be read.
pub const H3_ENCODING_FACTOR: u64 = 4;
/// Streams that ended before their head, an HTTP/3 connection; one more ends the connection.
pub const H3_HEADLESS_STREAMS_MAX: u32 = 1024;
/// After a connection was told to go away, until it is told which of its requests was the last, round
/// trips ...
pub const H3_FAREWELL_ROUND_TRIPS: u32 = 3;
/// ... and milliseconds at least.
pub const H3_FAREWELL_MS_MIN: u64 = 10;
/// The same at most, milliseconds.
pub const H3_FAREWELL_MS_MAX: u64 = 1_000;
/// For how long a client may remember that a host speaks HTTP/3, seconds: a day.
pub const ALT_SVC_AGE_S: u32 = 86_400;

/// Streams of one direction a client may have open on one QUIC connection: HTTP/3 needs three.
pub const QUIC_UNI_STREAMS_MAX: u32 = 8;
/// Bytes of one QUIC stream that may arrive before they are read.
pub const QUIC_STREAM_WINDOW_BYTES: u32 = 256 * 1024;
/// The same over all streams of a connection: what a QUIC connection can make us hold.
pub const QUIC_CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Bytes sent on a QUIC connection that its client has not acknowledged, over all streams.
pub const QUIC_SEND_BYTES_MAX: u64 = 1024 * 1024;
/// QUIC connections of one listening thread that wait to be looked at; further ones are refused.
pub const QUIC_INCOMING_MAX: usize = 1024;
/// Bytes such a connection may send before it is looked at.
pub const QUIC_INCOMING_BYTES_MAX: u64 = 16 * 1024;
/// The same over all of them, a listening thread.
pub const QUIC_INCOMING_BYTES_TOTAL_MAX: u64 = 4 * 1024 * 1024;
/// Bytes of datagrams the kernel holds for a QUIC socket, either way, where it permits.
pub const QUIC_SOCKET_BYTES: usize = 2 * 1024 * 1024;
/// Of the handshakes that may be under way, one of how many until addresses have to prove themselves.
pub const QUIC_UNPROVEN_SHARE: usize = 4;
/// How long nothing may be heard of a QUIC client that owes acknowledgements while the house closes,
/// milliseconds: several tries to reach it lie in that time.
pub const QUIC_FAREWELL_MS: u64 = 2_000;
/// For the last datagrams to leave once every QUIC connection is done, milliseconds.
pub const QUIC_LEAVE_MS: u64 = 50;
/// Ports tried until one is free for TCP and for UDP, where any will do.
pub const PORT_TRIES_MAX: u32 = 16;
/// Payload of a frame, bytes; a batch has the bound of a batch's body.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Intents of one batch in a frame.
pub const FRAME_BATCH_INTENTS_MAX: usize = 256;
/// Intents under way on one stream of frames; what is beyond waits unread.
pub const FRAME_WINDOW_INTENTS: usize = 1024;
/// Bytes of answers that a stream's client has not taken; over it nothing more of it is read.
pub const FRAME_UNTAKEN_BYTES: usize = 256 * 1024;
/// Dispositions under way on one stream of frames: their bodies are held.
pub const FRAME_REPORTS_MAX: usize = 32;

/// Intents of one tenant under way at once on one listening thread while other tenants ask, too: about
/// what a frame of each needs to be full.
pub const TURNS_MAX: usize = 4;
/// While other tenants ask, too: from the beginning of one turn of a tenant to that of the next, a listening
/// thread, microseconds. About ten times what an intent keeps the thread at work.
pub const TURN_US: u64 = 200;
/// The same for every further intent of a slice, which costs a quarter.
pub const SLICE_TURN_US: u64 = 50;
/// Turns a tenant did not take that it may take later at once: a dialer that places many calls in one go is
/// no flood.
pub const TURNS_KEPT_MAX: u32 = 128;
/// When an intent that finds no turn in its time hears so, milliseconds.
pub const TURN_REFUSED_MS: u64 = 500;
/// Intents of one tenant waiting for a turn on one listening thread; beyond, they are shed.
pub const TURNS_WAITING_MAX: usize = 4096;
/// Answers one listening thread may be waiting for at once.
pub const MAILBOX_ANSWERS_MAX: usize = 8 * 1024;

const _: () = assert!(0 < READERS_MAX && READERS_MAX <= READINGS_MAX);
const _: () = assert!(INDEX_POLL_MS < INDEX_WAIT_MS_MAX);
/// Listeners to floor events at once.
pub const FLOOR_SUBSCRIBERS_MAX: usize = 2048;
/// Of these, of one tenant.
pub const FLOOR_TENANT_SUBSCRIBERS_MAX: usize = 1536;
/// How often events are handed out, milliseconds: how long they are gathered at most.
pub const FLOOR_TICK_MS: u64 = 20;
/// Ticks without an event after which a comment keeps the connection alive: 15 s.
pub const FLOOR_HEARTBEAT_TICKS: u32 = 750;
/// Pieces of events a listener has not taken.
pub const FLOOR_CHUNKS_MAX: usize = 8;
/// Bytes in those pieces: over it no further piece is handed over.
pub const FLOOR_UNTAKEN_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of events that wait beyond those; over it the listener is dropped.
pub const FLOOR_WAITING_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the ledger read at once for what is told now, and how often a tick. What is beyond
/// waits for the next tick.
pub const FLOOR_LIVE_READ_BYTES: usize = 512 * 1024;
/// See [`FLOOR_LIVE_READ_BYTES`].
pub const FLOOR_LIVE_READS_MAX: usize = 4;
/// Bytes of the ledger read at once for listeners that catch up.
pub const FLOOR_CATCH_UP_READ_BYTES: usize = 128 * 1024;
/// Such reads in one go: together as many bytes as for what is told now.
pub const FLOOR_CATCH_UP_READS_MAX: usize = 16;
/// Bytes of events one that catches up has not taken, over which nothing more is read for it.
pub const FLOOR_BEHIND_BYTES_MAX: usize = 256 * 1024;
/// Ticks for which one that catches up may take nothing: 10 s.
pub const FLOOR_STALLED_TICKS_MAX: u32 = 500;

const _: () = assert!(FLOOR_TICK_MS <= 50);
const _: () = assert!(FLOOR_TENANT_SUBSCRIBERS_MAX <= FLOOR_SUBSCRIBERS_MAX);
const _: () = assert!(FLOOR_BEHIND_BYTES_MAX <= FLOOR_UNTAKEN_BYTES_MAX);
const _: () = assert!(
    FLOOR_LIVE_READ_BYTES * FLOOR_LIVE_READS_MAX
        <= FLOOR_CATCH_UP_READ_BYTES * FLOOR_CATCH_UP_READS_MAX
);
const _: () = assert!(FLOOR_SUBSCRIBERS_MAX <= CONNECTIONS_MAX);
const _: () = assert!(0 < PAGE_ITEMS_DEFAULT && PAGE_ITEMS_DEFAULT <= PAGE_ITEMS_MAX);
const _: () = assert!(3 * CALLER_TEXT_BYTES_MAX < QUERY_BYTES_MAX);
const _: () = assert!(ROW_BYTES_MAX <= GATE_BODY_BYTES_MAX);
const _: () = assert!(GATE_BODY_BYTES_MAX as u64 <= INGEST_BYTES_MAX);
// The bytes permit as many numbers, in a usual spelling, as the count does.
const _: () = assert!(DNC_NUMBERS_MAX * 32 <= GATE_BODY_BYTES_MAX);
const _: () = assert!(GATE_BODY_BYTES_MAX <= BATCH_BODY_BYTES_MAX);
const _: () = assert!(BATCH_BODY_BYTES_MAX <= DISCARD_BYTES_MAX);
// The bytes permit as many intents of the usual size as the count does.
const _: () = assert!(BATCH_INTENTS_MAX * 1000 <= BATCH_BODY_BYTES_MAX);
const _: () = assert!(SLICE_INTENTS_MAX <= BATCH_INTENTS_MAX && SLICES_AHEAD_MAX > 0);
const _: () =
    assert!(0 < SLICE_INTENTS_BESIDE_MAX && SLICE_INTENTS_BESIDE_MAX <= SLICE_INTENTS_MAX);
const _: () = assert!(SLICE_INTENTS_MAX <= STREAM_OUTCOMES_MAX);
const _: () = assert!(STREAM_OUTCOMES_MAX <= STREAM_INTENTS_MAX && STREAM_SLICES_MAX > 0);
const _: () = assert!(BATCH_REST_TIMES > 0 && UPLOAD_REST_TIMES > 0 && UPLOAD_STEP_BYTES > 0);
const _: () = assert!(SLICE_TURN_US < TURN_US && TURNS_MAX <= TURNS_KEPT_MAX as usize);
const _: () = assert!(TURNS_MAX > 0 && TURNS_WAITING_MAX <= MAILBOX_ANSWERS_MAX);
// Every permitted string and list of a gate request fits its body, each byte escaped to six.
const _: () = assert!(6 * CALLER_TEXT_BYTES_MAX * (DEBT_IDS_MAX + 16) <= GATE_BODY_BYTES_MAX);
// A permitted token fits the permitted headers, and hyper refuses buffers under 8 KiB.
const _: () = assert!(2 * TOKEN_BYTES_MAX <= HEADER_BYTES_MAX && HEADER_BYTES_MAX >= 8192);
// A whole body of the gate's fits its stream's window: it never waits for us to ask for the rest.
const _: () = assert!(GATE_BODY_BYTES_MAX <= H2_STREAM_WINDOW_BYTES as usize);
const _: () = assert!(H2_STREAM_WINDOW_BYTES <= H2_CONNECTION_WINDOW_BYTES);
const _: () = assert!(GATE_BODY_BYTES_MAX <= QUIC_STREAM_WINDOW_BYTES as usize);
const _: () = assert!(QUIC_STREAM_WINDOW_BYTES <= QUIC_CONNECTION_WINDOW_BYTES);
// A table of fields has room for 24,576; each counts 32 bytes beside its text (RFC 9114, 4.2.2).
const _: () = assert!(H3_HEADER_BYTES_MAX / 32 < 24_576);
const _: () = assert!(HEADER_BYTES_MAX <= H3_HEADER_BYTES_MAX);
const _: () = assert!(H3_FAREWELL_MS_MIN <= H3_FAREWELL_MS_MAX);
const _: () = assert!(HANDSHAKES_MAX <= CONNECTIONS_MAX);
// A hello with the longest token, and an intent of the longest texts, fit a frame.
const _: () = assert!(2 * TOKEN_BYTES_MAX <= FRAME_BYTES_MAX);
const _: () = assert!(2 * CALLER_TEXT_BYTES_MAX * (DEBT_IDS_MAX + 16) <= FRAME_BYTES_MAX);
// A batch of intents of 4 KiB, and one of answers as long, fits its frame.
const _: () = assert!(FRAME_BATCH_INTENTS_MAX * 4096 <= BATCH_BODY_BYTES_MAX);
// Whole batches fit the window, and one stream never asks for all places of a thread's mailbox.
const _: () = assert!(FRAME_BATCH_INTENTS_MAX <= FRAME_WINDOW_INTENTS);
const _: () = assert!(FRAME_WINDOW_INTENTS <= MAILBOX_ANSWERS_MAX / 4);

const _: () = assert!(BODY_TIMEOUT_MS < INGEST_BODY_MS_MAX);
const _: () = assert!(HEADER_TIMEOUT_MS <= IDLE_TIMEOUT_MS);
// HTTP/1.1 answers in order, so a connection waits for one answer at a time. HTTP/2 connections can
// ask for more than there are places; what finds none is answered BLOCK `OVERLOADED`.
const _: () = assert!(CONNECTIONS_MAX <= MAILBOX_ANSWERS_MAX);
