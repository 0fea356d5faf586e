//! The upstream without a system.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::connect::{NoLine, connect};
use super::site::Admitted;
use super::{Address, AskError, BodyFault, CallError, Outbound, trust};

/// UPSTREAM-1: one more than may be is not admitted, and takes no place.
#[test]
fn no_more_calls_are_admitted_than_may_be() {
    let calls = Arc::<AtomicUsize>::default();
    let first = Admitted::one_of(&calls, 2).unwrap();
    let second = Admitted::one_of(&calls, 2);
    assert!(second.is_some());
    for _ in 0..3 {
        assert!(Admitted::one_of(&calls, 2).is_none());
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    drop(first);
    assert!(Admitted::one_of(&calls, 2).is_some());
    drop(second);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

/// UPSTREAM-3: one that takes the connection and does not greet is not waited for.
#[test]
fn a_system_that_does_not_greet_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&file, pair.cert.pem()).unwrap();
    let trusted = trust(Some(&file)).unwrap();
    // Never accepts: the kernel does.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", silent.local_addr().unwrap());
    let address: Address = address.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    let brief = Duration::from_millis(50);
    let connected = runtime.block_on(async {
        let connecting = connect(&address, Some(&trusted), brief);
        tokio::time::timeout(Duration::from_secs(20), connecting).await
    });
    let connected = connected.expect("waited for without a limit");
    assert_eq!(connected.err(), Some(NoLine::TooSlow));
}

/// UPSTREAM-4: no error has room for a text of anybody's, and no body is printed.
#[test]
fn nothing_shows_what_was_sent_or_answered() {
    const fn is_plain<T: Copy + Eq + 'static>() -> usize {
        size_of::<T>()
    }
    let sizes = [
        is_plain::<CallError>(),
        is_plain::<AskError>(),
        is_plain::<BodyFault>(),
        is_plain::<NoLine>(),
    ];
    // Smaller than a pointer to a text and its length.
    assert!(sizes.iter().all(|size| *size < 16), "{sizes:?}");
    let body = Outbound::whole(Bytes::from_static(b"what-was-sent"));
    assert!(!format!("{body:?}").contains("what-was-sent"));
}
