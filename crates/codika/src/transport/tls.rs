use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// TLS with ring and the system's trusted certificates, read once per process.
///
/// Without `https` nothing is trusted and nothing read: redirects are not followed, so such a
/// client never speaks TLS, and it works where no certificates are installed.
pub(super) fn config(https: bool) -> Result<ClientConfig, rustls::Error> {
    static TRUSTING: OnceLock<ClientConfig> = OnceLock::new();
    if !https {
        return Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    if let Some(config) = TRUSTING.get() {
        return Ok(config.clone());
    }
    let config = builder()?.with_platform_verifier()?.with_no_client_auth();
    Ok(TRUSTING.get_or_init(|| config).clone())
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder() -> Result<Builder, rustls::Error> {
    // Named here rather than taken from the process: it must not matter who started first.
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()
}
