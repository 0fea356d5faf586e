//! The mailbox without sockets, clocks or sleeps: instants are made up, polls are made by hand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::*;

/// Counts wake-ups.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (Arc::clone(&bell), Waker::from(bell))
}

fn poll<T>(pending: &mut Pending<T>, waker: &Waker) -> Poll<Result<T, NoAnswer>> {
    Pin::new(pending).poll(&mut Context::from_waker(waker))
}

/// An instant to count from, not the time of day.
fn start() -> Instant {
    tokio::time::Instant::now().into_std()
}

const WAIT: Duration = Duration::from_secs(2);

/// MAILBOX-2.
#[test]
fn an_answer_reaches_the_request_it_was_made_for() {
    let mailbox = Mailbox::new(4);
    let outlet = mailbox.outlet();
    let (rung, waker) = bell();
    let mut first = mailbox.register(start() + WAIT).unwrap();
    let mut second = mailbox.register(start() + WAIT).unwrap();
    assert_eq!(poll(&mut first, &waker), Poll::Pending);
    assert_eq!(poll(&mut second, &waker), Poll::Pending);
    outlet.push(second.ticket(), "second").unwrap();
    assert_eq!(rung.0.load(Ordering::Relaxed), 0);
    assert_eq!(mailbox.deliver(), 1);
    assert_eq!(rung.0.load(Ordering::Relaxed), 1);
    assert_eq!(poll(&mut first, &waker), Poll::Pending);
    assert_eq!(poll(&mut second, &waker), Poll::Ready(Ok("second")));
    outlet.push(first.ticket(), "first").unwrap();
    assert_eq!(mailbox.deliver(), 1);
    assert_eq!(poll(&mut first, &waker), Poll::Ready(Ok("first")));
}

/// MAILBOX-1.
#[test]
fn mailbox_1_the_queue_has_room_for_every_answer_still_to_come() {
    let mailbox = Mailbox::new(2);
    let outlet = mailbox.outlet();
    let first = mailbox.register(start()).unwrap();
    let second = mailbox.register(start()).unwrap();
    let tickets = [first.ticket(), second.ticket()];
    assert_eq!(mailbox.register(start()).unwrap_err(), MailboxFull);
    // Clients that go away give their places back, but not the room their answers will need.
    drop(first);
    drop(second);
    assert_eq!(mailbox.register(start()).unwrap_err(), MailboxFull);
    for ticket in tickets {
        outlet.push(ticket, 0_u8).unwrap();
    }
    assert_eq!(outlet.push(tickets[0], 1), Err(1));
    assert_eq!(mailbox.deliver(), 2);
    assert_eq!(mailbox.slots.borrow().credits(), 2);
    assert!(mailbox.register(start()).is_ok());
}

/// MAILBOX-2.
#[test]
fn mailbox_2_an_answer_for_a_gone_request_finds_nobody() {
    let mailbox = Mailbox::new(4);
    let outlet = mailbox.outlet();
    let (rung, waker) = bell();
    let gone = mailbox.register(start() + WAIT).unwrap();
    let old = gone.ticket();
    drop(gone);
    let mut next = mailbox.register(start() + WAIT).unwrap();
    assert_eq!(next.ticket().index, old.index);
    assert_eq!(poll(&mut next, &waker), Poll::Pending);
    outlet.push(old, "for the gone").unwrap();
    assert_eq!(mailbox.deliver(), 1);
    assert_eq!(rung.0.load(Ordering::Relaxed), 0);
    assert_eq!(poll(&mut next, &waker), Poll::Pending);
    outlet.push(next.ticket(), "for the next").unwrap();
    mailbox.deliver();
    assert_eq!(poll(&mut next, &waker), Poll::Ready(Ok("for the next")));
    assert_eq!(mailbox.slots.borrow().places(), 1);
}

/// MAILBOX-3.
#[test]
fn mailbox_3_a_wait_ends_at_its_instant_and_not_before() {
    let mailbox = Mailbox::new(4);
    let (rung, waker) = bell();
    let until = start() + WAIT;
    let mut pending = mailbox.register(until).unwrap();
    assert_eq!(poll(&mut pending, &waker), Poll::Pending);
    mailbox.expire(until.checked_sub(Duration::from_nanos(1)).unwrap());
    assert_eq!(poll(&mut pending, &waker), Poll::Pending);
    mailbox.expire(until);
    assert_eq!(rung.0.load(Ordering::Relaxed), 1);
    assert_eq!(poll(&mut pending, &waker), Poll::Ready(Err(NoAnswer)));
    // The answer that comes too late returns its credit and wakes nobody.
    let ticket = pending.ticket();
    mailbox.outlet().push(ticket, "late").unwrap();
    assert_eq!(mailbox.deliver(), 1);
    assert_eq!(poll(&mut pending, &waker), Poll::Ready(Err(NoAnswer)));
    drop(pending);
    assert_eq!(mailbox.slots.borrow().credits(), 4);
}

#[test]
fn a_request_never_submitted_returns_its_credit_at_once() {
    let mailbox = Mailbox::<u8>::new(1);
    for _ in 0..3 {
        mailbox.register(start()).unwrap().withdraw();
    }
    assert_eq!(mailbox.slots.borrow().credits(), 1);
    assert_eq!(mailbox.slots.borrow().places(), 1);
}

#[test]
fn the_pump_hands_over_a_frame_made_on_another_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build_local(tokio::runtime::LocalOptions::default())
        .unwrap();
    runtime.block_on(async {
        let mailbox = Mailbox::new(64);
        let outlet = mailbox.outlet();
        let pump = tokio::task::spawn_local(mailbox.clone().pump(WAIT));
        let pending: Vec<_> = (0..64)
            .map(|_| mailbox.register(start() + WAIT).unwrap())
            .collect();
        let tickets: Vec<_> = pending.iter().map(Pending::ticket).collect();
        let committer = std::thread::spawn(move || {
            for (n, ticket) in tickets.iter().enumerate() {
                outlet.push(*ticket, n).unwrap();
            }
            outlet.wake();
        });
        for (n, waiting) in pending.into_iter().enumerate() {
            assert_eq!(waiting.await, Ok(n));
        }
        committer.join().unwrap();
        pump.abort();
    });
}
