# On a Debian or Ubuntu machine with Rust, `make demo` and `make test` each do all their set-up.

PACKAGES := ffmpeg libavcodec-dev libavformat-dev libavutil-dev libavfilter-dev libavdevice-dev libswscale-dev \
            libswresample-dev libclang-dev clang pkg-config libvulkan1 mesa-vulkan-drivers
MISSING = $(shell for p in $(PACKAGES); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done)
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: demo test lint bench fuzz shader-stats setup

demo: setup
	cargo build --release
	target/release/aquatint demo -o demo

test: setup
	cargo test

# Formatting, clippy with warnings denied (with files and without), every shader linked and validated.
lint: setup
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --no-default-features -- -D warnings
	cargo test --lib every_built_in_shader_links_and_validates

# Damaged files for a minute; more with SECONDS=600. What breaks is left as fuzz-case.
fuzz: setup
	cargo run --release --example fuzz -- $(or $(SECONDS),60) $(SEED)

bench: setup
	cargo bench

# What every kernel costs on two generations of AMD GPUs, without one. UPDATE_SHADER_STATS=1 keeps it as what is expected.
shader-stats: setup
	SHADER_STATS=1 cargo test -q --test kernels shader_stats -- --nocapture

setup:
	@command -v cargo >/dev/null || { echo "error: Rust is missing; get it from https://rustup.rs" >&2; exit 1; }
	@if test -n "$(strip $(MISSING))"; then \
		echo "installing: $(strip $(MISSING))"; \
		$(SUDO) apt-get update -q && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(MISSING); \
	fi
