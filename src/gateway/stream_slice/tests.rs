//! Slices of streams against an inbox whose other side is the test.

use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::*;
use crate::clock::Clock;
use crate::domain::ids::TenantNo;
use crate::domain::time::UnixSeconds;
use crate::engine::commands::Answer;
use crate::gateway::directory::Directory;
use crate::gateway::door::{Door, SystemError, TENANT_RECOVERING};
use crate::gateway::floor::Floor;
use crate::gateway::inbox::{Lanes, inbox};
use crate::gateway::running::{Limits, Running};
use crate::gateway::sor::SystemsOfRecord;
use crate::gateway::status::GatewayStatus;
use crate::gateway::work::{Job, Release, Work};
use crate::ledger::Index;
use crate::rulepack;
use crate::sor::catalogue::Catalogues;
use crate::sor::upstream;
use crate::telemetry::Metrics;
use crate::wire::intent;
use crate::wire::limits::SLICE_INTENTS_MAX;
use crate::wire::scopes::Scopes;

const DEADLINE: Duration = Duration::from_millis(500);

/// A gateway that runs without an engine.
struct Rig {
    gateway: Gateway,
    clock: Clock,
    desk: Mailbox<Delivered>,
    caller: Caller,
    _dir: tempfile::TempDir,
}

impl Rig {
    fn of(inbox_max: usize, tenant_max: u32) -> (Self, Lanes) {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(UnixSeconds(1_778_004_000));
        let limits = Limits {
            deadline: DEADLINE,
            commit_wait_max: 2 * DEADLINE,
        };
        let options = upstream::Options {
            connect_timeout: DEADLINE,
            timeout: DEADLINE,
            upload_timeout: DEADLINE,
            calls_max: 1,
            retries_percent: 0,
            breaker_failures: 1,
            breaker_open: DEADLINE,
        };
        let catalogues = Catalogues::read(None).unwrap();
        let systems = SystemsOfRecord::new(catalogues, options, None, clock.clone()).unwrap();
        let gateway = Gateway::recovering(
            limits,
            clock.clone(),
            Arc::new(rulepack::embedded().unwrap()),
            Arc::new(Metrics::new()),
            (false, ["demo".to_owned()].into()),
            systems,
        );
        let (inbox, lanes) = inbox(inbox_max, tenant_max, 1, clock.instant());
        let heads = Vec::new();
        gateway.open(Running {
            inbox,
            status: Arc::new(GatewayStatus::new(Arc::default(), Arc::default(), heads)),
            directory: Arc::<Directory>::default(),
            floor: Arc::<Floor>::default(),
            index: Arc::new(Index::open(&dir.path().join("index")).unwrap()),
            trail: None,
            data_dir: PathBuf::new(),
        });
        let rig = Self {
            gateway,
            clock,
            desk: Mailbox::new(64),
            caller: Caller {
                tenant: TenantNo(0),
                tenant_name: "demo".into(),
                scopes: Scopes::default(),
            },
            _dir: dir,
        };
        (rig, lanes)
    }
}

/// The jobs of a go of at most so many intents.
fn taken(lanes: &mut Lanes, intents_max: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    lanes.take_live(&mut jobs, intents_max);
    jobs
}

/// Whom a job asks about.
fn named(job: &Job) -> Vec<&str> {
    let asks = job.work.asks().iter();
    asks.map(|ask| &*ask.intent.account_id).collect()
}

fn asks(accounts: &[&str]) -> Vec<AskRequest> {
    let one = |account: &&str| {
        let body = format!(
            r#"{{"account_id":"{account}","channel":"mail","action_type":"letter","source_system":"s"}}"#
        );
        intent::decode(body.as_bytes(), None, false).unwrap()
    };
    accounts.iter().map(one).collect()
}

