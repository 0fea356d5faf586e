//! The HTTP side of commands that speak to a running server: one request, one bounded answer.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;

use super::exit::{Exit, Failure};
use super::upload::Upload;
use crate::gateway::take_in::HEAD;

/// An answer is read up to here, bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A request and its answer take at most this long, seconds. An import of millions of rows is one.
const EXCHANGE_MAX_S: u64 = 3_600;

/// A server, whom it must prove to be, and the credential it is asked with.
#[derive(Debug, Clone)]
pub(super) struct Server {
    base: String,
    token: String,
    trust: ClientConfig,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) body: Bytes,
}

/// What a request says of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// `application/json`.
    Json,
    /// `text/csv`.
    Csv,
}

impl Server {
    /// A server by its URL, as in `http://127.0.0.1:9033`. For `https`, the certificates in
    /// `ca_file` are trusted and no others; without it those the system trusts.
    pub(super) fn new(url: &str, token: &str, ca_file: Option<&Path>) -> Result<Self, Failure> {
        let base = url.trim_end_matches('/');
        let origin = |uri: &Uri| uri.host().is_some() && uri.path() == "/";
        let uri = base.parse::<Uri>().ok().filter(origin);
        let trust = match uri.as_ref().and_then(Uri::scheme_str) {
            Some("https") => trust::configured(ca_file)?,
            Some("http") => trust::nobody()?,
            _ => {
                let what = "--server: expected http://HOST:PORT or https://HOST:PORT";
                return Err(Failure::new(Exit::Usage, what));
            }
        };
        Ok(Self {
            base: base.to_owned(),
            token: token.trim().to_owned(),
            trust,
        })
    }

    /// A line to the server that is kept open between requests.
    pub(super) fn session(&self) -> Session {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(self.trust.clone())
            .https_or_http()
            .enable_http1()
            .build();
        Session {
            client: Client::builder(TokioExecutor::new()).build(connector),
            server: self.clone(),
        }
    }

    /// Sends one POST and reads the answer. Not cancellation safe: the server may have acted.
    pub(super) async fn post(
        &self,
        path: &str,
        content: Content,
        body: Upload,
    ) -> Result<Answer, Failure> {
        let media = match content {
            Content::Json => "application/json",
            Content::Csv => "text/csv",
        };
        let parcel = Parcel {
            path,
            media,
            behind: None,
            body,
            within: Duration::from_secs(EXCHANGE_MAX_S),
        };
        Ok(self.session().send(parcel).await?.0)
    }
}

/// What is sent.
pub(super) struct Parcel<'a> {
    /// Route.
    pub(super) path: &'a str,
    /// Media type of the body.
    pub(super) media: &'a str,
    /// The head of the chain that this upload continues from.
    pub(super) behind: Option<String>,
    /// The body.
    pub(super) body: Upload,
    /// Longest time for all of it.
    pub(super) within: Duration,
}

/// A server and an open line to it.
#[derive(Debug, Clone)]
pub(super) struct Session {
    client: Client<HttpsConnector<HttpConnector>, Upload>,
    server: Server,
}

impl Session {
    /// The server's URL.
    pub(super) fn base(&self) -> &str {
        &self.server.base
    }

    /// Sends one POST and reads the answer, and the head of the chain that it names. Not
    /// cancellation safe: the server may have acted.
    pub(super) async fn send(
        &self,
        parcel: Parcel<'_>,
    ) -> Result<(Answer, Option<String>), Failure> {
        let Server { base, token, .. } = &self.server;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{base}{}", parcel.path))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", parcel.media);
        if let Some(head) = parcel.behind {
            request = request.header("dialgate-if-head", head);
        }
        let request = request
            .body(parcel.body)
            .map_err(|_invalid| Failure::new(Exit::Usage, "--token is not a token"))?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|error| {
                Failure::new(Exit::Unreachable, format_args!("{base}: {}", chain(&error)))
            })?;
            let status = answer.status().as_u16();
            let head = answer
                .headers()
                .get(HEAD)
                .and_then(|head| head.to_str().ok());
            let head = head.map(ToOwned::to_owned);
            let whole = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
                .collect()
                .await;
            let body = whole
                .map_err(|error| Failure::new(Exit::InputOutput, error))?
                .to_bytes();
            Ok((Answer { status, body }, head))
        };
        tokio::time::timeout(parcel.within, exchange)
            .await
            .map_err(|_elapsed| Failure::new(Exit::TemporaryFailure, "no answer in time"))?
    }
}

impl Answer {
    /// The failure a status other than 200 stands for.
    pub(super) fn failure(&self) -> Failure {
        #[derive(serde::Deserialize)]
        struct Problem {
            title: Option<String>,
            detail: Option<String>,
        }
        let exit = match self.status {
            401 | 403 => Exit::NoPermission,
            429 | 500.. => Exit::TemporaryFailure,
            _ => Exit::BadInput,
        };
        let problem = serde_json::from_slice::<Problem>(&self.body).ok();
        let told = problem
            .and_then(|told| told.detail.or(told.title))
            .unwrap_or_default();
        Failure::new(
            exit,
            format_args!("the server answered {} {told}", self.status),
        )
    }
}

/// Runs one exchange on a runtime of its own.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Fault, error))?;
    runtime.block_on(work)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
mod trust;
