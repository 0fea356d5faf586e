//! A request body read from a file as it is sent, so that its size costs no memory.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Bytes read and sent at a time.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// A body of known length. Reading blocks: the command has nothing else to do meanwhile.
pub(super) struct Upload {
    source: Box<dyn Read + Send>,
    left: u64,
}

impl Upload {
    /// Sends `length` bytes of `source`.
    pub(super) fn new(source: impl Read + Send + 'static, length: u64) -> Self {
        Self {
            source: Box::new(source),
            left: length,
        }
    }

    /// Sends text.
    pub(super) fn text(text: String) -> Self {
        let length = text.len() as u64;
        Self::new(io::Cursor::new(text), length)
    }

    /// Sends a part of a file with what it needs around it.
    pub(super) fn of_part(before: Vec<u8>, body: Bytes, behind: &'static [u8]) -> Self {
        let length = (before.len() + body.len() + behind.len()) as u64;
        let source = io::Cursor::new(before).chain(io::Cursor::new(body));
        Self::new(source.chain(behind), length)
    }

    /// The bytes, for a reader in this process.
    pub(super) fn into_reader(self) -> Box<dyn Read + Send> {
        self.source
    }

    /// The next piece; a source that ends early is an error, because the length was promised.
    fn next(&mut self) -> io::Result<Bytes> {
        let most = usize::try_from(self.left).map_or(CHUNK_BYTES_MAX, |n| n.min(CHUNK_BYTES_MAX));
        let mut chunk = vec![0; most];
        let read = self.source.read(&mut chunk)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        chunk.truncate(read);
        self.left -= read as u64;
        Ok(chunk.into())
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(self.next().map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_sent_in_pieces_to_its_promised_length() {
        let length = CHUNK_BYTES_MAX + 3;
        let mut upload = Upload::new(io::repeat(7), length as u64);
        assert_eq!(upload.size_hint().exact(), Some(65_539));
        assert_eq!(upload.next().unwrap().len(), CHUNK_BYTES_MAX);
        assert_eq!(upload.next().unwrap(), Bytes::from_static(&[7, 7, 7]));
        assert!(upload.is_end_stream());
    }

    #[test]
    fn a_part_is_sent_with_what_is_around_it() {
        let mut upload = Upload::of_part(b"[".to_vec(), Bytes::from_static(b"1,2"), b"]");
        let mut sent = Vec::new();
        while !upload.is_end_stream() {
            sent.extend_from_slice(&upload.next().unwrap());
        }
        assert_eq!(sent, b"[1,2]");
    }

    #[test]
    fn a_source_that_ends_early_is_an_error() {
        let mut upload = Upload::new(io::empty(), 1);
        assert_eq!(
            upload.next().unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
    }
}
