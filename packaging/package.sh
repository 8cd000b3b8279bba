#!/usr/bin/env bash
# Makes the Debian package of aquatint, target/debian/*.deb, for the release of Debian or Ubuntu that this runs on:
# `make deb`. The line tables of the programs are kept apart, beside it: gdb and Rust's backtraces find a .debug file in
# the folder of its program, or under /usr/lib/debug/usr/bin.
set -euo pipefail
cd "$(dirname "$0")/.."

# cargo-deb is there.
PATH=$PWD/target/tools/bin:$PATH
out=target/package
rm -rf "$out"
mkdir -p "$out/man" target/debian

cargo build --locked --profile packaged --bins
for program in aquatint aquatint-bench; do
    objcopy --only-keep-debug "target/packaged/$program" "$out/$program.debug"
    objcopy --strip-all --add-gnu-debuglink="$out/$program.debug" "target/packaged/$program" "$out/$program"
done

packaging/licences.py >"$out/copyright"
"$out/aquatint" man >"$out/man/aquatint.1"
# The commands, as `aquatint --help` lists them.
"$out/aquatint" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]\+\) .*/\1/p' | grep -vx help | while read -r command; do
    "$out/aquatint" man "$command" >"$out/man/aquatint-$command.1"
done
"$out/aquatint" completions bash >"$out/aquatint.bash"
"$out/aquatint" completions zsh >"$out/_aquatint"
"$out/aquatint" completions fish >"$out/aquatint.fish"

cargo deb --no-build --no-strip
mv "$out"/*.debug target/debian/
ls -l target/debian
