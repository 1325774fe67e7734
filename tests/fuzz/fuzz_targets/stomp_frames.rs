//! Any bytes as they might come from a broker, cut into any reads.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (reads_of, bytes) = input;
    litemon_core::probe::stomp::fuzz::frames(bytes, usize::from(reads_of));
});
