//! Request bodies: small ones whole, large ones in pieces, refused ones thrown away.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::watch::Watch;
use crate::gateway::door::{ChunkError, Chunks};
use crate::wire::limits::DISCARD_BYTES_MAX;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// Over the bound, as announced or as counted.
    #[error("the body is too large")]
    TooLarge,
    /// The client broke off or framed it wrongly.
    #[error("the body broke off")]
    BrokenOff,
    /// Not of the route's type; which header says so.
    #[error("the content type is not the route's")]
    WrongType(&'static str),
}

/// A request's body, whichever protocol brought it. Routes know no other.
pub(super) enum RequestBody {
    /// Of HTTP/1.1 or h2, as hyper reads it.
    Hyper(Incoming),
    /// Of a protocol that hyper does not speak; behind a pointer, so that its state makes no room in
    /// the futures of the two others.
    Http3(Pin<Box<dyn Body<Data = Bytes, Error = BodyError>>>),
}

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        Self::Hyper(body)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Hyper(body) => Pin::new(body)
                .poll_frame(cx)
                .map_err(|_broken| BodyError::BrokenOff),
            Self::Http3(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Hyper(body) => body.is_end_stream(),
            Self::Http3(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Hyper(body) => body.size_hint(),
            Self::Http3(body) => body.size_hint(),
        }
    }
}

/// Whether the body is of one of the types given, parameters aside, and not encoded.
pub(super) fn check_type(headers: &HeaderMap, types: &[&str]) -> Result<(), BodyError> {
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(BodyError::WrongType("Content-Encoding"));
    }
    let found = headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let bare = found.and_then(|bytes| bytes.split(|byte| *byte == b';').next());
    let bare = bare.unwrap_or_default().trim_ascii();
    let known = types
        .iter()
        .any(|known| bare.eq_ignore_ascii_case(known.as_bytes()));
    known
        .then_some(())
        .ok_or(BodyError::WrongType("Content-Type"))
}

