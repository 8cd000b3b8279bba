#!/usr/bin/env bash
# The pictures of docs/restoring.md: packaging/restoring-pictures.sh AQUATINT CLIPS docs/restoring
# CLIPS holds bbb_small_1080p30.mp4 (Big Buck Bunny), flutter_bee.mp4 and sita_front_1280x720_rgba.png of Morevna Project.
# Each defect is made with FFmpeg; each style has its defaults, unless it is said.
set -euo pipefail
aquatint=$1 clips=$2 out=$3
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir -p "$out"
quiet=(-v error -y)
lossless=(-an -sn -map_metadata -1 -c:v ffv1)
find_clip() { find -L "$clips" -name "$1" -print -quit; }
bunny=$(find_clip bbb_small_1080p30.mp4) bee=$(find_clip flutter_bee.mp4) sita=$(find_clip sita_front_1280x720_rgba.png)
ff() { ffmpeg "${quiet[@]}" "$@"; }
render() { "$aquatint" "$1" "${@:3}" -o "$2" -y -q --codec ffv1 --device cpu; }

# NAME FRAME_BEFORE FRAME_AFTER FILTER [QUALITY]: a frame of before.mkv and one of after.mkv beside each other, each through FILTER.
pair() {
    ff -i "$work/before.mkv" -i "$work/after.mkv" -filter_complex \
        "[0]select='eq(n,$2)',$4,setsar=1,format=rgb24[a];[1]select='eq(n,$3)',$4,setsar=1,format=rgb24[b];[a][b]hstack" \
        -frames:v 1 -q:v "${5:-4}" "$out/$1.jpg"
}
big="scale=480:300:flags=neighbor"
small() { ff -ss "$1" -i "$bunny" -t "$2" -vf "scale=960:540:flags=area$3" -pix_fmt yuv420p "${lossless[@]}" "$work/${4:-before}.mkv"; }

# Two of the clip's frames become the two fields of one.
small 3 2 ",interlace=scan=tff:lowpass=0"
render "$work/before.mkv" "$work/after.mkv" -s deinterlace
pair deinterlace 20 40 "crop=240:150:440:350,$big"

# The clip's frames as film, and as video of that; a frame of two, and the frame of film.
small 3 2 ",setpts=N*1001/24000/TB,telecine=pattern=23,setpts=N*1001/30000/TB"
render "$work/before.mkv" "$work/after.mkv" -s inverse_telecine
pair inverse_telecine 23 18 "crop=240:150:440:350,$big"

# A frame that has lost more than half of its picture.
small 3 1 ",format=yuv420p,drawbox=enable='eq(n,15)':h=ih*0.6:color=gray:t=fill"
render "$work/before.mkv" "$work/after.mkv" -s repair
pair repair 15 15 "scale=480:270:flags=area"

# Bars, and the picture itself around it.
small 3 1 ",crop=720:540,pad=960:540:120:0,format=yuv420p"
render "$work/before.mkv" "$work/after.mkv" -s crop --set crop.fill=blurred
pair crop 15 15 "scale=480:270:flags=area"

# Lines displaced, the lowest torn, streaks, chroma to the right and noisy.
ff -ss 3 -i "$bunny" -t 1.2 -vf "scale=480:270:flags=area,format=yuv420p,geq=
    lum='if(gt(mod(abs(sin(Y*4.1414+N*31.71)*24634.6345),1),0.985)*gt(X,W*mod(abs(sin(Y*9.17+N*11.13)*14634.6345),1))*lt(X,W*mod(abs(sin(Y*9.17+N*11.13)*14634.6345),1)+70),
        230,p(X+6*mod(abs(sin(Y*12.9898+N*78.233)*43758.5453),1)-3+18*gt(Y,H-9),Y))':
    cb='p(X-2,Y)':cr='p(X-2,Y)',noise=c1s=14:c1f=t:c2s=14:c2f=t" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s tape --set tape.chroma_shift_x=4 --set tape.chroma_noise=0.03
pair tape 20 20 null 7

# Light that pumps; four frames in a row.
ff -ss 3 -i "$bunny" -t 2 -vf "scale=480:270:flags=area,format=yuv420p,eq=brightness='0.10*sin(n*1.9)+0.05*sin(n*3.7)':eval=frame" \
    "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s deflicker
ff -i "$work/before.mkv" -i "$work/after.mkv" -filter_complex \
    "[0]select='between(n,20,23)',scale=240:135:flags=area,tile=4x1[a];[1]select='between(n,20,23)',scale=240:135:flags=area,tile=4x1[b];[a][b]vstack,format=rgb24" \
    -frames:v 1 -q:v 6 "$out/deflicker.jpg"

