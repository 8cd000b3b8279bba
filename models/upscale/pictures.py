"""Pictures to learn on and to score on, read from one folder (any layout below it), and line art drawn by rule.

README.md lists the pictures and their licences. A picture is 8-bit RGB of even size.
"""
import io
import os
import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

cv2.setNumThreads(1)

# name: (kind, sizes). "half" is the picture halved, so that it is sharp; frames of a clip are listed.
PHOTOS = {
    "coffee.png": "full", "camera.png": "full", "Landscape_6.jpg": "full half", "amber.jpg": "full half",
    "starry_night_google.jpg": "full half", "brick.png": "full", "grass.png": "full", "gravel.png": "full", "ihc.png": "full",
    "rocket.jpg": "full", "hubble_deep_field.jpg": "full", "coins.png": "full", "flower.jpg": "full",
    "bg_cave.jpg": "half", "bg_washington.jpg": "full half", "bg_whitehouse.jpg": "full half", "imagemap_ground.png": "full",
}
CLIPS = {
    "flutter_bee.mp4": ("full half", (10, 60, 100)), "intel_asl_book.mkv": ("full", (5, 80)),
    "sample_edit_list.mp4": ("half", (0, 30, 60)), "hdr10-video-with-sdr-container.mp4": ("half", (0, 25)),
    "sample_android_slow_motion.mp4": ("half", (0,)), "sample_srgb.mp4": ("half", (0,)),
}
RENDERED = {"bbb_small_1080p30.mp4": ("full half", (0, 20, 45, 70, 100, 210, 230, 250, 270, 290))}
DRAWN = {
    "bg_lecturehall.jpg": "full half", "bg_club.jpg": "full half", "bg_meadow.jpg": "full half", "bg_panorama.webp": "full half",
    "concert1.png": "half quarter", "concert3.png": "half", "eileen_happy.png": "full half", "eileen_vhappy.png": "full",
    "magic.png": "full", "launcher_step1.webp": "full", "launcher_step5.webp": "full", "imagemap_volume_idle.png": "full",
}


def plain(name):
    return name.lower().replace(" ", "_").replace("-", "_")


class Folder:
    """Files below a folder, found by name: spaces and hyphens count as underscores, and a prefix that ends in one may be there."""

    def __init__(self, top):
        self.paths = {}
        for at, below, names in os.walk(top, followlinks=True):
            below.sort()
            for n in sorted(names):
                self.paths.setdefault(plain(n), os.path.join(at, n))

    def find(self, name):
        name = plain(name)
        found = self.paths.get(name) or next((p for n, p in sorted(self.paths.items()) if n.endswith("_" + name)), None)
        if not found:
            raise SystemExit(f"{name}: no such file below the folder of pictures; README.md says where it comes from")
        return found

    def picture(self, name, box=None, under=None):
        im = Image.open(self.find(name))
        if im.mode in ("RGBA", "LA", "P"):
            im = im.convert("RGBA")
            back = under.convert("RGB") if under is not None else Image.new("RGB", im.size, (236, 232, 224))
            back = back if back.size == im.size else back.resize(im.size)
            back.paste(im, mask=im.split()[3])
            im = back
        im = im.convert("RGB")
        return even(np.asarray(im.crop(box) if box else im))

    def frames(self, name, wanted):
        with av.open(self.find(name)) as clip:
            for i, frame in enumerate(clip.decode(video=0)):
                if i in wanted:
                    yield even(frame.to_ndarray(format="rgb24"))
                if i >= max(wanted):
                    return


