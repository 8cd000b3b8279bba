# On Debian and Ubuntu, `make demo` and `make test` each do all their set-up. README.md says what must be there before.

PACKAGES := ffmpeg libavcodec-dev libavformat-dev libavutil-dev libavfilter-dev libavdevice-dev libswscale-dev \
            libswresample-dev libclang-dev clang pkg-config libvulkan1 mesa-vulkan-drivers spirv-tools
# For `make test` and `make lint`: what packaging/tools.txt names comes from PyPI. For `make deb` and `make bench-gpu`: cargo-deb is compiled once.
TOOL_PACKAGES := python3-venv
DEB_PACKAGES := binutils dpkg-dev python3
# For `make test`: the browser that opens the pages of the studio, a scheduler, what runs a job type of
# another, and what runs programs as other processors do.
TEST_PACKAGES := chromium slurm-wlm nodejs qemu-user
# For `make conformance`: a browser with its own Vulkan driver, and the layer that checks how Vulkan is used.
CONFORMANCE_PACKAGES := chromium vulkan-validationlayers
CARGO_DEB := 3.8.0
TOOLS := target/tools
missing = $(strip $(shell for p in $(1); do dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null | grep -qx installed || echo $$p; done))
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)
RUST_VERSION := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
RUST_INSTALLER := https://static.rust-lang.org/rustup/rustup-init.sh

# Where rustup puts Rust; a shell that was open before does not look there.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

define install
	@if test -n "$(call missing,$(1))"; then \
		echo "installing: $(call missing,$(1))"; \
		$(SUDO) apt-get update -q && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(call missing,$(1)); \
	fi
endef

.PHONY: demo test studio-strain test-train lint advisories bench bench-gpu conformance fuzz shader-stats web-gallery deb lean platforms setup tools

demo: setup
	cargo build --release
	target/release/aquatint demo -o demo

# With ONNX Runtime, which tests compare with the engine inside aquatint, and a browser for the studio.
test: setup tools
	$(call install,$(TEST_PACKAGES))
	VIRTUAL_ENV=$(abspath $(TOOLS)) cargo test

# Formatting, clippy with warnings denied (with files and without), every shader linked and validated, licences.
lint: setup tools
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets --no-default-features -- -D warnings
	cargo test --test kernels every_built_in_shader
	$(TOOLS)/bin/cargo-deny check licenses bans sources

# The trainer: whole trainings of a few steps. It needs Rust 1.95, and some minutes to build.
test-train: setup
	cargo test --features train --lib train::

# The studio under strain: killed KILLS times while it renders; 200 listeners for a minute.
studio-strain: setup
	AQUATINT_KILLS=$(or $(KILLS),20) cargo test --release --test cli nothing_is_lost_where_the_studio_is_killed
	cargo build --release
	python3 packaging/studio-load.py target/release/aquatint

# Known vulnerabilities of what is linked. Needs the network, and fails when somebody else finds one.
advisories: setup tools
	$(TOOLS)/bin/cargo-deny check advisories

# Damaged files for a minute; more with SECONDS=600. What breaks is left as fuzz-case.
fuzz: setup
	cargo run --release --example fuzz -- $(or $(SECONDS),60) $(SEED)

bench: setup
	cargo bench

# An archive for a machine with a graphics card, which needs a Vulkan driver and no Rust: ./bench-gpu.sh there measures it.
bench-gpu: setup
	$(call install,$(DEB_PACKAGES))
	packaging/bench-gpu-archive.sh

# What every kernel costs on two generations of AMD GPUs, without one. UPDATE_SHADER_STATS=1 keeps it as what is expected.
shader-stats: setup
	SHADER_STATS=1 cargo test -q --test kernels shader_stats -- --nocapture

# The kernel tests on other drivers and with other compilers. PARTS="webgpu" for one: packaging/conformance.sh says which.
conformance: setup
	$(call install,$(CONFORMANCE_PACKAGES))
	packaging/conformance.sh $(PARTS)

# Web pages that run styles in a browser, in web-gallery/: open web-gallery/index.html. STYLES="pencil oil" for some.
web-gallery: setup
	cargo build --release
	packaging/web-gallery.sh target/release/aquatint web-gallery $(STYLES)

# A package for this release of Debian or Ubuntu, in target/debian/.
deb: setup
	$(call install,$(DEB_PACKAGES))
	@test -x $(TOOLS)/bin/cargo-deb || cargo install --locked --version $(CARGO_DEB) --root $(TOOLS) cargo-deb
	packaging/package.sh

# The program that measures styles, without FFmpeg: it links the C library alone, and looks for Vulkan when it runs.
lean: setup
	cargo build --no-default-features --bin aquatint-bench
	@if ldd target/debug/aquatint-bench | grep -Ev 'linux-vdso|ld-linux|lib(c|m|gcc_s)\.'; then \
		echo "error: aquatint-bench links more than the C library" >&2; exit 1; \
	fi

# Other releases of Debian, with other FFmpeg libraries, in chroots: needs root and debootstrap. SUITES="trixie" for one.
platforms:
	packaging/platforms.sh $(SUITES)

setup:
	$(call install,$(PACKAGES))
	@pkg-config --atleast-version=59.37 libavcodec || { \
		echo "error: FFmpeg 5.1 or later is needed, and this system has an older one: use Debian 12, Ubuntu 24.04 or later" >&2; exit 1; }
	@if ! command -v cargo >/dev/null; then \
		echo "installing Rust with rustup's own installer, into $${CARGO_HOME:-$$HOME/.cargo} and $${RUSTUP_HOME:-$$HOME/.rustup}"; \
		curl --proto '=https' --tlsv1.2 -sSf $(RUST_INSTALLER) | sh -s -- -y --profile minimal --component clippy,rustfmt; \
	fi
	@found=$$(rustc --version | cut -d' ' -f2 | cut -d- -f1) && \
	test "$$(printf '%s\n' $(RUST_VERSION) "$$found" | sort -V | head -n1)" = $(RUST_VERSION) || { \
		echo "error: Rust $(RUST_VERSION) or later is needed, and this is $$found ($$(command -v rustc))" >&2; \
		echo "  with rustup: rustup update stable; else remove it (apt-get remove rustc cargo), and run this again" >&2; exit 1; }

tools: $(TOOLS)/installed

$(TOOLS)/installed: packaging/tools.txt
	$(call install,$(TOOL_PACKAGES))
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install -q --no-deps --only-binary :all: -r packaging/tools.txt
	@touch $@
