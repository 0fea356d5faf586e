//! Houses with more in them: a certificate, accounts on file.

use std::fs;

use rcgen::{CertifiedKey, KeyPair};

use crate::house::House;

impl House {
    /// Under TLS, with a pair of its own for this machine's names.
    pub(crate) fn with_tls(environment: &[(&str, &str)]) -> (Self, CertifiedKey<KeyPair>) {
        let mut all = vec![
            ("DIALGATE_TLS__CERT_FILE", "cert.pem"),
            ("DIALGATE_TLS__KEY_FILE", "key.pem"),
        ];
        all.extend(environment);
        let house = Self::with(&all);
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        fs::write(house.path("cert.pem"), made.cert.pem()).unwrap();
        fs::write(house.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        (house, made)
    }

    /// Brings a file of accounts to a tenant's data.
    pub(crate) fn import(&self, file: &str, tenant: &str) {
        let (config, data) = (self.arg("dialgate.toml"), self.arg("data"));
        let brought = self.run(&[
            "import",
            file,
            "--tenant",
            tenant,
            "--quiet",
            "--config",
            &config,
            "--data-dir",
            &data,
        ]);
        assert_eq!(brought.code, Some(0), "{brought:?}");
    }
}
