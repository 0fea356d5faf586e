//! Whatever is said and in whichever order: nothing is decided before a welcome, nor after a fault, a
//! refusal or a drain; the window bounds what is taken; what was taken is owed.

#![no_main]

use dialgate::wire::frame::{Act, Header, Kind, Talk};
use dialgate::wire::limits::FRAME_WINDOW_INTENTS;
use libfuzzer_sys::fuzz_target;

/// What is known of a stream from outside.
#[derive(Default)]
struct Model {
    greeting: bool,
    welcomed: bool,
    lapsed: bool,
    over: bool,
    owed: usize,
}

impl Model {
    fn heard(&mut self, talk: &mut Talk, kind: Kind, count: usize) {
        let header = Header {
            kind,
            correlation: 1,
            payload_bytes: 0,
        };
        let took = talk.takes();
        match talk.hear(&header) {
            Ok(Act::Greet) => {
                assert!(!self.over && !self.greeting && kind == Kind::Hello);
                self.greeting = true;
            }
            Ok(Act::Drop) => assert!(self.over),
            Ok(act) => {
                assert!(self.welcomed && !self.greeting && !self.over);
                assert_eq!(
                    act == Act::Lapsed,
                    self.lapsed && matches!(kind, Kind::Intent | Kind::Intents)
                );
                if act == Act::Decide && took {
                    talk.begun(count);
                    self.owed += count;
                }
            }
            Err(_reason) => {
                self.over = true;
                assert!(!talk.listens());
            }
        }
    }
}

fuzz_target!(|said: &[u8]| {
    let (mut talk, mut model) = (Talk::default(), Model::default());
    for pair in said.chunks_exact(2) {
        let count = usize::from(pair[1]) + 1;
        match pair[0] % 20 {
            n @ 0..=11 => {
                let kind = Kind::ALL[usize::from(n)];
                model.heard(&mut talk, kind, count);
            }
            12 | 13 => {
                talk.welcomed();
                if model.greeting && !model.over {
                    (model.welcomed, model.lapsed) = (true, false);
                }
                model.greeting = false;
            }
            14 => {
                talk.refused();
                model.over |= model.greeting;
                model.greeting = false;
            }
            15 => {
                talk.lapse();
                model.lapsed |= model.welcomed && !model.greeting && !model.over;
            }
            16 => {
                let tells = talk.drain();
                assert!(!tells || model.welcomed || model.greeting);
                (model.over, model.greeting) = (true, false);
            }
            17 => {
                talk.close();
                (model.over, model.greeting) = (true, false);
            }
            _ => {
                let done = count.min(model.owed);
                talk.answered(done);
                model.owed -= done;
            }
        }
        assert_eq!(talk.under_way(), model.owed);
        assert!(model.owed < FRAME_WINDOW_INTENTS + 256);
        assert_eq!(talk.is_over(), model.over && model.owed == 0);
        assert!(!talk.takes() || (talk.listens() && model.owed < FRAME_WINDOW_INTENTS));
        assert_eq!(talk.listens(), !model.over && !model.greeting);
    }
});
