# Shortcuts; `.ci/run` is what must hold.

default:
    @just --list

# The gateway and stand-ins for everything around it
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Every test that needs no other program
test *ARGS:
    cargo test {{ARGS}}

# Format, then lints with warnings denied
lint:
    cargo fmt
    cargo clippy --all-targets -- -D warnings
    scripts/lint-node --fix
    scripts/lint-shell

# API documentation with warnings denied
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# The JSON Schema of the configuration, for editors
schema:
    cargo run --quiet -- schema

# Licences, bans, sources, advisories
audit:
    scripts/audit

# Chromium and Firefox against the demo
browser *ARGS:
    scripts/browser {{ARGS}}

# The embed page's script in Chromium and Firefox
embed-page *ARGS:
    scripts/embed-page {{ARGS}}

# Signed URLs under other eyes: jose, PyJWT, Sigma's embed SDK
tokens *ARGS:
    scripts/tokens {{ARGS}}

# No secret in any sink, and the exact headers of our own answers
leaks *ARGS:
    scripts/leaks {{ARGS}}

# Forged identities and smuggled requests, read by real servers
upstreams *ARGS:
    scripts/upstreams {{ARGS}}

# h2spec, strict, over TLS
h2spec *ARGS:
    scripts/h2spec {{ARGS}}

# Sign-ins with a provider that behaves as real ones do, each with its asserted outcome
laboratory *ARGS:
    scripts/laboratory {{ARGS}}

# Answers whose framing lies, on the browser's wire and behind load balancers
wire *ARGS:
    scripts/wire {{ARGS}}

# Answers and requests as they were seen in the field, and real collections of pages
field *ARGS:
    scripts/field {{ARGS}}

# Keycloak, oidc-provider and zitadel/oidc
providers *ARGS:
    scripts/providers {{ARGS}}

# DokuWiki, Tomcat, Node-RED, JupyterLab and Redmine, with and without the gateway
applications *ARGS:
    scripts/applications {{ARGS}}

# The program as it is shipped: compiled for what it does most
dist *ARGS:
    scripts/dist {{ARGS}}

# CPU, rate and memory against nginx and Apache
bench *ARGS:
    scripts/bench {{ARGS}}

# Instructions of each pure stage, against their record
bench-stages *ARGS:
    scripts/bench-stages {{ARGS}}

# The pictures in docs/screenshots
screenshots:
    scripts/browser --screenshots

# Everything, as CI does
ci *STEPS:
    .ci/run {{STEPS}}
