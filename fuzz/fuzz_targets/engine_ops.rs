//! Bytes as commands: a story told to the engine and to the naive model of the federal counts, and
//! then a run of any commands, after which the engine's rows alone must give its state.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/engine/counting.rs"]
mod counting;
#[path = "../../tests/engine/dice.rs"]
mod dice;
#[path = "../../tests/engine/facts.rs"]
mod facts;
#[path = "../../tests/engine/image.rs"]
mod image;
#[path = "../../tests/engine/laws.rs"]
mod laws;
#[path = "../../tests/engine/model.rs"]
mod model;
#[path = "../../tests/engine/names.rs"]
mod names;
#[path = "../../tests/engine/ops.rs"]
mod ops;
#[path = "../../tests/engine/reports.rs"]
mod reports;
#[path = "../../tests/engine/run.rs"]
mod run;

const STEPS_MAX: usize = 100;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let mut dice = dice::Dice::of_bytes(bytes);
    if kind % 2 == 0 {
        counting::play(&mut dice, STEPS_MAX);
        return;
    }
    let mut one = run::Run::new();
    for op in &ops::sequence(&mut dice, run::START, STEPS_MAX) {
        one.step(op);
    }
    let mut two = run::fresh();
    run::replay(&mut two, &one.rows.0);
    // Rows name the pack that decides; it is a start that takes it up.
    let mut two = run::Run::of(two);
    laws::start_like(&one, &mut two);
    assert!(image::of(&mut one.engine) == image::of(&mut two.engine));
});
