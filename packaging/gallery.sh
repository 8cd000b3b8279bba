#!/usr/bin/env bash
# Makes the pictures of docs/gallery.md: the scene of `aquatint demo`, and a photograph of a face, in styles and looks. Needs FFmpeg.
#
#     packaging/gallery.sh AQUATINT FACE docs/gallery
#
# FACE is a square photograph that may be shown: scikit-image's astronaut.png (NASA, public domain) for the page in docs.
set -euo pipefail
test $# = 3 || { sed -n '2,6p' "$0"; exit 2; }
aquatint=$1 face=$2 out=$3
styles=(pencil ink oil watercolor neural cartoon comic mosaic ascii cinematic)
looks=(film pop-art graphic-novel stained-glass sketchbook)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$aquatint" demo --size 1920x1080 --seconds 1 -o "$work/demo" -q
scene=$work/demo/demo-source.identity.mp4
# A frame in the middle: what styles carry along is there.
frame=12

shrunk() {
    ffmpeg -v error -y -i "$1" -vf scale=640:360:flags=lanczos -q:v 5 "$2"
}

"$aquatint" "$scene" -s identity --frame $frame -o "$work/frame.png" -y -q
shrunk "$work/frame.png" "$out/source.jpg"
for style in "${styles[@]}"; do
    "$aquatint" "$scene" -s "$style" --frame $frame -o "$work/frame.png" -y -q
    test "$style" = pencil || shrunk "$work/frame.png" "$out/$style.jpg"
done
for look in "${looks[@]}"; do
    "$aquatint" "$scene" --preset "$look" --frame $frame -o "$work/frame.png" -y -q
    shrunk "$work/frame.png" "$out/$look.jpg"
done

# The face at twice its size in every style, four beside each other.
cells=("$face")
for name in "${styles[@]}"; do
    "$aquatint" "$face" -s "upscale+$name" --scale 2 -o "$work/$name.png" -y -q
    cells+=("$work/$name.png")
done
"$aquatint" "$face" -s upscale+comic --preset pop-art --scale 2 -o "$work/last.png" -y -q
cells+=("$work/last.png")
inputs=() chain="" layout=""
for at in "${!cells[@]}"; do
    inputs+=(-i "${cells[$at]}")
    chain+="[$at]scale=256:256:flags=lanczos,format=rgb24,setsar=1[c$at];"
    layout+="$((at % 4 * 256))_$((at / 4 * 256))|"
done
for at in "${!cells[@]}"; do chain+="[c$at]"; done
ffmpeg -v error -y "${inputs[@]}" -filter_complex "${chain}xstack=inputs=${#cells[@]}:layout=${layout%|}" -q:v 5 "$out/face.jpg"