def even(a):
    return np.ascontiguousarray(a[: a.shape[0] // 2 * 2, : a.shape[1] // 2 * 2])


def sizes(picture, wanted):
    for size in wanted.split():
        a = picture
        for _ in range({"full": 0, "half": 1, "quarter": 2}[size]):
            a = even(down(a, "area"))
        yield a


# ---- scored and kept back: never learnt on ------------------------------------------------------------------------
def scored(folder):
    """(kind, name, picture) of the nine pictures that the README's figures stand for."""
    f = folder
    yield "photo", "astronaut", f.picture("astronaut.png")
    yield "photo", "elva", f.picture("elva-800w.jpg")
    yield "photo", "flower", f.picture("flower_small.png")
    yield "photo", "chelsea", f.picture("chelsea.png")
    yield "drawn", "uni", f.picture("bg_uni.jpg")
    hall = Image.open(f.find("bg_lecturehall.jpg")).crop((400, 10, 734, 710))
    yield "drawn", "sylvie", f.picture("sylvie_blue_smile.png", under=hall)
    sita = "sita_front_1280x720_rgba.png"
    yield "drawn", "sita", f.picture(sita, box=Image.open(f.find(sita)).getchannel("A").getbbox())
    yield "drawn", "comic", f.picture("gt_comic.png")
    yield "3d", "bbb150", next(f.frames("bbb_small_1080p30.mp4", (150,)))[180:900, 320:1600].copy()


def kept_back(folder):
    """Four more pictures that nothing was tuned on either."""
    yield "photo", "china", folder.picture("china.jpg")
    yield "drawn", "lucy", folder.picture("lucy_happy.png")
    yield "clip", "tractor", next(folder.frames("VP9-tractor.webm", (100,)))
    yield "clip", "selfie", next(folder.frames("ciro_selfie.mp4", (90,)))


# ---- halving ------------------------------------------------------------------------------------------------------
def down(rgb, how, scale=2):
    """Smaller by scale, on the signal as coded: "area" (mean) or "bicubic" (antialiased, a = -0.5); 8 bits. Sizes divide by scale."""
    f = rgb.astype(np.float32)
    if how == "area":
        f = sum(f[i::scale, j::scale] for i in range(scale) for j in range(scale)) / scale**2
    else:
        x = np.abs((np.arange(-2 * scale, 2 * scale) + 0.5) / scale)
        k = np.where(x < 1, 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2)
        k = (k / k.sum()).astype(np.float32)
        for axis in (0, 1):
            n = f.shape[axis] // scale
            pad = [(0, 0)] * 3
            pad[axis] = (2 * scale,) * 2
            p = np.pad(f, pad, mode="symmetric")
            f = sum(w * np.take(p, np.arange(n) * scale + scale // 2 + i, axis=axis) for i, w in enumerate(k))
    return np.clip(np.round(f), 0, 255).astype(np.uint8)


# ---- what is learnt on --------------------------------------------------------------------------------------------
def learnt(folder, seed, clip_art=150, by_rule=90):
    """{kind: [picture]} for the kinds photo, 3d, anime, art (clip art) and rule (line art by rule)."""
    out = {"photo": [], "3d": [], "anime": [], "art": [], "rule": []}
    for name, wanted in PHOTOS.items():
        out["photo"] += sizes(folder.picture(name), wanted)
    for kind, clips in (("photo", CLIPS), ("3d", RENDERED)):
        for name, (wanted, numbers) in clips.items():
            for frame in folder.frames(name, numbers):
                out[kind] += sizes(frame, wanted)
    for name, wanted in DRAWN.items():
        pictures = [folder.picture(name)]
        if name == "bg_lecturehall.jpg":                                   # the middle is under a scored picture
            pictures = [even(pictures[0][:, :392]), even(pictures[0][:, 744:])]
        for p in pictures:
            out["anime"] += sizes(p, wanted)
    out["art"] = open_clip_art(folder, np.random.default_rng([seed, 1]), clip_art)
    rng = np.random.default_rng([seed, 2])
    out["rule"] = [line_art(rng) for _ in range(by_rule)]
    return out


def open_clip_art(folder, rng, count):
    """Drawings of the Open Clip Art Library (Debian's openclipart-svg), on grounds of one colour or a ramp."""
    import resvg_py
    groups = ("/people/", "/animals/", "/food/", "/plants/", "/recreation/", "/transportation/", "/buildings/", "/unsorted/", "/tools/")
    files = sorted(p for p in folder.paths.values() if p.endswith(".svg") and any(g in p for g in groups) and "/cards/" not in p
                   and 8_000 < os.path.getsize(p) < 400_000)
    out = []
    for i in rng.permutation(len(files)):
        if len(out) == count:
            break
        try:
            im = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=files[i], width=640)))).convert("RGBA")
        except Exception:                                                  # a few are broken, or not drawings
            continue
        if not 200 < im.size[1] < 1400:
            continue
        if rng.random() < .4:                                              # finer lines
            im = im.resize(tuple(int(v * rng.uniform(.5, .9)) for v in im.size), Image.LANCZOS)
        back = Image.fromarray(ramp(rng, im.size[1], im.size[0]))
        back.paste(im, mask=im.split()[3])
        out.append(even(np.asarray(back)))
    return out


def ramp(rng, h, w):
    a, b = rng.integers(0, 256, (2, 3))
    if rng.random() < .6:
        b = a
    t = np.linspace(0, 1, h)[:, None, None] * rng.uniform(-1, 1) + np.linspace(0, 1, w)[None, :, None] * rng.uniform(-1, 1)
    t = (t - t.min()) / max(float(np.ptp(t)), 1e-6)
    return np.clip(a + (b - a) * t + .5, 0, 255).astype(np.uint8)


WORDS = "the quick brown fox jumps over lazy dogs 0123456789 PLAY Start ÄÖÜ %&?! aquatint Episode".split()
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSans-Oblique.ttf")


