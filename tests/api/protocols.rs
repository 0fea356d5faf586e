//! One case, every protocol: HTTP/1.1 and HTTP/2, in cleartext and under TLS, and HTTP/3.
//!
//! A case is a test that only asks through [`House`](crate::stand_in::House). It runs over HTTP/1.1
//! in cleartext as it stands; [`over_each`] runs it over the others, with the same expectations.

use std::cell::Cell;

/// What clients of a test speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http1Tls,
    /// In cleartext, known beforehand.
    Http2,
    /// Agreed on by ALPN.
    Http2Tls,
    /// Over QUIC.
    Http3,
}

thread_local! {
    static SPOKEN: Cell<Protocol> = const { Cell::new(Protocol::Http1) };
}

impl Protocol {
    /// Runs a case with this protocol spoken on its thread.
    pub(crate) fn during(self, case: impl FnOnce()) {
        let before = SPOKEN.replace(self);
        case();
        SPOKEN.set(before);
    }

    /// What this thread's clients speak.
    pub(crate) fn spoken() -> Self {
        SPOKEN.get()
    }

    pub(crate) fn is_tls(self) -> bool {
        matches!(self, Self::Http1Tls | Self::Http2Tls | Self::Http3)
    }

    pub(crate) fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Tls)
    }
}

/// Runs cases of the module over every protocol but the plainest.
macro_rules! over_each {
    ($($case:ident),+ $(,)?) => {
        mod over_http1_tls { $( #[test] fn $case() { $crate::protocols::Protocol::Http1Tls.during(super::$case); } )+ }
        mod over_http2 { $( #[test] fn $case() { $crate::protocols::Protocol::Http2.during(super::$case); } )+ }
        mod over_http2_tls { $( #[test] fn $case() { $crate::protocols::Protocol::Http2Tls.during(super::$case); } )+ }
        mod over_http3 { $( #[test] fn $case() { $crate::protocols::Protocol::Http3.during(super::$case); } )+ }
    };
}
pub(crate) use over_each;
