//! Packs that wait for their day, tenants that come and go, and a clock nobody trusts.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use dialgate::domain::hex::hex;
use dialgate::domain::ids::TenantNo;
use dialgate::domain::rules::RulePack;
use dialgate::domain::time::UnixSeconds;
use dialgate::engine::Engine;
use dialgate::engine::commands::RowSink;
use dialgate::engine::enact::Enacted;

use super::dice::Dice;
use super::ops::{self, Op};
use super::run::{self, Run, START, Told};

/// Days after the start on which each pack takes force; the first is in force from the beginning.
const DAYS: [i64; 3] = [0, 2, 9];
const DAY: i64 = 86_400;

/// The shipped pack, and two that say from when.
static PACKS: LazyLock<Vec<Arc<RulePack>>> = LazyLock::new(|| {
    // The fuzz targets, which have a manifest of their own, tell the same stories.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let homes = [here, here.parent().expect("a home")];
    let shipped = homes.map(|home| home.join("config/rules"));
    let shipped = shipped.into_iter().find(|dir| dir.is_dir());
    let shipped = shipped.expect("the shipped pack");
    let from_day = |days: i64| {
        let dir = tempfile::tempdir().expect("a directory");
        for file in fs::read_dir(&shipped).expect("the shipped pack") {
            let file = file.expect("a file");
            fs::copy(file.path(), dir.path().join(file.file_name())).expect("a copy");
        }
        let edition = dir.path().join("pack.toml");
        let text = fs::read_to_string(&edition).expect("an edition");
        let (year, month, day) = START.plus(days * DAY).utc_date().ymd();
        let from = format!("effective_from = {year}-{month:02}-{day:02}T15:00:00Z\n{text}");
        fs::write(&edition, from).expect("a file");
        Arc::new(dialgate::rulepack::load(dir.path()).expect("a pack"))
    };
    let mut all = vec![run::pack()];
    all.extend(DAYS[1..].iter().map(|days| from_day(*days)));
    all
});

/// A look at changed files: which pack lies there, and whether the second tenant is declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub pack: usize,
    pub both: bool,
}

impl Look {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        Self {
            pack: dice.index(DAYS.len()),
            both: !dice.one_in(4),
        }
    }

    pub(crate) fn take(
        self,
        engine: &mut Engine,
        now: UnixSeconds,
        rows: &mut impl RowSink,
    ) -> Enacted {
        run::declare(engine);
        let south = self.both.then_some((TenantNo(1), [1; 32]));
        let declared: Vec<_> = [(TenantNo(0), [1; 32])].into_iter().chain(south).collect();
        engine.enact(&PACKS[self.pack], &declared, now, rows)
    }
}

/// Takes up the pack that a snapshot was taken under, as recovery does.
pub(crate) fn take_up_of(engine: &mut Engine, head: &[u8]) {
    let head: serde_json::Value = serde_json::from_slice(head).expect("the head is JSON");
    let named = |pack: &&Arc<RulePack>| head["pack"] == hex(pack.hash());
    let pack = PACKS.iter().find(named).expect("a known pack");
    engine.take_up(Arc::clone(pack));
}

/// Brings an engine that was fed the rows of another to what its start would: the pack the rows
/// name, the tenants they leave declared, and the pack that still waits.
pub(crate) fn start_like(one: &Run, two: &mut Run) {
    let recorded = two.rows.0.len();
    if let Some(named) = two.engine.named_pack() {
        assert_eq!(Some(named), one.engine.named_pack());
        let pack = PACKS.iter().find(|pack| *pack.hash() == named);
        two.engine.take_up(Arc::clone(pack.expect("a known pack")));
    }
    assert_eq!(two.engine.pack().hash(), one.engine.pack().hash());
    run::declare(&mut two.engine);
    let known = one.engine.tenants().iter().zip(0..);
    let declared: Vec<_> = known
        .filter(|(tenant, _)| tenant.declared)
        .map(|(tenant, no)| (TenantNo(no), tenant.activation.policy))
        .collect();
    if declared.len() < one.engine.tenants().len() || one.engine.pending().is_some() {
        let waiting = one
            .engine
            .pending()
            .map(|pending| Arc::clone(&pending.pack));
        let pack = waiting.unwrap_or_else(|| Arc::clone(one.engine.pack()));
        two.engine.trust_clock(false);
        let last = two.engine.last();
        two.engine.enact(&pack, &declared, last, &mut two.rows);
    }
    assert_eq!(
        two.rows.0.len(),
        recorded,
        "a start that found all as it was made rows"
    );
}

fn kinds(run: &Run, from: usize) -> Vec<(u16, u8)> {
    let rows = run.rows.0.iter().skip(from);
    let kind = |body: &[u8]| dialgate::engine::kind_of(body).expect("a kind");
    rows.map(|row| (row.tenant.0, kind(&row.body))).collect()
}

fn in_force(run: &Run) -> usize {
    let here = |pack: &Arc<RulePack>| pack.hash() == run.engine.pack().hash();
    PACKS.iter().position(here).expect("a known pack")
}

fn ask() -> Op {
    Op::Ask(0, None, Box::new(ops::intent(&mut Dice::of_seed(3))))
}

