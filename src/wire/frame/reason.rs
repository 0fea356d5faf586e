//! Why a stream or a connection ends: the one table of codes.

macro_rules! reasons {
    ($($number:literal $variant:ident $text:literal $message:literal;)+) => {
        /// Why a stream or connection ends. The number is QUIC's application error code, the text
        /// stands in the error frame before it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
        #[repr(u32)]
        pub enum Reason {
            $(#[doc = $message] #[error($text)] $variant = $number),+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The machine code of error frames.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// One sentence for a person.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }

            /// QUIC's application error code.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The reason with this number.
            pub fn of(number: u64) -> Option<Self> {
                let own = |reason: &Self| u64::from(reason.number()) == number;
                Self::ALL.iter().copied().find(own)
            }
        }
    };
}

reasons! {
    0 Done "DONE" "Everything was said.";
    1 BadVersion "BAD_VERSION" "The frame is of another version.";
    2 BadHeader "BAD_HEADER" "The frame's header has bytes that must be zero.";
    3 UnknownKind "UNKNOWN_KIND" "There is no such kind of frame.";
    4 FrameTooLarge "FRAME_TOO_LARGE" "The frame is larger than its kind may be.";
    5 BadPayload "BAD_PAYLOAD" "The payload is no archive of its kind.";
    6 HelloExpected "HELLO_EXPECTED" "The first frame of a stream is a hello.";
    7 NotFromClient "NOT_FROM_CLIENT" "Frames of this kind come from the gateway.";
    8 Unauthorized "UNAUTHORIZED" "The hello was refused.";
    9 HelloTimeout "HELLO_TIMEOUT" "No hello came in time.";
    10 IdleTimeout "IDLE_TIMEOUT" "Nothing was asked for too long.";
    11 WriteTimeout "WRITE_TIMEOUT" "Answers were not taken in time.";
    12 Truncated "TRUNCATED" "The stream ended within a frame.";
    13 Draining "DRAINING" "The gateway is closing.";
    14 TooManyConnections "TOO_MANY_CONNECTIONS" "There is no room for another connection.";
    15 UnexpectedStream "UNEXPECTED_STREAM" "Streams are bidirectional and opened by clients.";
    16 Internal "INTERNAL" "The gateway has a fault.";
}
