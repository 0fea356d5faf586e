//! Makes a story that shows a difference as short and as plain as it will go.

use serde_json::Value;

use super::driver::{Difference, play};
use super::story::{Step, Story};

/// Tries at most.
const TRIES: usize = 6_000;

/// The smallest story found that shows the same difference.
pub(crate) fn smallest(story: &Story, first: &Difference) -> (Story, Difference) {
    let mut best = story.clone();
    best.steps.truncate(first.step + 1);
    let mut shown = first.clone();
    let mut tries = 0;
    loop {
        let before = best.clone();
        drop_steps(&mut best, &mut shown, &mut tries);
        plainer_steps(&mut best, &mut shown, &mut tries);
        if best == before || tries > TRIES {
            return (best, shown);
        }
    }
}

fn try_it(best: &mut Story, shown: &mut Difference, tries: &mut usize, candidate: Story) -> bool {
    *tries += 1;
    if *tries > TRIES {
        return false;
    }
    match play(&candidate) {
        Err(difference) if difference.what == shown.what => {
            *best = candidate;
            best.steps.truncate(difference.step + 1);
            *shown = difference;
            true
        }
        _ => false,
    }
}

fn drop_steps(best: &mut Story, shown: &mut Difference, tries: &mut usize) {
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < best.steps.len() {
            let mut candidate = best.clone();
            let to = (from + size).min(candidate.steps.len());
            candidate.steps.drain(from..to);
            if !try_it(best, shown, tries, candidate) {
                from += size;
            }
        }
        size /= 2;
    }
}

fn plainer_steps(best: &mut Story, shown: &mut Difference, tries: &mut usize) {
    let mut at = 0;
    while at < best.steps.len() {
        let value = serde_json::to_value(&best.steps[at]).unwrap_or(Value::Null);
        for plainer in plainer(&value) {
            let Ok(step) = serde_json::from_value::<Step>(plainer) else {
                continue;
            };
            if best.steps.get(at).is_none_or(|known| *known == step) {
                continue;
            }
            let mut candidate = best.clone();
            candidate.steps[at] = step;
            if try_it(best, shown, tries, candidate) {
                // What is left of it is tried again from its new form.
                return;
            }
        }
        at += 1;
    }
}

/// Every value with one thing less in it.
fn plainer(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, inner)| {
                let mut without = fields.clone();
                without.remove(key);
                let inside = plainer(inner).into_iter().map(|less| {
                    let mut with = fields.clone();
                    with.insert(key.clone(), less);
                    Value::Object(with)
                });
                std::iter::once(Value::Object(without))
                    .chain(inside)
                    .collect::<Vec<_>>()
            })
            .collect(),
        Value::Array(items) => (0..items.len())
            .flat_map(|at| {
                let mut without = items.clone();
                without.remove(at);
                let inside = plainer(&items[at]).into_iter().map(move |less| {
                    let mut with = items.clone();
                    with[at] = less;
                    Value::Array(with)
                });
                std::iter::once(Value::Array(without))
                    .chain(inside)
                    .collect::<Vec<_>>()
            })
            .collect(),
        Value::Bool(true) => vec![Value::Bool(false)],
        _ => Vec::new(),
    }
}