/// Reads a body of at most `bytes_max`. The usual one arrives in one piece and is not copied.
///
/// Not cancellation safe: what was read is lost.
pub(super) async fn whole(body: &mut RequestBody, bytes_max: usize) -> Result<Bytes, BodyError> {
    if announces_more(body, bytes_max) {
        return Err(BodyError::TooLarge);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(piece) = next_data(body).await {
        let piece = piece?;
        if first.len() + rest.len() + piece.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        if first.is_empty() && rest.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&std::mem::take(&mut first));
            rest.extend_from_slice(&piece);
        }
        if body.is_end_stream() {
            break;
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    Ok(rest.freeze())
}

fn announces_more(body: &RequestBody, bytes_max: usize) -> bool {
    let announced = body.size_hint().lower();
    announced > u64::try_from(bytes_max).unwrap_or(u64::MAX)
}

/// The next piece with bytes in it; trailers are skipped.
async fn next_data(body: &mut RequestBody) -> Option<Result<Bytes, BodyError>> {
    loop {
        match body.frame().await? {
            Err(_broken) => return Some(Err(BodyError::BrokenOff)),
            Ok(frame) => {
                if let Ok(data) = frame.into_data()
                    && !data.is_empty()
                {
                    return Some(Ok(data));
                }
            }
        }
    }
}

/// Reads and forgets what is left of a refused body, within [`DISCARD_BYTES_MAX`]: a connection
/// closed on unread bytes is reset, and the refusal would not be heard. A client that waits to be
/// told to go on is not told.
pub(super) async fn discard(headers: &HeaderMap, body: &mut RequestBody) {
    if headers.contains_key(EXPECT) || announces_more(body, DISCARD_BYTES_MAX) {
        return;
    }
    let mut count = 0_usize;
    while let Some(Ok(piece)) = next_data(body).await {
        count = count.saturating_add(piece.len());
        if count > DISCARD_BYTES_MAX || body.is_end_stream() {
            return;
        }
    }
}

/// Reads and forgets what has come of a refused body that may never end, within
/// [`DISCARD_BYTES_MAX`]: whoever streams may wait to be answered before it sends.
pub(super) async fn discard_what_came(headers: &HeaderMap, body: &mut RequestBody) {
    if body.size_hint().exact().is_some() {
        return discard(headers, body).await;
    }
    if headers.contains_key(EXPECT) {
        return;
    }
    let (mut count, mut silent) = (0_usize, 0);
    while count <= DISCARD_BYTES_MAX && silent < 2 {
        match at_hand(body).await {
            Poll::Ready(Some(Ok(piece))) => (count, silent) = (count + piece.len(), 0),
            Poll::Ready(_over) => return,
            Poll::Pending => {
                silent += 1;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Tells a client that waits for it to go on: a body that is asked for is. A piece that is there is
/// given back.
pub(super) async fn begin(body: &mut RequestBody) -> Option<Bytes> {
    let first = at_hand(body).await;
    // hyper says so between two looks at the answer.
    tokio::task::yield_now().await;
    match first {
        Poll::Ready(Some(Ok(piece))) => Some(piece),
        // What ended or broke off will say so again.
        Poll::Ready(_) | Poll::Pending => None,
    }
}

/// What [`next_data`] gives without waiting.
async fn at_hand(body: &mut RequestBody) -> Poll<Option<Result<Bytes, BodyError>>> {
    let mut next = pin!(next_data(body));
    poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await
}

/// A large body in pieces, under its connection's watch.
pub(super) struct Pieces<'b> {
    body: &'b mut RequestBody,
    watch: &'b Watch,
    left: u64,
    end: Instant,
    over: bool,
}

impl<'b> Pieces<'b> {
    /// At most `bytes_max` bytes, all of them before `end`.
    pub(super) fn new(
        body: &'b mut RequestBody,
        watch: &'b Watch,
        bytes_max: u64,
        end: Instant,
    ) -> Self {
        Self {
            body,
            watch,
            left: bytes_max,
            end,
            over: false,
        }
    }

    fn stop(&mut self, why: ChunkError) -> Result<Bytes, ChunkError> {
        self.over = true;
        Err(why)
    }
}

impl Chunks for Pieces<'_> {
    async fn next(&mut self) -> Option<Result<Bytes, ChunkError>> {
        if self.over {
            return None;
        }
        if self.body.size_hint().lower() > self.left {
            return Some(self.stop(ChunkError::TooLarge));
        }
        self.watch.expect_piece(self.end);
        let piece = next_data(self.body).await;
        self.watch.work();
        match piece {
            None => {
                self.over = true;
                None
            }
            Some(Err(_why)) => Some(self.stop(ChunkError::BrokenOff)),
            Some(Ok(piece)) => {
                let count = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                match self.left.checked_sub(count) {
                    Some(left) => {
                        self.left = left;
                        Some(Ok(piece))
                    }
                    None => Some(self.stop(ChunkError::TooLarge)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn types_are_compared_without_parameters_and_case() {
        let check = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            check_type(&headers, &["application/json"])
        };
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=utf-8",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let wrong = Err(BodyError::WrongType("Content-Type"));
        for bad in [
            "",
            "text/json",
            "application/jsonp",
            "text/plain; application/json",
        ] {
            assert_eq!(check(bad), wrong, "{bad}");
        }
        assert_eq!(check_type(&HeaderMap::new(), &["application/json"]), wrong);
    }

    /// What hyper did not read is read by the same code under the same bounds.
    #[test]
    fn a_body_from_elsewhere_is_read_whole_and_bounded() {
        let read = |announced: &'static [u8], bytes_max| {
            let body = http_body_util::Full::new(Bytes::from_static(announced));
            let body = body.map_err(|never| match never {});
            let mut body = RequestBody::Http3(Box::pin(body));
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let mut reading = std::pin::pin!(whole(&mut body, bytes_max));
            match reading.as_mut().poll(&mut cx) {
                Poll::Ready(read) => read,
                Poll::Pending => Err(BodyError::BrokenOff),
            }
        };
        assert_eq!(read(b"twelve gates", 12), Ok(Bytes::from("twelve gates")));
        assert_eq!(read(b"twelve gates", 11), Err(BodyError::TooLarge));
        assert_eq!(read(b"", 0), Ok(Bytes::new()));
    }

    #[test]
    fn encoded_bodies_are_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        assert_eq!(check_type(&headers, &["text/csv"]), Ok(()));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let wrong = BodyError::WrongType("Content-Encoding");
        assert_eq!(check_type(&headers, &["text/csv"]), Err(wrong));
    }
}
