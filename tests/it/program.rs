//! The program itself, as it was built.

use std::process::Command;

#[test]
fn the_allocators_caches_are_as_large_as_the_build_settings_say() {
    let settings = include_str!("../../.cargo/config.toml");
    let (_, value) = settings.split_once("JEMALLOC_SYS_WITH_MALLOC_CONF = \"").unwrap();
    let (value, _) = value.split_once('"').unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_sigma-gateway"));
    let ended = program.arg("--version").env("_RJEM_MALLOC_CONF", "stats_print:true").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    for setting in value.split(',') {
        let line = format!("opt.{}", setting.replacen(':', ": ", 1));
        assert!(said.lines().any(|said| said.trim() == line), "{line} is not in force:\n{said}");
    }
}