# A sway as in the gate; the mean of 24 frames.
ff -ss 4 -i "$bunny" -t 2 -vf "scale=1008:567:flags=area,crop=960:540:x='24+9*sin(n*1.3)+4*sin(n*2.9)':y='13+8*sin(n*1.7)',format=yuv420p" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s steady --set steady.mode=weave
ff -i "$work/before.mkv" -i "$work/after.mkv" -filter_complex \
    "[0]tmix=24,select='eq(n,42)',crop=240:150:540:150,$big[a];[1]tmix=24,select='eq(n,42)',crop=240:150:540:150,$big[b];[a][b]hstack,format=rgb24" \
    -frames:v 1 -q:v 4 "$out/steady.jpg"

# Noise.
small 3 1 ",noise=alls=18:allf=t"
render "$work/before.mkv" "$work/after.mkv" -s denoise
pair denoise 15 15 "crop=240:150:250:110,$big" 6

# Specks, each in one frame, light and dark ones.
speck() { echo "color=black:s=160x90:r=30:d=1.2,format=gray,geq=lum='255*gt(mod(abs(sin(X*$1+Y*$2+N*$3)*43758.5453),1),0.996)',scale=960:540:flags=bicubic,lut=y='255*gt(val,90)',gblur=0.6"; }
ff -ss 3 -i "$bunny" -t 1.2 -filter_complex \
    "$(speck 12.9898 78.233 37.719),format=gbrp[light];$(speck 26.651 51.177 73.91),format=gbrp[dark];
    color=white:s=960x540:r=30:d=1.2,format=gbrp[white];color=0x181410:s=960x540:r=30:d=1.2,format=gbrp[black];
    [0:v]scale=960:540:flags=area,format=gbrp[clip];[clip][white][light]maskedmerge[one];[one][black][dark]maskedmerge,format=yuv420p" \
    "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s dust
pair dust 15 15 "crop=480:300:330:150"

# MPEG-4 with too few bits.
ff -ss 3 -i "$bunny" -t 1 -vf "scale=960:540:flags=area" -an -c:v mpeg4 -qscale:v 24 "$work/coded.avi"
ff -i "$work/coded.avi" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s deblock
pair deblock 15 15 "crop=240:150:250:110,$big"

# A drawing without its colours in MPEG-4.
ff -f lavfi -i color=0xE8E4DC:s=1280x720:d=0.4 -i "$sita" -filter_complex "[0][1]overlay=format=auto,scale=960:540:flags=area,format=yuv420p,lutyuv=u=128:v=128" \
    -c:v mpeg4 -qscale:v 10 "$work/coded.avi"
ff -i "$work/coded.avi" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s dering
pair dering 3 3 "crop=120:75:440:60,scale=480:300:flags=neighbor"

# An even gradient in few steps; shown with four times the contrast.
ff -f lavfi -i "color=black:s=960x540:d=0.4,format=yuv420p,geq=lum='2*floor((70+X/24+Y/40)/2)':cb='134-X/300':cr='120'" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s deband
pair deband 3 3 "crop=480:300:240:120,lutyuv=y='clip((val-90)*4+110,16,235)'"

# Grain: the source, without noise, and with its grain again.
ff -ss 4 -i "$bunny" -t 1.2 -vf "scale=480:270:flags=area,format=yuv420p,noise=c0s=18:c0f=t" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s upscale --scale 2
render "$work/before.mkv" "$work/grain.mkv" -s denoise+upscale+grain --scale 2
render "$work/before.mkv" "$work/clean.mkv" -s denoise+upscale --scale 2
part="crop=320:300:560:60"
ff -i "$work/before.mkv" -i "$work/clean.mkv" -i "$work/grain.mkv" -filter_complex \
    "[0]select='eq(n,20)',scale=960:540:flags=neighbor,$part[a];[1]select='eq(n,20)',$part[b];[2]select='eq(n,20)',$part[c];[a][b][c]hstack=3,format=rgb24" \
    -frames:v 1 -q:v 6 "$out/grain.jpg"

# Low contrast.
ff -ss 1 -i "$bee" -t 1 -vf "scale=480:270:flags=area,format=yuv420p,lutyuv=y='val*0.42+58':u='128+(val-128)*0.5':v='128+(val-128)*0.5'" "${lossless[@]}" "$work/before.mkv"
render "$work/before.mkv" "$work/after.mkv" -s levels
pair levels 15 15 null
