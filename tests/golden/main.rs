//! Files that are promises: what ships loads, and says what the code does.

#[cfg(test)]
mod config;
#[cfg(test)]
mod dispositions;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod sor;
