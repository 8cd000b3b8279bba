#!/usr/bin/env bash
# The pictures of docs/upscaling.md: packaging/upscaling-crops.sh AQUATINT PICTURES docs/upscaling
# PICTURES holds astronaut.png and chelsea.png of scikit-image, sita_front_1280x720_rgba.png of Morevna Project, and Big Buck Bunny as
# bbb_small_1080p30.mp4; text and a gradient are generated. Each is made four times smaller by the mean of its pixels, and enlarged again.
set -euo pipefail
aquatint=$1 pictures=$2 out=$3
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
quiet=(-v error -y)

# NAME WIDTH HEIGHT X Y: the part of truth.png that is shown.
grid() {
    local name=$1 part="crop=$2:$3:$4:$5" index=0 inputs=() kind
    ffmpeg "${quiet[@]}" -i "$work/truth.png" -vf "scale=iw/4:ih/4:flags=area,format=rgb24" "$work/small.png"
    local size
    size=$(ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$work/truth.png")
    add() {
        ffmpeg "${quiet[@]}" -i "$1" -vf "$part,scale=200:200:flags=neighbor,format=rgb24" "$work/part$index.png"
        inputs+=(-i "$work/part$index.png")
        index=$((index + 1))
    }
    add "$work/truth.png"
    for kind in neighbor bicubic lanczos; do
        ffmpeg "${quiet[@]}" -i "$work/small.png" -vf "scale=${size/x/:}:flags=$kind" "$work/made.png"
        add "$work/made.png"
    done
    for kind in lanczos ewa fast live "live effort=medium" "live effort=high" anime pixel; do
        local set=()
        for value in kind=$kind; do set+=(--set "upscale.$value"); done
        "$aquatint" "$work/small.png" -s upscale --size "$size" "${set[@]}" -o "$work/made.png" -y -q --device cpu
        add "$work/made.png"
    done
    ffmpeg "${quiet[@]}" "${inputs[@]}" -filter_complex \
        "[0][1][2][3][4][5]hstack=6[a];[6][7][8][9][10][11]hstack=6[b];[a][b]vstack" -frames:v 1 -q:v 3 "$out/$name.jpg"
}

mkdir -p "$out"
find_picture() { find -L "$pictures" -name "$1" -print -quit; }
ffmpeg "${quiet[@]}" -i "$(find_picture astronaut.png)" -pix_fmt rgb24 "$work/truth.png"
grid face 200 200 124 60
ffmpeg "${quiet[@]}" -i "$(find_picture chelsea.png)" -vf crop=448:300 -pix_fmt rgb24 "$work/truth.png"
grid fur 200 200 120 60
ffmpeg "${quiet[@]}" -f lavfi -i color=0xE8E4DC:s=1280x720 -i "$(find_picture sita_front_1280x720_rgba.png)" \
    -filter_complex "[0][1]overlay=format=auto,format=rgb24" -frames:v 1 "$work/truth.png"
grid lines 200 200 540 60
ffmpeg "${quiet[@]}" -ss 2 -i "$(find_picture bbb_small_1080p30.mp4)" -frames:v 1 -pix_fmt rgb24 "$work/truth.png"
grid foliage 200 200 1700 360
ffmpeg "${quiet[@]}" -f lavfi -i color=white:s=480x320 \
    -vf "drawtext=text='Four times':x=20:y=40:fontsize=64:fontcolor=black,drawtext=text='as large, 1234':x=20:y=140:fontsize=40:fontcolor=0x203080,drawtext=text='and small print':x=20:y=220:fontsize=24:fontcolor=black,format=rgb24" \
    -frames:v 1 "$work/truth.png"
grid text 280 280 16 30
ffmpeg "${quiet[@]}" -f lavfi -i "color=black:s=480x320,format=rgb24,geq=r='128+100*sin(X/90)':g='110+90*sin((X+Y)/120)':b='140+100*cos(Y/80)'" \
    -frames:v 1 "$work/truth.png"
grid gradient 200 200 100 60
