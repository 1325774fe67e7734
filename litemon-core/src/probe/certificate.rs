//! X.509 certificates, as far as a check reads them.

use std::time::Duration;

use x509_cert::{Certificate, der::Decode};

use crate::model::Timestamp;

/// The last moment at which a certificate (DER, as it comes over TLS) holds; `None` when it cannot be
/// read.
pub(crate) fn not_after(der: &[u8]) -> Option<Timestamp> {
    let certificate = Certificate::from_der(der).ok()?;
    let since_epoch = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Some(Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).ok()?))
}

/// `1 day`, `20 days`, below a day `5 h`.
pub(crate) fn words(time: Duration) -> String {
    let hours = time.as_secs() / 3600;
    match hours {
        0..24 => format!("{hours} h"),
        24..48 => "1 day".to_owned(),
        _ => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    /// Made by `openssl ca -selfsign -startdate 20200101000000Z -enddate 20210102030405Z`.
    const EXPIRED: &str = "MIIBEjCBuQIUYIhAB1eC8lbfoNDjZzD3YAnMUZIwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBeDAeFw0yMDAx\
        MDEwMDAwMDBaFw0yMTAxMDIwMzA0MDVaMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
        AAS2cBqJGwVb2g5JMW+7nLHcDrVuRs2Ng6AHCZl4uq7YPnRqCtdo2XNrK5wfbhgj3XHdbKWxGqxTL7LZey+s\
        3MY6MAoGCCqGSM49BAMCA0gAMEUCIQDMhW9rXFp86oLbO+N3uFbbB/Su92w+ZaV7Ki24XqWaTQIgcw5uYQUw\
        aWIj6zYuE4k1n/0lblY1VzkMWCQD+OC4zRg=";

    #[test]
    fn the_end_is_read() {
        let der = STANDARD.decode(EXPIRED).unwrap();
        assert_eq!(not_after(&der).unwrap().to_string(), "2021-01-02T03:04:05Z");
        assert_eq!(not_after(&der[..der.len() - 1]), None);
        assert_eq!(not_after(b""), None);
    }
}
