//! Looking after addresses: whether they answer, so that calls go where somebody does.

use std::sync::atomic::Ordering;

use http::{Method, Request};

use super::Upstream;
use super::body::Outbound;
use super::connect::reach;
use super::site::Site;

impl Upstream {
    /// Probes every address once and notes whether it answered; true when any of them changed.
    ///
    /// Cancellation: addresses not yet reached stay as they were.
    pub async fn probe(&self) -> bool {
        let mut changed = false;
        for site in &self.sites {
            let healthy = self.answers(site).await;
            changed |= site.healthy.swap(healthy, Ordering::Relaxed) != healthy;
        }
        changed
    }

    /// Whether an address answers. A connection of its own: one that was kept would say nothing of
    /// whether another can be had.
    async fn answers(&self, site: &Site) -> bool {
        let (timeout, tls) = (self.options.connect_timeout, self.tls.as_ref());
        let Some(path) = &self.health_path else {
            return reach(&site.address, tls, timeout).await.is_ok();
        };
        let asked = async {
            let mut line = super::connect::connect(&site.address, tls, timeout)
                .await
                .ok()?;
            let mut request = Request::new(Outbound::default());
            *request.method_mut() = Method::GET;
            super::call::address_to(&mut request, path, site, &line);
            super::call::status_of(&mut line, request).await
        };
        // What answers with an error of its own is no better than what is silent.
        matches!(tokio::time::timeout(timeout, asked).await, Ok(Some(status)) if status < 500)
    }
}
