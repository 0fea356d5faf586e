//! Threads that nobody waits for step back behind those that answer.

/// How far such a thread steps back.
const NICE: i32 = 10;

/// Lowers the calling thread's priority; on Linux `nice` is a thread's own.
pub fn step_back() {
    // Where it is not permitted the thread goes on at full priority: slower answers, no wrong one.
    let _as_before = rustix::process::nice(NICE);
}
