//! What becomes of the lines of one kind of stream.

use std::rc::Rc;

use crate::wire::lines::Line;

/// The credential has ended, or no longer allows this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential has ended")]
pub(super) struct Ended;

/// The machine code of it.
pub(super) const TOKEN_EXPIRED: &str = "token_expired";
/// Its sentence.
pub(super) const TOKEN_EXPIRED_MESSAGE: &str = "The token has expired, or its key was withdrawn.";

/// One kind of stream.
pub(super) trait Lane: 'static {
    /// Lines that are taken up together.
    type Slice: 'static;

    /// Lines under way at most.
    const WINDOW: usize;

    /// Looks at the credential, and waits for a turn where there are turns.
    ///
    /// # Errors
    /// [`Ended`]: the stream goes no further.
    fn open(self: &Rc<Self>) -> impl Future<Output = Result<Self::Slice, Ended>> + 'static;

    /// Lines a slice takes at most.
    fn slice_max(slice: &Self::Slice) -> usize;

    /// Reads a line into a slice.
    fn take(&self, slice: &mut Self::Slice, line: Line);

    /// Submits a slice when first polled, and gives its answers, each with the end of its line.
    fn answers(self: &Rc<Self>, slice: Self::Slice) -> impl Future<Output = Vec<u8>> + 'static;

    /// The last answer of a stream whose credential has ended.
    fn ended(&self, line: u64) -> Vec<u8>;
}
