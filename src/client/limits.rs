//! Every bound of the client, with its unit last in the name.

use crate::wire::limits::{
    BATCH_BODY_BYTES_MAX, BATCH_INTENTS_MAX, CALLER_TEXT_BYTES_MAX, FRAME_BATCH_INTENTS_MAX,
    TOKEN_BYTES_MAX,
};

/// Connections of one client.
pub const CONNECTIONS_MAX: usize = 64;
/// Connections where nobody says how many.
pub const CONNECTIONS_DEFAULT: usize = 4;
/// Intents under way on one connection.
pub const WINDOW_MAX: usize = 4_096;
/// The same where nobody says how many.
pub const WINDOW_DEFAULT: usize = 64;
/// Shortest time for one call and all its repeats, milliseconds.
pub const DEADLINE_MS_MIN: u64 = 1;
/// Longest time for one call, milliseconds: a reservation lives five minutes at most.
pub const DEADLINE_MS_MAX: u64 = 60_000;
/// The time where nobody says, milliseconds: past the longest that a gateway takes (integrating.md).
pub const DEADLINE_MS_DEFAULT: u64 = 2_500;
/// Times that one call is put to the gateway, the first included.
pub const TRIES_MAX: u32 = 8;
/// The same where nobody says.
pub const TRIES_DEFAULT: u32 = 4;
/// Repeats a hundred calls may cause where nobody says: what a gateway in trouble hears besides.
pub const RETRY_PERCENT_DEFAULT: u32 = 20;
/// Most of them that may be chosen.
pub const RETRY_PERCENT_MAX: u32 = 300;
/// Repeats that may be saved up by calls that needed none.
pub const RETRIES_SAVED_MAX: u32 = 256;
/// Before the first repeat of a call, milliseconds at most; doubled for each further one.
pub const RETRY_PAUSE_MS: u64 = 25;
/// Longest pause between two tries of a call, milliseconds.
pub const RETRY_PAUSE_MS_MAX: u64 = 1_000;
/// Before the first new attempt to connect, milliseconds at most; doubled for each further one.
pub const CONNECT_PAUSE_MS: u64 = 50;
/// Longest pause between two attempts to connect, milliseconds.
pub const CONNECT_PAUSE_MS_MAX: u64 = 3_000;
/// For a connection and its greeting, milliseconds.
pub const CONNECT_MS_MAX: u64 = 2_000;
/// Idle connections are closed after this, milliseconds: sooner than the gateway does.
pub const IDLE_MS: u64 = 60_000;
/// Silence on a QUIC connection after which it is asked whether it is alive, milliseconds.
pub const KEEP_ALIVE_MS: u64 = 5_000;
/// Silence after which a QUIC connection is given up, milliseconds.
pub const SILENCE_MS_MAX: u64 = 20_000;

/// A token is asked of its source again after this, milliseconds.
pub const TOKEN_AGE_MS: u64 = 5_000;
/// A token is renewed so long before it ends, seconds.
pub const TOKEN_EARLY_S: i64 = 30;
/// A file with a token is read up to here, bytes: the token and the end of its line.
pub const TOKEN_FILE_BYTES_MAX: u64 = TOKEN_BYTES_MAX as u64 + 16;
/// For the source of tokens to give one, milliseconds.
pub const TOKEN_MS_MAX: u64 = 2_000;

/// An answer to one intent is read up to here, bytes.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// An answer to a batch, bytes.
pub const ANSWERS_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Intents that are put to the gateway together.
pub const TOGETHER_MAX: usize = 256;
/// Bytes of intents that are put to the gateway together.
pub const TOGETHER_BYTES_MAX: usize = BATCH_BODY_BYTES_MAX - 1024;
/// Intents of one call of `ask_all`.
pub const ASK_ALL_MAX: usize = 1_000;
/// Random bits of a name that the client makes for an intent or a report.
pub const KEY_BITS: u32 = 128;

/// For how long a row counts as fresh, seconds: an answer's `expires_at` is its decision's instant
/// and so much more.
pub const FRESH_S: i64 = 24 * 3_600;
/// Seconds that an answer's whole-second times may hide, and that a permit therefore lives less.
pub const ROUNDING_S: i64 = 1;

const _: () = assert!(CONNECTIONS_DEFAULT <= CONNECTIONS_MAX && WINDOW_DEFAULT <= WINDOW_MAX);
const _: () = assert!(DEADLINE_MS_MIN <= DEADLINE_MS_DEFAULT);
const _: () = assert!(DEADLINE_MS_DEFAULT <= DEADLINE_MS_MAX);
const _: () = assert!(0 < TRIES_DEFAULT && TRIES_DEFAULT <= TRIES_MAX);
const _: () = assert!(RETRY_PERCENT_DEFAULT <= RETRY_PERCENT_MAX);
const _: () = assert!(RETRY_PAUSE_MS <= RETRY_PAUSE_MS_MAX);
const _: () = assert!(CONNECT_PAUSE_MS <= CONNECT_PAUSE_MS_MAX);
const _: () = assert!(KEEP_ALIVE_MS * 2 <= SILENCE_MS_MAX);
const _: () = assert!(TOGETHER_MAX <= BATCH_INTENTS_MAX);
const _: () = assert!(TOGETHER_MAX <= FRAME_BATCH_INTENTS_MAX);
// Two hexadecimal digits a byte.
const _: () = assert!(KEY_BITS as usize / 4 <= CALLER_TEXT_BYTES_MAX);
