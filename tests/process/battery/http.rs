//! HTTP/1.1 and HTTP/2, and what is told alike over each version of HTTP.

use std::rc::Rc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;

use super::site::Site;
use super::speaker::Speaker;
use super::told::Told;

/// Why a request got no answer.
pub(crate) type Lost = Box<dyn std::error::Error>;

/// A version of HTTP: a connection that carries one request after the other.
pub(crate) trait Carrier: Sized {
    async fn connect(site: &Site) -> Result<Self, Lost>;
    async fn carry(&mut self, request: Request<Bytes>) -> Result<(u16, Bytes), Lost>;

    /// Another hand on the same connection, where it carries several requests at once.
    fn fork(&self) -> Option<Self>;
}

pub(crate) struct Http1(http1::SendRequest<Full<Bytes>>);

impl Carrier for Http1 {
    async fn connect(site: &Site) -> Result<Self, Lost> {
        let stream = TokioIo::new(site.tcp(b"http/1.1").await?);
        let (sender, connection) = http1::handshake(stream).await?;
        drop(tokio::spawn(connection));
        Ok(Self(sender))
    }

    async fn carry(&mut self, request: Request<Bytes>) -> Result<(u16, Bytes), Lost> {
        self.0.ready().await?;
        let request = by_path(request).map(Full::new);
        let answer = self.0.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    fn fork(&self) -> Option<Self> {
        None
    }
}

/// As HTTP/1.1 spells it: a path, and the host in a header.
pub(crate) fn by_path<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path_and_query().unwrap().as_str();
    *request.uri_mut() = path.parse().unwrap();
    let host = HeaderValue::from_static("localhost");
    request.headers_mut().insert(HOST, host);
    request
}

pub(crate) struct Http2(http2::SendRequest<Full<Bytes>>);

impl Carrier for Http2 {
    async fn connect(site: &Site) -> Result<Self, Lost> {
        let stream = TokioIo::new(site.tcp(b"h2").await?);
        let (sender, connection) = Box::pin(http2::handshake(TokioExecutor::new(), stream)).await?;
        drop(tokio::spawn(connection));
        Ok(Self(sender))
    }

    async fn carry(&mut self, request: Request<Bytes>) -> Result<(u16, Bytes), Lost> {
        self.0.ready().await?;
        let answer = self.0.send_request(request.map(Full::new)).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    fn fork(&self) -> Option<Self> {
        Some(Self(self.0.clone()))
    }
}

/// A POST of JSON.
pub(crate) fn post(path: &str, token: &str, body: Bytes) -> Request<Bytes> {
    typed("application/json", path, token, body)
}

pub(crate) fn typed(kind: &str, path: &str, token: &str, body: Bytes) -> Request<Bytes> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("https://localhost{path}"))
        .header(CONTENT_TYPE, kind);
    let request = match token {
        "" => request,
        token => request.header(AUTHORIZATION, format!("Bearer {token}")),
    };
    request.body(body).unwrap()
}

/// Somebody who asks over a version of HTTP.
pub(crate) struct OverHttp<C> {
    site: Rc<Site>,
    carrier: Option<C>,
}

impl<C: Carrier> OverHttp<C> {
    pub(crate) fn new(site: &Rc<Site>) -> Self {
        Self {
            site: Rc::clone(site),
            carrier: None,
        }
    }

    /// One request over a connection of its own.
    pub(crate) fn once(site: &Site, path: &str, token: &str, body: String) -> (u16, Value) {
        let asked = async {
            let mut carrier = C::connect(site).await.unwrap();
            carrier.carry(post(path, token, body.into())).await.unwrap()
        };
        let (status, body) = site.wait(asked);
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// One request over the connection that is kept, or over another where that was closed after an
    /// answer (HTTP/1.1 closes after a body that nobody read).
    fn send(&mut self, path: &str, token: &str, body: &[u8]) -> (u16, Value) {
        let body = Bytes::copy_from_slice(body);
        let (site, kept) = (Rc::clone(&self.site), self.carrier.take());
        let asked = async {
            if let Some(mut carrier) = kept
                && let Ok(told) = carrier.carry(post(path, token, body.clone())).await
            {
                return (carrier, told);
            }
            let mut carrier = C::connect(&site).await.unwrap();
            let told = carrier.carry(post(path, token, body.clone())).await;
            (carrier, told.unwrap())
        };
        let (carrier, (status, body)) = self.site.wait(asked);
        self.carrier = Some(carrier);
        let said = serde_json::from_slice(&body);
        (status, said.unwrap_or_else(|_| panic!("{status} {body:?}")))
    }
}

impl<C: Carrier> Speaker for OverHttp<C> {
    fn ask(&mut self, token: &str, intent: &Value) -> Told {
        let path = "/api/gate/contact-intent?explain=true";
        Told::gate(&self.send(path, token, intent.to_string().as_bytes()).1)
    }

    fn ask_raw(&mut self, token: &str, body: &[u8]) -> Option<Told> {
        let path = "/api/gate/contact-intent?explain=true";
        Some(Told::gate(&self.send(path, token, body).1))
    }

    fn ask_all(&mut self, token: &str, intents: &[Value]) -> Vec<Told> {
        let path = "/api/gate/contact-intents?explain=true";
        let body = Value::from(intents).to_string();
        match self.send(path, token, body.as_bytes()).1 {
            Value::Array(all) => all.iter().map(Told::gate).collect(),
            one => vec![Told::gate(&one)],
        }
    }

    fn report(&mut self, token: &str, said: &Value) -> Told {
        let path = "/api/compliance/record-attempt";
        let (status, told) = self.send(path, token, said.to_string().as_bytes());
        Told::report(status, &told)
    }
}
