//! The snapshot is the state at one row exactly, whatever happens while it is taken.

use super::dice::Dice;
use super::image::Stored;
use super::invariants::same_state;
use super::laws;
use super::ops;
use super::run::{self, Run, START};
use super::seeds::each_seed;

/// TABLE-1: a snapshot taken while rows change (and ENGINE-5).
#[test]
fn engine_5_a_snapshot_and_the_rows_after_it_give_the_state() {
    each_seed(40, |seed| {
        let ops = ops::sequence(&mut Dice::of_seed(seed), START, 600);
        let mut dice = Dice::of_seed(seed ^ 0x5a5a);
        let (mut one, mut stored) = (Run::new(), Stored::default());
        for op in &ops {
            if dice.one_in(30) {
                stored.begin(&mut one.engine, one.rows.0.len());
            }
            if dice.one_in(3) {
                let pages_max = dice.index(3);
                let lost = dice.one_in(6);
                stored.slice(&mut one.engine, pages_max, lost);
            }
            one.step(op);
        }
        let mut two = Run::new();
        two.engine = run::bare(run::OPTIONS);
        let from = stored.restore(&mut two.engine);
        run::replay(&mut two.engine, &one.rows.0[from..]);
        laws::start_like(&one, &mut two);
        same_state(&mut one, &mut two);
    });
}
