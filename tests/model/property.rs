//! Never a difference.

use std::cell::Cell;

use super::dice::Dice;
use super::driver::{Difference, play};
use super::invent;
use super::seeds::each_seed;
use super::shrink;
use super::story::Story;

/// Stories of a run beside the other tests; a long run says how many it wants, 20,000 are a million
/// steps.
const STORIES: u64 = 2_000;
/// Steps of a story.
const STEPS: usize = 50;

#[expect(
    clippy::disallowed_methods,
    reason = "a nightly run says how long its stories are"
)]
fn steps() -> usize {
    let said = std::env::var("SIM_STEPS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(STEPS)
}

fn told(story: &Story, difference: &Difference) -> String {
    let (what, detail) = (&difference.what, &difference.detail);
    let (policy, start) = (story.policy, story.start);
    let steps = story.steps.iter().map(serde_json::to_string);
    let steps: Vec<String> = steps.map(Result::unwrap_or_default).collect();
    let steps = steps.join("\n  ");
    format!("{what}\n{detail}\npolicy {policy}, from {start}:\n  {steps}")
}

/// TIMING-1, TIMING-2, TIMING-3, TIMING-4: `next_allowed_at` and `use_by` are found by trying
/// instants.
#[test]
fn the_product_and_the_model_never_differ() {
    let steps = steps();
    let (asked, allowed, hinted) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let repeated = Cell::new(0);
    let stories = each_seed(STORIES, |seed| {
        let story = invent::story(&mut Dice::of_seed(seed), steps);
        match play(&story) {
            Ok(tally) => {
                asked.set(asked.get() + tally.asked);
                allowed.set(allowed.get() + tally.allowed);
                hinted.set(hinted.get() + tally.with_next);
                repeated.set(repeated.get() + tally.repeated);
            }
            Err(difference) => {
                let (story, difference) = shrink::smallest(&story, &difference);
                panic!("{}", told(&story, &difference));
            }
        }
    });
    // Stories in which nothing is ever allowed, or nothing is ever late, would prove little.
    if stories > 100 {
        assert!(allowed.get() * 16 > asked.get(), "{allowed:?} of {asked:?}");
        assert!(repeated.get() * 8 > stories, "only {repeated:?} repeated");
        assert!(hinted.get() * 20 > asked.get(), "{hinted:?} of {asked:?}");
    }
}
