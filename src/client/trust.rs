//! Believing the gateway over QUIC.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{TransportConfig, VarInt};
use rustls::ClientConfig;

use super::limits::{GONE_MS, KEEP_ALIVE_MS};
use crate::trust::TrustFault;
use crate::wire::frame::ALPN;

/// Believes whom `trust` believes, with frames over QUIC. No early data: a question that arrives twice is asked twice.
pub(super) fn over_quic(trust: &ClientConfig) -> Result<quinn::ClientConfig, TrustFault> {
    let mut trust = trust.clone();
    trust.alpn_protocols = vec![ALPN.to_vec()];
    trust.enable_early_data = false;
    let crypto = QuicClientConfig::try_from(trust).map_err(|_no_suite| TrustFault::Setup)?;
    let mut transport = TransportConfig::default();
    let silence = Duration::from_millis(GONE_MS).try_into();
    transport
        .max_idle_timeout(Some(silence.map_err(|_too_long| TrustFault::Setup)?))
        .keep_alive_interval(Some(Duration::from_millis(KEEP_ALIVE_MS)))
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(0));
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    Ok(config)
}
