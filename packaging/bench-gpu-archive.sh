#!/bin/sh
# Builds target/bench-gpu.tar.gz: all that a machine with a graphics card needs to measure it, without FFmpeg and without
# Rust. `make bench-gpu` runs this.
set -eu
cd "$(dirname "$0")/.."
profile=${PROFILE:-release}
most=$((64 * 1024 * 1024))
folder=target/bench-gpu
rm -rf "$folder" "$folder.tar.gz"
mkdir -p "$folder/source/kernels-tests" "$folder/source/src"

# The kernel tests, and with them the program, which a test runs. Cargo names what it built in JSON.
cargo test --profile "$profile" --no-default-features --test kernels --no-run --message-format=json >target/bench-gpu.json
built() {
    sed -n 's/.*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p' target/bench-gpu.json | tail -n 1
}
cp "$(built kernels)" "$folder/kernels"
cp "$(built aquatint-bench)" "$folder/aquatint-bench"
rm target/bench-gpu.json
strip "$folder/kernels" "$folder/aquatint-bench"

# What the tests read of the source tree.
cp -r kernels-tests/expected "$folder/source/kernels-tests/"
cp -r src/reference "$folder/source/src/"
cp -r shaders "$folder/source/"
cp packaging/bench-gpu.sh "$folder/"
cp LICENSE-* "$folder/"

# The newest version of the C library that the programs ask for.
glibc=$(strings -a "$folder/kernels" "$folder/aquatint-bench" | grep -o '^GLIBC_2\.[0-9.]*$' | sort -V | tail -n 1)
cat >"$folder/README" <<END
Measures the graphics card of this machine with aquatint's kernels. Run ./bench-gpu.sh: in under five minutes it writes
gpu.json here. Needed: Linux on x86-64, ${glibc#GLIBC_} or later of the GNU C library, a Vulkan driver and its loader
(libvulkan.so.1). Other programs that use the card make the figures worse.
END
tar -C target -czf "$folder.tar.gz" bench-gpu
size=$(stat -c %s "$folder.tar.gz")
echo "$folder.tar.gz: $((size / 1024 / 1024)) MB, needs glibc ${glibc#GLIBC_} or later and a Vulkan driver"
if [ "$size" -ge "$most" ]; then
    echo "error: it is larger than $((most / 1024 / 1024)) MB" >&2
    exit 1
fi