def line_art(rng, size=384):
    """A drawing by rule, drawn at four times the size and averaged down: shapes with outlines, hair, text, edges, thin lines."""
    ss = 4
    w = size * ss
    colour = lambda lo, hi: tuple(int(v) for v in rng.integers(lo, hi, 3))
    im = Image.fromarray(ramp(rng, w, w))
    d = ImageDraw.Draw(im)
    bend = lambda p0, p1, p2, n=60: [tuple(map(float, (1 - t) ** 2 * p0 + 2 * t * (1 - t) * p1 + t * t * p2)) for t in np.linspace(0, 1, n)]
    for _ in range(int(rng.integers(6, 24))):                              # shapes
        c, r, m = rng.integers(0, w, 2), rng.uniform(.03, .35) * w, int(rng.integers(3, 9))
        t, ts = np.sort(rng.uniform(0, 2 * np.pi, m)), np.linspace(0, 2 * np.pi, 120)
        rad = r * rng.uniform(.4, 1.2, m)
        rr = np.interp(ts, np.r_[t - 2 * np.pi, t, t + 2 * np.pi], np.r_[rad, rad, rad])
        if rng.random() < .75:
            rr = np.convolve(np.r_[rr[-8:], rr, rr[:8]], np.ones(9) / 9, "same")[8:-8]
        e, a = rng.uniform(.2, 1), rng.uniform(0, np.pi)
        x, y = rr * np.cos(ts), e * rr * np.sin(ts)
        pts = [(float(u), float(v)) for u, v in zip(c[0] + x * np.cos(a) - y * np.sin(a), c[1] + x * np.sin(a) + y * np.cos(a))]
        if rng.random() < .75:
            if rng.random() < .3:                                          # filled with a ramp
                mask = Image.new("L", (w, w))
                ImageDraw.Draw(mask).polygon(pts, fill=255)
                im.paste(Image.fromarray(ramp(rng, w, w)), mask=mask)
            else:
                d.polygon(pts, fill=colour(0, 256))
        if rng.random() < .8:
            d.line(pts + [pts[0]], fill=colour(0, 90), width=int(rng.uniform(.7, 3.5) * ss), joint="curve")
    for _ in range(int(rng.integers(3, 18))):                              # strokes
        p0, p1, p2 = rng.uniform(0, w, (3, 2))
        p2 = p0 + (p2 - p0) * rng.uniform(.1, .6)
        d.line(bend(p0, p0 + (p1 - p0) * .4, p2), fill=colour(0, 256), width=int(rng.uniform(.5, 2.5) * ss), joint="curve")
    for _ in range(int(rng.integers(0, 4))):                               # hair: bundles of strokes that taper
        p, q = rng.uniform(0, w, (2, 3, 2))
        q = p + (q - p) * rng.uniform(.1, .4)
        ink, wide = colour(0, 140), rng.uniform(.5, 1.6) * ss
        for s in np.linspace(0, 1, int(rng.integers(6, 22))):
            u = p + (q - p) * s + rng.normal(0, 2 * ss, (3, 2))
            pts = bend(*u, 24)
            for k in range(23):
                d.line(pts[k:k + 2], fill=ink, width=max(1, int(wide * (1 - k / 26))))
    for _ in range(int(rng.integers(0, 4))):                               # text
        try:
            font = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], int(rng.uniform(9, 34) * ss))
        except OSError:
            break
        d.text(tuple(map(int, rng.integers(0, int(w * .8), 2))), " ".join(rng.choice(WORDS, 4)), fill=colour(0, 256), font=font)
    if rng.random() < .3:                                                  # a fan of hard edges at all angles
        c, n = rng.uniform(.2, .8, 2) * w, int(rng.integers(12, 40))
        for k in range(n):
            a = (k + rng.uniform(0, .5)) * 2 * np.pi / n
            end = c + w * rng.uniform(.1, .4) * np.array([np.cos(a), np.sin(a)])
            d.line([tuple(map(float, c)), tuple(map(float, end))], fill=colour(0, 256), width=int(rng.uniform(.4, 2.) * ss))
    if rng.random() < .35:                                                 # a screen tone or hatching
        x0, y0 = rng.integers(0, w // 2, 2)
        step, slope, ink = rng.uniform(2.2, 8) * ss, rng.uniform(-1, 1), colour(0, 160)
        for k in np.arange(0, w * .4, step):
            d.line([(x0 + k, y0), (x0 + k + slope * w * .3, y0 + w * .3)], fill=ink, width=max(1, int(step * rng.uniform(.2, .45))))
    small = im.resize((size, size), Image.BOX if rng.random() < .5 else Image.LANCZOS)
    a = np.asarray(small).copy()
    if rng.random() < .3:                                                  # one-pixel lines, not smoothed
        for _ in range(int(rng.integers(1, 6))):
            p0, p1 = rng.integers(0, size, (2, 2))
            if rng.random() < .6:
                p1[rng.integers(2)] = p0[rng.integers(2)]
            cv2.line(a, tuple(map(int, p0)), tuple(map(int, p1)), colour(0, 256), 1)
    if rng.random() < .3:                                                  # texture: smooth noise
        n = cv2.resize(rng.normal(0, 1, (size // 4 + 2,) * 2).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
        n += rng.normal(0, .6, (size, size))
        a = np.clip(a + n[..., None] * rng.uniform(1, 9) + .5, 0, 255).astype(np.uint8)
    return a
