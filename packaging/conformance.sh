#!/usr/bin/env bash
# Runs the kernel tests, which compare kernels with their twins, on other drivers and with other compilers than those of
# this system: `make conformance`. Each part says what it ran on.
#
#     packaging/conformance.sh [PART…]        default: all of them
#
#     webgpu        every kernel and every shader in headless Chromium (Tint, on SwiftShader)
#     studio        the page of `aquatint studio` in headless Chromium
#     swiftshader   the kernel tests on the Vulkan driver in Debian's chromium package
#     validation    the kernel tests under the Vulkan validation layer, with its checks of synchronization
#     trixie        the kernel tests on the Mesa of Debian 13, in the chroot that `make platforms SUITES=trixie` makes
#
# TESTS limits the kernel tests to those whose name contains it: TESTS=agrees.
set -euo pipefail
cd "$(dirname "$0")/.."
test $# -gt 0 || set -- webgpu studio swiftshader validation trixie

# Without FFmpeg, so that the program also runs in the chroot, whose FFmpeg is another one.
cargo test --no-default-features --test kernels --no-run
kernels=$(cargo test --no-default-features --test kernels --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"name":"kernels".*"executable":"\([^"]*\)".*/\1/p')
test -x "$kernels" || { echo "error: the program of the kernel tests was not built" >&2; exit 1; }

swiftshader=${SWIFTSHADER:-/usr/lib/chromium/vk_swiftshader_icd.json}
lavapipe=${LAVAPIPE:-/usr/share/vulkan/icd.d/lvp_icd.x86_64.json}
chroot=${PLATFORMS:-${TMPDIR:-/tmp}/aquatint-platforms}/trixie

# Of what is no matter of the driver, `make test` is enough.
run=("$kernels" ${TESTS:-} --skip shader_stats --skip bench_program --skip compilers)

needs() {
    test -e "$1" || { echo "error: $1 is missing: $2" >&2; exit 1; }
}

studio() {
    needs /usr/bin/chromium "install chromium"
    cargo test --test cli studio::page
}

webgpu() {
    "$kernels" webgpu --ignored --nocapture --test-threads=1
}

swiftshader() {
    needs "$swiftshader" "install chromium"
    VK_ICD_FILENAMES=$swiftshader AQUATINT_TEST_ADAPTER=swiftshader "${run[@]}"
}

validation() {
    needs "$lavapipe" "install mesa-vulkan-drivers"
    local folder
    folder=$(mktemp -d)
    cat >"$folder/vk_layer_settings.txt" <<END
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.log_filename = $folder/messages
khronos_validation.report_flags = error,warn,perf,info
khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
khronos_validation.validate_sync = true
END
    VK_ICD_FILENAMES=$lavapipe AQUATINT_TEST_ADAPTER=llvmpipe VK_LAYER_SETTINGS_PATH=$folder \
        VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation "${run[@]}"
    # The layer says what it checks when it starts: without that line it was not there.
    grep -aq SYNCHRONIZATION_VALIDATION "$folder/messages" || {
        echo "error: the validation layer did not start: install vulkan-validationlayers" >&2; exit 1; }
    # A layer of before 2024 does not know the number that naga writes for the language WGSL. `make test` gives the shaders
    # to spirv-val.
    if grep -aE 'Validation (Error|Warning|Performance)' "$folder/messages" | grep -av 'Invalid source language operand: 10'; then
        echo "error: the validation layer says the above: $folder/messages" >&2
        exit 1
    fi
    rm -r "$folder"
}

trixie() {
    needs "$chroot/installed" "run: make platforms SUITES=trixie"
    test "$(id -u)" = 0 || { echo "error: a chroot needs root: run this with sudo" >&2; exit 1; }
    cp "$kernels" "$chroot/tmp/kernels"
    # The mounts are of a namespace of its own, which ends with the command. The program reads files of its folder by the
    # path that it was built in.
    mkdir -p "$chroot$PWD"
    unshare --mount --propagation private bash -euc '
        mount --bind /proc "$1/proc"
        mount --rbind /dev "$1/dev"
        mount --bind "$PWD" "$1$PWD"
        mount -o remount,bind,ro "$1$PWD"
        root=$1; shift
        exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/bin:/bin AQUATINT_TEST_ADAPTER=llvmpipe \
            bash -euc "cd \"\$0\"; exec \"\$@\"" "$PWD" "$@"
    ' - "$chroot" /tmp/kernels "${run[@]:1}"
}

for part; do
    case $part in
    webgpu | studio | swiftshader | validation | trixie) ;;
    *) echo "error: there is no part $part: webgpu, studio, swiftshader, validation or trixie" >&2; exit 1 ;;
    esac
    echo "== $part"
    "$part"
    echo "== $part: passed"
done
