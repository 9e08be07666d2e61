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

/// What `check` says, with a filled-in configuration and this of the environment.
fn checked(lines: &str, environment: &[(&str, &str)]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sigma-gateway"));
        for name in ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"] {
            program.env_remove(name);
        }
        program.current_dir(folder.path());
        program
    };
    assert!(program().arg("init").output().unwrap().status.success());
    let file = folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("\"…\"", "\"id\"").replace("OIDC_CLIENT_SECRET", "WORD");
    std::fs::write(&file, format!("{lines}\n{text}")).unwrap();
    let secret = folder.path().join("sigma.secret");
    std::fs::write(&secret, "s3cret").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ended = program().arg("check").env("WORD", "a").envs(environment.iter().copied()).output().unwrap();
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (said(ended.stdout), said(ended.stderr));
    assert!(ended.status.success(), "{out}{err}");
    (out, err)
}

#[test]
fn check_names_the_proxy_of_the_file_or_of_the_environment() {
    let way = |lines: &str, environment: &[(&str, &str)]| {
        let (out, err) = checked(lines, environment);
        assert_eq!(err, "");
        out.lines().find_map(|line| line.strip_prefix("providers are asked through ")).map(str::to_owned)
    };
    let upper = ("HTTPS_PROXY", "http://user:marker@upper.example:8080");
    let lower = ("https_proxy", "http://lower.example:8080");
    let own = "[outbound]\nproxy = \"http://own.example:3128\"";
    for (lines, environment, expected) in [
        ("", &[][..], None),
        ("", &[upper], Some("http://upper.example:8080 (HTTPS_PROXY)")),
        ("", &[upper, lower], Some("http://lower.example:8080 (https_proxy)")),
        ("", &[("HTTPS_PROXY", "")], None),
        ("", &[("HTTP_PROXY", "http://other.example:8080")], None),
        (own, &[upper], Some("http://own.example:3128 (outbound.proxy)")),
        ("[outbound]\nproxy = \"none\"", &[upper], None),
    ] {
        assert_eq!(way(lines, environment).as_deref(), expected, "{lines} {environment:?}");
    }
    let (_, err) = checked("", &[("HTTPS_PROXY", "socks5://user:marker@a.example")]);
    assert!(
        err.contains("warning: ") && err.contains("HTTPS_PROXY: not an http proxy") && !err.contains("marker"),
        "{err}"
    );
}
