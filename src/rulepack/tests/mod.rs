//! Tests of the loader and of the pack that ships with the program.

mod embedded;
mod faults;
mod holidays;
mod places;