#[test]
fn no_day_comes_while_the_clock_is_in_doubt() {
    let mut run = Run::new();
    run.step(&Op::Look(Look {
        pack: 0,
        both: true,
    }));
    let Told::Enacted(done) = run.step(&Op::Look(Look {
        pack: 1,
        both: true,
    })) else {
        panic!("a look was answered otherwise");
    };
    assert_eq!((done.activated, done.announced), (0, 2));
    run.step(&Op::Trust(false));
    run.step(&Op::Step(3 * DAY));
    let from = run.rows.0.len();
    run.step(&ask());
    assert_eq!((in_force(&run), kinds(&run, from)), (0, vec![(0, b'd')]));
    // Trusted again, the day has come, before the next question is looked at.
    run.step(&Op::Trust(true));
    let from = run.rows.0.len();
    run.step(&ask());
    let rows = vec![(0, b'v'), (1, b'v'), (0, b'd')];
    assert_eq!((in_force(&run), kinds(&run, from)), (1, rows));
    assert!(run.engine.pending().is_none());
}

#[test]
fn a_clock_in_doubt_reaches_no_day_on_its_own() {
    for (trusted, expected) in [(true, 1), (false, 0)] {
        let mut run = Run::new();
        run.step(&Op::Look(Look {
            pack: 0,
            both: true,
        }));
        run.step(&Op::Trust(trusted));
        // The clock says that the day is past; no row has.
        run.step(&Op::Step(3 * DAY));
        run.step(&Op::Look(Look {
            pack: 1,
            both: true,
        }));
        assert_eq!(in_force(&run), expected);
        assert_eq!(run.engine.pending().is_some(), !trusted);
    }
}

#[test]
fn an_announcement_is_taken_back_and_a_tenant_withdrawn() {
    let mut run = Run::new();
    run.step(&Op::Look(Look {
        pack: 0,
        both: true,
    }));
    let from = run.rows.0.len();
    run.step(&Op::Look(Look {
        pack: 2,
        both: true,
    }));
    run.step(&Op::Look(Look {
        pack: 2,
        both: true,
    }));
    assert_eq!(kinds(&run, from), [(0, b'p'), (1, b'p')]);
    let from = run.rows.0.len();
    run.step(&Op::Look(Look {
        pack: 0,
        both: false,
    }));
    assert_eq!(kinds(&run, from), [(1, b'a'), (0, b'p')]);
    run.step(&Op::Step(10 * DAY));
    run.step(&ask());
    assert_eq!(in_force(&run), 0);
    let other = Op::Ask(1, None, Box::new(ops::intent(&mut Dice::of_seed(3))));
    assert!(matches!(
        run.step(&other),
        Told::Ask(dialgate::engine::commands::Answer::UnknownTenant)
    ));
}

#[test]
fn a_channels_kill_switch_binds_a_tenant_declared_after_it() {
    use dialgate::domain::policy::TenantPolicy;
    use dialgate::domain::record::KillRecord;
    use dialgate::domain::words::{Channel, KillScope};
    use dialgate::engine::Administered;
    use dialgate::engine::commands::Admin;
    let kill = |on: bool| KillRecord {
        on,
        reason: (!on).then(|| "over".into()),
        scope: KillScope::Channel,
        value: "phone".into(),
    };
    let bit = 1 << Channel::Phone.number();
    let thrown = |run: &Run| -> Vec<bool> {
        let all = run.engine.tenants().iter();
        all.map(|tenant| tenant.kills.channels & bit != 0).collect()
    };
    let mut run = Run::new();
    run.step(&Op::Look(Look {
        pack: 0,
        both: true,
    }));
    run.step(&Op::Kill(0, kill(true)));
    let late = run.engine.declare("late", TenantPolicy::defaults("late"));
    let declared: Vec<_> = (0..3).map(|no| (TenantNo(no), [1; 32])).collect();
    let from = run.rows.0.len();
    let (now, pack) = (run.now, &PACKS[0]);
    let done = run.engine.enact(pack, &declared, now, &mut run.rows);
    assert_eq!((done.activated, done.bound), (1, 1));
    assert_eq!(kinds(&run, from), [(2, b'v'), (2, b'a')]);
    assert_eq!(thrown(&run), [true; 3]);
    assert_eq!(run.engine.tenant(late).map(|t| t.restricted), Some(2));
    // Once; and rows alone say so.
    assert!(
        !run.engine
            .enact(pack, &declared, now, &mut run.rows)
            .changed()
    );
    let mut two = run::bare(run::OPTIONS);
    run::replay(&mut two, &run.rows.0);
    assert_eq!(thrown(&Run::of(two)), [true; 3]);
    // Whoever releases it releases it everywhere, and is told so though their own chain lacked it.
    run.engine.declare("later", TenantPolicy::defaults("later"));
    let admin = Admin::Kill(kill(false), None);
    let told = run
        .engine
        .administer(TenantNo(3), &admin, now, &mut run.rows);
    assert_eq!(told, Administered::Applied(1));
    assert_eq!(thrown(&run), [false; 4]);
    let told = run
        .engine
        .administer(TenantNo(3), &admin, now, &mut run.rows);
    assert_eq!(told, Administered::Unchanged);
}
