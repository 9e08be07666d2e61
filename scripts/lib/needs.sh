# shellcheck shell=bash
# What the scripts need: programs, the binary under test, packages of npm and PyPI. Sourced from the root of the
# repository.

# one_at_a_time COMMAND…: suites run side by side, and want the same packages: each looks again, once it is alone.
one_at_a_time() {
  if [[ -n "${is_alone:-}" ]] || ! command -v flock >/dev/null; then
    "$@"
    return
  fi
  mkdir -p target/tools
  (
    flock 9
    is_alone=true
    "$@" 9>&-
  ) 9>target/tools/.lock
}

is_installed() { [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }

# needs PROGRAM[=PACKAGE]… or =PACKAGE…
# A program that is missing is installed with its Debian package (of the same name unless told) under CI=true; elsewhere
# the script ends with a line that names the packages. `=PACKAGE` is one without a program to look for.
needs() {
  local need program package missing=()
  for need in "$@"; do
    program=${need%%=*}
    package=${need#*=}
    if [[ -n "$program" ]]; then
      command -v "$program" >/dev/null || missing+=("$package")
    else
      is_installed "$package" || missing+=("$package")
    fi
  done
  if ((${#missing[@]} == 0)); then return; fi
  if [[ "${CI:-}" != true ]]; then
    echo "${0##*/}: please install: ${missing[*]}" >&2
    exit 1
  fi
  echo "${0##*/}: installing ${missing[*]}"
  one_at_a_time install_packages "${missing[@]}"
}

install_packages() { # PACKAGE…
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  "${apt[@]}" update
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

# needs_binary PROFILE: sets `binary`, to what SIGMA_GATEWAY names or to what is built here.
needs_binary() {
  binary=${SIGMA_GATEWAY:-target/$1/sigma-gateway}
  if [[ -z "${SIGMA_GATEWAY:-}" ]]; then cargo build --profile "$1" --locked --bin sigma-gateway; fi
}

# needs_npm SUITE…: what the lock files of these folders of tests/ name. Debian's Node can be too old: it has to be
# there.
needs_npm() {
  local suite
  if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; then
    echo "${0##*/}: please install: Node 20 or later, with npm" >&2
    exit 1
  fi
  for suite in "$@"; do
    if ! has_npm "$suite"; then one_at_a_time install_npm "$suite"; fi
  done
}

has_npm() { cmp -s "tests/$1/node_modules/.installed" "tests/$1/package-lock.json"; } # SUITE

install_npm() { # SUITE
  if has_npm "$1"; then return; fi
  npm ci --prefix "tests/$1" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "tests/$1/package-lock.json" "tests/$1/node_modules/.installed"
}

# needs_pypi FOLDER PACKAGE==VERSION…: in a virtual environment of their own.
needs_pypi() {
  if ! has_pypi "$@"; then one_at_a_time install_pypi "$@"; fi
}

has_pypi() { [[ "$(cat "$1/versions" 2>/dev/null || true)" == "${*:2}" ]]; }

install_pypi() { # FOLDER PACKAGE==VERSION…
  if has_pypi "$@"; then return; fi
  local folder=$1
  shift
  needs python3
  python3 -c 'import ensurepip' 2>/dev/null || needs "=python3-venv"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  echo "$*" >"$folder/versions"
}

# needs_shipped_binary: sets `binary`, to what SIGMA_GATEWAY names or to what scripts/dist builds.
needs_shipped_binary() {
  # shellcheck disable=SC2034 # it is read by the script that sources this file
  binary=${SIGMA_GATEWAY:-target/shipped/dist/sigma-gateway}
  if [[ -z "${SIGMA_GATEWAY:-}" ]]; then scripts/dist; fi
}

# needs_profdata: sets `profdata`, to the tool of this very compiler that merges its profiles.
needs_profdata() {
  profdata=$(rustc --print target-libdir)/../bin/llvm-profdata
  if [[ -x "$profdata" ]]; then return; fi
  if [[ "${CI:-}" != true ]]; then
    echo "${0##*/}: please install: rustup component add llvm-tools" >&2
    exit 1
  fi
  one_at_a_time rustup component add llvm-tools
}
