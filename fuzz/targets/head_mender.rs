#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sigma_gateway::fuzzing::head_mender(data));
