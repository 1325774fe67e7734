//! Algorithms that old devices have, and nobody should: for those servers alone that are marked so.

use russh::{Preferred, cipher, kex, mac};

/// Behind the usual ones, so that they are taken only where there is nothing better.
pub(super) fn preferred() -> Preferred {
    let usual = Preferred::DEFAULT;
    let kex = with(
        &usual.kex,
        &[
            kex::ECDH_SHA2_NISTP256,
            kex::ECDH_SHA2_NISTP384,
            kex::ECDH_SHA2_NISTP521,
            kex::DH_GEX_SHA1,
            kex::DH_G14_SHA1,
            kex::DH_G1_SHA1,
        ],
    );
    let cipher = with(
        &usual.cipher,
        &[
            cipher::AES_256_CBC,
            cipher::AES_192_CBC,
            cipher::AES_128_CBC,
            #[cfg(feature = "ssh-des")]
            cipher::TRIPLE_DES_CBC,
        ],
    );
    let mac = with(&usual.mac, &[mac::HMAC_SHA1_ETM, mac::HMAC_SHA1]);
    Preferred { kex: kex.into(), cipher: cipher.into(), mac: mac.into(), ..usual }
}

fn with<T: Copy>(usual: &[T], more: &[T]) -> Vec<T> {
    usual.iter().chain(more).copied().collect()
}
