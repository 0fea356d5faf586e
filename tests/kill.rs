//! SIGKILL under load, twenty times, at moments drawn from a seed (`KILL_SEED`, printed). Callers do
//! what callers do: whatever was not acknowledged they send again. Afterwards every acknowledged
//! decision, fact and outcome stands in the ledger once, and every person's seventh call was the
//! last one allowed: nothing was lost, nothing counted twice.

#[cfg(test)]
#[path = "process/house.rs"]
mod house;
#[cfg(test)]
#[path = "process/http.rs"]
#[expect(
    dead_code,
    reason = "streams and files are sent in the process tests only"
)]
mod http;
#[cfg(test)]
#[path = "kill/under_load.rs"]
mod under_load;
#[cfg(test)]
#[path = "process/words.rs"]
mod words;
