#!/usr/bin/env bash
# Builds, tests and runs aquatint on other releases of Debian, which have other FFmpeg libraries: `make platforms`.
# Each release is a chroot that debootstrap makes, installed as README.md says and then by `make setup`. Only Rust and
# the crates' sources come from this machine. Needs root and debootstrap.
#
#     packaging/platforms.sh [SUITE…]        default: trixie sid
#
# PLATFORMS is the folder of the chroots and their builds (kept, for the next run), MIRROR a mirror of Debian.
# By default, the tests of the media layer run there. TESTS=cli runs those of the command line that have to do with files,
# TESTS=all every test.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${PLATFORMS:-${TMPDIR:-/tmp}/aquatint-platforms}
mirror=${MIRROR:-http://deb.debian.org/debian}
test $# -gt 0 || set -- trixie sid
test "$(id -u)" = 0 || { echo "error: a chroot needs root: run this with sudo" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "error: debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
command -v cargo >/dev/null || { echo "error: Rust is missing: make setup" >&2; exit 1; }
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}

# A system as it is after its installation: no make, no compiler, no certificates.
bootstrap() {
    local suite=$1 root=$2
    test ! -e "$root/installed" || return 0
    echo "== $suite: installing"
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" || { tail "$root.log" >&2; exit 1; }
    # A mirror's copy of sid may be past its date.
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90-old-mirror"
    mkdir -p "$root"/{cargo,rustup,source,target}
    touch "$root/installed"
}

# Runs a shell command in the chroot. The mounts are of a namespace of its own, which ends with the command. The program
# itself is not optimised: its tests take longer then, and compiling it far less.
inside() {
    local root=$1 command=$2
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    unshare --mount --propagation private bash -euc '
        root=$1; shift
        mount --bind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --bind "$1" "$root/cargo"
        mount --bind "$2" "$root/rustup"
        mount --bind "$PWD" "$root/source"
        mount -o remount,bind,ro "$root/source"
        exec chroot "$root" /usr/bin/env -i \
            HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/cargo/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            CARGO_HOME=/cargo RUSTUP_HOME=/rustup CARGO_TARGET_DIR=/target CARGO_BUILD_JOBS="$4" \
            CARGO_PROFILE_DEV_OPT_LEVEL=0 \
            bash -euc "cd /source; $3"
    ' - "$root" "$cargo_home" "$rustup_home" "$command" "${CARGO_BUILD_JOBS:-$(nproc)}"
}

# What the README's first line installs.
before_make=$(sed -n 's/^apt-get install //p' README.md)
test -n "$before_make" || { echo "error: README.md has no line that begins with \"apt-get install\"" >&2; exit 1; }

case ${TESTS:-media} in
all) tests='cargo test' ;;
media) tests='cargo test --lib media::' ;;
cli) tests='cargo test --test cli -- beside colour:: fidelity film odd_inputs parts pictures pipes rotation sequences small verify' ;;
*) tests="cargo test $TESTS" ;;
esac

for suite; do
    root=$folder/$suite
    bootstrap "$suite" "$root"
    # The mirror's certificates may be this machine's own.
    inside "$root" "
        export DEBIAN_FRONTEND=noninteractive
        command -v make >/dev/null && command -v curl >/dev/null || { apt-get update -q; apt-get install -y -q --no-install-recommends $before_make; }
        make setup"
    if test -r /etc/ssl/certs/ca-certificates.crt; then
        cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    fi
    echo "== $suite: FFmpeg $(inside "$root" "ffmpeg -version" | sed -n 's/^ffmpeg version \([^ ]*\).*/\1/p')"
    inside "$root" "cargo build"
    inside "$root" "$tests"
    inside "$root" "/target/debug/aquatint demo --size 160x90 --seconds 1 -o /target/demo && /target/debug/aquatint doctor"
    echo "== $suite: passed"
done
