//! The counts equal the model's, seed by seed.

use super::counting::play;
use super::dice::Dice;
use super::seeds::each_seed;

#[test]
fn counts_hours_and_next_instants_equal_the_models() {
    each_seed(24, |seed| {
        let compared = play(&mut Dice::of_seed(seed), 60);
        assert!(compared > 5, "only {compared}");
    });
}
