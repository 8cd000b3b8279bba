#!/usr/bin/env bash
# Writes a web page for each of some styles, and one that leads to them: `make web-gallery`.
#
#     packaging/web-gallery.sh AQUATINT FOLDER [STYLE…]        default: the looks that move well
set -euo pipefail
aquatint=$1 folder=$2
shift 2
test $# -gt 0 || set -- pencil cartoon comic ink oil watercolor mosaic ascii glitch cinematic

mkdir -p "$folder"
links=
for style; do
    "$aquatint" shader export "$style" -o "$folder/$style" --overwrite
    summary=$("$aquatint" styles "$style" --json | sed -n 's/^ *"summary": "\(.*\)",\{0,1\}$/\1/p' | head -n 1 | sed 's/\\"/"/g; s/&/\&amp;/g; s/</\&lt;/g')
    links+="    <li><a href=\"$style/index.html\">$style</a> <span>$summary</span></li>"$'\n'
done
cat >"$folder/index.html" <<END
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Styles of aquatint in the browser</title>
<style>
  body { max-width: 44rem; margin: 0 auto; padding: 2rem 1rem; font: 1.05rem/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.6rem; }
  ul { padding: 0; list-style: none; }
  li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.7rem 0; border-top: 1px solid #8886; }
  a { min-width: 7rem; font-weight: 600; }
</style>
<h1>Styles in the browser</h1>
<p>Each page renders on your own graphics card, by WebGPU. Pictures, videos and the camera stay on this device.</p>
<ul>
$links</ul>
</html>
END
echo "wrote $folder/index.html"
