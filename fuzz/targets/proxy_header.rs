#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sigma_gateway::fuzzing::proxy_header(data));
