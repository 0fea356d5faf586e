//! Request bodies: small ones whole, large ones in pieces, refused ones thrown away.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

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
pub(super) async fn whole(body: &mut Incoming, bytes_max: usize) -> Result<Bytes, BodyError> {
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

fn announces_more(body: &Incoming, bytes_max: usize) -> bool {
    let announced = body.size_hint().lower();
    announced > u64::try_from(bytes_max).unwrap_or(u64::MAX)
}

/// The next piece with bytes in it; trailers are skipped.
async fn next_data(body: &mut Incoming) -> Option<Result<Bytes, BodyError>> {
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
pub(super) async fn discard(headers: &HeaderMap, body: &mut Incoming) {
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

/// A large body in pieces, under its connection's watch.
pub(super) struct Pieces<'b> {
    body: &'b mut Incoming,
    watch: &'b Watch,
    left: u64,
    end: Instant,
    over: bool,
}

impl<'b> Pieces<'b> {
    /// At most `bytes_max` bytes, all of them before `end`.
    pub(super) fn new(
        body: &'b mut Incoming,
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
