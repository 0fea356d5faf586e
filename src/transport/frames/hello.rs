//! Hellos: who asks on a stream, and whether that still holds.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::number;
use super::session::Session;
use crate::gateway::door::{Caller, Door};
use crate::transport::auth::{AuthError, Credential};
use crate::wire::answer::Fault;
use crate::wire::frame::{self, ArchivedHello, Failure, Header, Kind, Reason, Welcome};
use crate::wire::limits::{FRAME_BATCH_INTENTS_MAX, FRAME_BYTES_MAX, FRAME_WINDOW_INTENTS};

/// Who asks on a stream.
pub(super) struct Who {
    /// The credential as an `Authorization` header has it.
    header: Box<[u8]>,
    pub(super) caller: Rc<Caller>,
}

/// A hello being looked at.
pub(super) struct Greeting {
    correlation: u64,
    header: Box<[u8]>,
    check: Pin<Box<dyn Future<Output = Result<Credential, AuthError>>>>,
}

impl<G: Door> Session<G> {
    /// Has the credential looked at. Nothing more is read before that is done; what came before was
    /// asked under the old one.
    pub(super) fn greet(&mut self, header: Header, hello: &ArchivedHello<'static>) {
        let credential = [b"Bearer ", hello.token.as_bytes()].concat();
        let credential: Box<[u8]> = credential.into();
        let (house, sent) = (Rc::clone(&self.house), credential.clone());
        self.greeting = Some(Greeting {
            correlation: header.correlation,
            header: credential,
            check: Box::pin(async move { house.credential_in(Some(&sent)).await }),
        });
    }

    pub(super) fn hear_of_greeting(&mut self, cx: &mut Context<'_>) {
        let Some(greeting) = &mut self.greeting else {
            return;
        };
        let Poll::Ready(checked) = greeting.check.as_mut().poll(cx) else {
            return;
        };
        let Some(Greeting {
            correlation,
            header,
            ..
        }) = self.greeting.take()
        else {
            return;
        };
        match checked {
            Ok(credential) => {
                self.talk.welcomed();
                let caller = Rc::new(credential.caller);
                self.welcome(correlation, &caller);
                self.who = Some(Who { header, caller });
            }
            Err(error) => {
                self.talk.refused();
                self.mouth
                    .say_error(correlation, &Failure::of(&error.fault()));
                drop(self.recv.stop(number(Reason::Unauthorized)));
            }
        }
    }

    pub(super) fn welcome(&mut self, correlation: u64, caller: &Caller) {
        let bound = |bound: usize| u32::try_from(bound).unwrap_or(u32::MAX);
        let welcome = Welcome {
            tenant: (*caller.tenant_name).into(),
            window: bound(FRAME_WINDOW_INTENTS),
            frame_bytes_max: bound(FRAME_BYTES_MAX),
            batch_intents_max: bound(FRAME_BATCH_INTENTS_MAX),
            now: self.house.gateway.wall().0,
        };
        let _fits = frame::push(&mut self.mouth.out, Kind::Welcome, correlation, &welcome);
    }

    /// The caller, if the credential still holds (FRAMES-2). A stream whose credential has ended says
    /// so until the next hello.
    pub(super) fn caller(&mut self) -> Result<Rc<Caller>, Fault> {
        let (house, lapsed) = (&self.house, AuthError::lapsed());
        let Some(who) = &mut self.who else {
            return Err(lapsed);
        };
        match house.credential_now(&who.header) {
            Ok(credential) => {
                if credential.caller != *who.caller {
                    who.caller = Rc::new(credential.caller);
                }
                Ok(Rc::clone(&who.caller))
            }
            Err(_ended) => {
                self.talk.lapse();
                Err(lapsed)
            }
        }
    }
}
