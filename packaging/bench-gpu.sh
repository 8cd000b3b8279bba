#!/bin/sh
# Measures the graphics card of this machine: the kernel tests, then the bench. Writes gpu.json and the tests' log into the
# folder it is called in. Options go to `aquatint-bench gpu`: --quick (tiny pictures), --device, styles.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

# Drivers keep compiled shaders: without that, the time to compile is measured.
export MESA_SHADER_CACHE_DISABLE=true
export __GL_SHADER_DISK_CACHE=0
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$found}"

"$here/aquatint-bench" --adapters
echo "kernel tests, at most two minutes"
: >"$found/codes.jsonl"
# What fails or is cut off is in gpu.json, and the bench runs all the same.
AQUATINT_SOURCE="$here/source" CONFORMANCE_CODES="$found/codes.jsonl" \
    timeout 120 "$here/kernels" conformance:: golden:: >"$found/tests.log" 2>&1 || true
cp "$found/tests.log" gpu-tests.log
grep '^test result' gpu-tests.log || echo "the kernel tests did not run to their end: see gpu-tests.log"

code=0
timeout 170 "$here/aquatint-bench" gpu --seconds 150 --kernels "$found" "$@" >gpu.json || code=$?
case $code in
    0) echo "gpu.json is written" ;;
    124) echo "error: the bench took too long; gpu.json is not whole" >&2 ;;
    *) echo "error: something could not be measured (exit code $code): see above, and the failures in gpu.json" >&2 ;;
esac
exit $code
