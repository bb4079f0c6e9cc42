# shellcheck shell=bash
# Sourced by the scripts that need more than Rust.

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$0: $*"
    exit 1
}

# install_missing PACKAGE...: with apt-get, as root or with sudo.
install_missing() {
    [ "$#" -gt 0 ] || return 0
    local as_root=()
    command -v apt-get >/dev/null || fail "please install what Debian calls: $*"
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            [ -t 0 ] && command -v sudo >/dev/null || fail "please install these packages as root: apt-get install $*"
        fi
        as_root=(sudo)
    fi
    say "Installing $*"
    # A list of packages that was never fetched knows none of them; one that is old may know versions that are gone.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c '
        install() { apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null; }
        install "$@" 2>/dev/null || { apt-get update -qq && install "$@"; }' install "$@" ||
        fail "apt-get could not install: $*"
}

# The directory with the newest of PostgreSQL's server binaries; fails where there are none.
postgres_binaries() {
    local found
    found=$(find /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)
    [ -n "$found" ] || found=$(command -v initdb) || return 1
    dirname "$(readlink -f "$found")"
}

# Where the Python clients of the black-box tests are.
test_venv() {
    realpath -m "${CARGO_TARGET_DIR:-target}/test-venv"
}

# Where the npm packages of the black-box tests are, with a link to the journey that imports them.
test_node() {
    realpath -m "${CARGO_TARGET_DIR:-target}/test-node"
}

# Where the journey of the Rust client is built.
test_rust_gitlab() {
    realpath -m "${CARGO_TARGET_DIR:-target}/test-rust-gitlab"
}

# The journeys of clients that have to be installed or built.
journeys=crates/cli/tests/blackbox/journeys
