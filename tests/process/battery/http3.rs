//! HTTP/3, by the client half of `h3`.

use bytes::{Buf as _, Bytes};
use h3::client::SendRequest;
use http::Request;

use super::http::{Carrier, Lost};
use super::site::Site;

pub(crate) struct Http3 {
    sender: SendRequest<h3_quinn::OpenStreams, Bytes>,
    endpoint: quinn::Endpoint,
}

impl Carrier for Http3 {
    async fn connect(site: &Site) -> Result<Self, Lost> {
        let (endpoint, connection) = site.quic(b"h3").await?;
        let connection = h3_quinn::Connection::new(connection);
        let (mut driver, sender) = Box::pin(h3::client::new(connection)).await?;
        drop(tokio::spawn(async move { driver.wait_idle().await }));
        Ok(Self { sender, endpoint })
    }

    async fn carry(&mut self, request: Request<Bytes>) -> Result<(u16, Bytes), Lost> {
        let (head, body) = request.into_parts();
        let mut stream = self
            .sender
            .send_request(Request::from_parts(head, ()))
            .await?;
        // A server that has heard enough may say so before the end of the body.
        drop(stream.send_data(body).await);
        drop(stream.finish().await);
        let status = stream.recv_response().await?.status().as_u16();
        let mut body = Vec::new();
        while let Some(mut piece) = stream.recv_data().await? {
            let count = piece.remaining();
            body.extend_from_slice(&piece.copy_to_bytes(count));
        }
        Ok((status, body.into()))
    }

    fn fork(&self) -> Option<Self> {
        Some(Self {
            sender: self.sender.clone(),
            endpoint: self.endpoint.clone(),
        })
    }
}