/// Answers every intent of a job as one whose key was used for something else.
fn answer(job: Job) {
    let Work::Slice(slice) = job.work else {
        panic!("no slice");
    };
    let mut release = Release::default();
    let answers = vec![Answer::KeyReused; slice.asks.len()];
    release.put(job.reply, Delivered::Slice(answers, slice.asks));
    release.wake();
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn refused(many: usize, error: SystemError) -> Poll<Vec<Answered>> {
    Poll::Ready(vec![Answered::SystemError(error); many])
}

#[test]
fn slices_are_submitted_by_the_call_in_order_and_answered_in_any() {
    let (rig, mut lanes) = Rig::of(64, 64);
    let at = rig.clock.instant();
    let (gateway, desk, caller) = (&rig.gateway, &rig.desk, &rig.caller);
    let first = gateway.decide_slice(desk, caller, asks(&["A", "B"]), at);
    let second = gateway.decide_slice(desk, caller, asks(&["A"]), at);
    let third = gateway.decide_slice(desk, caller, asks(&["C"]), at);
    drop(third);
    let jobs = taken(&mut lanes, usize::MAX);
    let accounts: Vec<Vec<&str>> = jobs.iter().map(named).collect();
    assert_eq!(accounts, [vec!["A", "B"], vec!["A"], vec!["C"]], "unpolled");
    for job in &jobs {
        assert_eq!(job.deadline, Some(at + DEADLINE));
    }
    let (mut first, second) = (pin!(first), pin!(second));
    assert!(poll(first.as_mut()).is_pending());
    let mut jobs = jobs.into_iter();
    let (one, two) = (jobs.next().unwrap(), jobs.next().unwrap());
    answer(two);
    assert_eq!(desk.deliver(), 1);
    assert_eq!(poll(second), Poll::Ready(vec![Answered::KeyReused]));
    assert!(poll(first.as_mut()).is_pending());
    answer(one);
    assert_eq!(desk.deliver(), 1);
    assert_eq!(poll(first), Poll::Ready(vec![Answered::KeyReused; 2]));
}

#[test]
fn it_is_live_work_in_line_with_single_intents() {
    let (rig, mut lanes) = Rig::of(200, 200);
    let at = rig.clock.instant();
    let (gateway, desk, caller) = (&rig.gateway, &rig.desk, &rig.caller);
    let many = vec!["L"; SLICE_INTENTS_MAX];
    let mut batch = pin!(gateway.decide_all(desk, caller, asks(&["BATCH"]), at));
    assert!(poll(batch.as_mut()).is_pending());
    let stream = gateway.decide_slice(desk, caller, asks(&many), at);
    let mut single = pin!(gateway.decide(desk, caller, asks(&["S"]).remove(0), at));
    assert!(poll(single.as_mut()).is_pending());
    drop(stream);
    // A turn of each flow: the batch came first, the stream's slice fills its flow's turn.
    let jobs = taken(&mut lanes, 1 + SLICE_INTENTS_MAX);
    let accounts: Vec<Vec<&str>> = jobs.iter().map(named).collect();
    assert_eq!(accounts, [vec!["BATCH"], many]);
    let last = taken(&mut lanes, 1);
    assert_eq!(named(&last[0]), ["S"], "behind the slice, in the same flow");
}

#[test]
fn the_tenants_share_counts_every_intent() {
    let (rig, mut lanes) = Rig::of(64, 5);
    let at = rig.clock.instant();
    let (gateway, desk, caller) = (&rig.gateway, &rig.desk, &rig.caller);
    let four = gateway.decide_slice(desk, caller, asks(&["A"; 4]), at);
    let two = pin!(gateway.decide_slice(desk, caller, asks(&["B"; 2]), at));
    assert_eq!(poll(two), refused(2, SystemError::Overloaded));
    let one = gateway.decide_slice(desk, caller, asks(&["C"]), at);
    drop((four, one));
    assert_eq!(taken(&mut lanes, usize::MAX).len(), 2);
    // Larger than the share: in slices that fit, as far as it goes.
    let mut seven = pin!(gateway.decide_slice(desk, caller, asks(&["D"; 7]), at));
    assert!(poll(seven.as_mut()).is_pending());
    let mut jobs = taken(&mut lanes, usize::MAX);
    assert_eq!(jobs.len(), 1);
    answer(jobs.remove(0));
    desk.deliver();
    let mut expected = vec![Answered::KeyReused; 5];
    expected.extend(vec![Answered::SystemError(SystemError::Overloaded); 2]);
    assert_eq!(poll(seven), Poll::Ready(expected));
}

#[test]
fn what_cannot_be_asked_is_a_fault_of_every_intent() {
    let (rig, mut lanes) = Rig::of(64, 64);
    let at = rig.clock.instant();
    let (gateway, desk) = (&rig.gateway, &rig.desk);
    let nobody = Caller {
        tenant: TENANT_RECOVERING,
        ..rig.caller.clone()
    };
    let recovering = pin!(gateway.decide_slice(desk, &nobody, asks(&["A"; 3]), at));
    assert_eq!(poll(recovering), refused(3, SystemError::Recovering));
    let late = pin!(gateway.decide_slice(desk, &rig.caller, asks(&["A"]), at));
    rig.clock.advance(2 * DEADLINE);
    let too_late = pin!(gateway.decide_slice(desk, &rig.caller, asks(&["A"; 2]), at));
    assert_eq!(poll(too_late), refused(2, SystemError::DeadlinePassed));
    desk.expire(rig.clock.instant());
    assert_eq!(poll(late), refused(1, SystemError::CommitTimeout));
    assert_eq!(taken(&mut lanes, usize::MAX).len(), 1);
}

#[test]
fn intents_that_find_no_turn_are_counted_each() {
    let (rig, _lanes) = Rig::of(64, 64);
    assert_eq!(rig.gateway.no_turn(3), SystemError::Overloaded);
    let page = rig.gateway.metrics.render();
    assert!(page.contains("dialgate_sheds_total{reason=\"no_turn\"} 3\n"));
}
