#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sigma_gateway::fuzzing::http2_heads(data));
