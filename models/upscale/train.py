#!/usr/bin/env python3
"""Makes the tables of shaders/common/double: filters for `live`, weights for the nets `small`, `large` and `drawing`.

usage: train.py live|small|large|drawing --media DIR --out FILE.f16 [options]
       train.py score --media DIR [KIND=FILE.f16 ...] [options]

DIR holds the pictures that README.md lists, in any layout. Each command has --help.
"""
import argparse
import os
import pickle
import time
import numpy as np
import infer
import pictures

BT601, BT709 = (np.array(w, np.float32) for w in ((.299, .587, .114), (.2126, .7152, .0722)))

# ---- live ---------------------------------------------------------------------------------------------------------
LIVE_SHARES = {"photo": 1., "3d": .4, "anime": .3, "art": .02}


def live(args):
    """Least squares for each bucket, on differences to the centre tap, so that flat areas stay as they are."""
    rng, n, c = np.random.default_rng(args.seed), infer.TAPS, infer.TAPS // 2
    rest = [i for i in range(n) if i != c]
    gram = np.zeros((infer.BUCKETS, n, n))                                 # the column of the centre holds the target
    for kind, share in LIVE_SHARES.items():
        pics = args.learnt[kind]
        side = int((1e6 / len(pics)) ** .5 * 1.6)                          # a window of each picture, in low-resolution pixels
        for rgb in pics:
            for how in ("area", "bicubic"):
                weights = BT709 if rng.random() < 1 / 3 else BT601
                low, high = pictures.down(rgb, how) @ weights / 255, rgb @ weights / 255
                y, x = (int(rng.integers(0, max(1, s - side + 1))) for s in low.shape)
                low, high = low[y:y + side, x:x + side], high[2 * y:2 * (y + side), 2 * x:2 * (x + side)]
                found = infer.gradients(low)
                use = rng.random(low.shape) < np.where(found.energy >= 1 << 17, .5, .125)     # flat areas are plenty
                use[:4], use[-4:], use[:, :4], use[:, -4:] = (False,) * 4
                for py in (0, 1):
                    for px in (0, 1):
                        bucket, taps = infer.bucket_and_taps(low, found, px, py)
                        bucket, taps, goal = bucket[use], taps[use], high[py::2, px::2][use]
                        centre = taps[:, c].copy()
                        taps -= centre[:, None]
                        taps[:, c] = goal - centre
                        order = np.argsort(bucket, kind="stable")
                        names, starts = np.unique(bucket[order], return_index=True)
                        for b, t in zip(names, np.split(taps[order], starts[1:])):
                            gram[b] += share * (t.T @ t)
    everything = gram.sum(0)
    ridge = lambda a, k: k * np.trace(a) / n * np.eye(n - 1)
    a = everything[np.ix_(rest, rest)]
    mean = np.linalg.solve(a + ridge(a, 1e-4), everything[rest, c])
    filters = np.zeros((infer.BUCKETS, infer.STRIDE))
    for f, g in zip(filters, gram):
        a = g[np.ix_(rest, rest)]
        r = ridge(a, 1e-4) + 1e-3 * np.eye(n - 1)                          # a bucket seen seldom leans on the mean filter
        f[rest] = np.linalg.solve(a + r, g[rest, c] + r @ mean)
        f[c] = 1 - f[rest].sum()
    filters.astype("<f2").tofile(args.out)


# ---- nets ---------------------------------------------------------------------------------------------------------
BOTH = {"photo": .40, "3d": .10, "anime": .22, "art": .14, "rule": .14}
DRAWINGS = {"photo": .06, "3d": .04, "anime": .34, "art": .28, "rule": .28}
SHARES = {"small": BOTH, "large": BOTH, "drawing": DRAWINGS}
STEPS = {"small": 40_000, "large": 60_000, "drawing": 40_000}
RATE = {"small": 3e-3, "large": 2e-3, "drawing": 2e-3}
PATCH, BATCH = 48, 16


def pool(learnt, shares, count, rng, degraded=0.):
    """count pairs of luma patches (low, high), u8 steps kept as float32."""
    low = np.empty((count, PATCH, PATCH), np.float32)
    high = np.empty((count, 2 * PATCH, 2 * PATCH), np.float32)
    jobs = []
    for kind, share in shares.items():
        pics = learnt[kind]
        area = np.array([min(a.shape[0], 2000) * a.shape[1] for a in pics], float) ** .5
        area[[min(a.shape[:2]) < 2 * PATCH for a in pics]] = 0
        jobs += [(kind, int(i)) for i in rng.choice(len(pics), int(np.ceil(share * count)), p=area / area.sum())]
    jobs = sorted(jobs[i] for i in rng.permutation(len(jobs))[:count])
    at, last, halves = 0, None, {}
    for slot, (kind, i) in zip(rng.permutation(count), jobs):
        rgb = learnt[kind][i]
        if (kind, i) != last:
            last, halves = (kind, i), {how: pictures.down(rgb, how) for how in ("area", "bicubic")}
        weights = BT709 if rng.random() < 1 / 3 else BT601
        half = halves["area" if rng.random() < .5 else "bicubic"]
        for _ in range(5):                                                 # prefer patches with detail
            y, x = (int(rng.integers(0, s - PATCH + 1)) for s in half.shape[:2])
            a = half[y:y + PATCH, x:x + PATCH] @ weights
            if np.abs(np.diff(a, axis=0)).mean() + np.abs(np.diff(a, axis=1)).mean() > 3 or rng.random() < .1:
                break
        low[slot] = a / 255
        high[slot] = rgb[2 * y:2 * (y + PATCH), 2 * x:2 * (x + PATCH)] @ weights / 255
        if rng.random() < degraded:
            low[slot] = degrade(low[slot], rng)
    return low, high


def degrade(y, rng):
    """What a little blur, noise or a lossy coder does to a patch."""
    import cv2
    if rng.random() < .4:
        y = cv2.GaussianBlur(y, (0, 0), float(rng.uniform(.3, .6)))
    if rng.random() < .5:
        y = y + rng.normal(0, rng.uniform(1, 3) / 255, y.shape).astype(np.float32)
    y = np.clip(np.round(y * 255), 0, 255).astype(np.uint8)
    return (x264(y, int(rng.integers(18, 31))) if rng.random() < .6 else y).astype(np.float32) / 255


def x264(y, crf):
    import av, io
    f = io.BytesIO()
    with av.open(f, "w", "h264") as c:
        s = c.add_stream("libx264", options={"crf": str(crf), "preset": "veryfast", "tune": "psnr"})
        s.width, s.height, s.pix_fmt = y.shape[1], y.shape[0], "yuvj420p"
        frame = av.VideoFrame(s.width, s.height, "yuvj420p")
        for plane, v in zip(frame.planes, (y, None, None)):
            rows = np.full((plane.height, plane.line_size), 128, np.uint8)
            if v is not None:
                rows[:, :y.shape[1]] = v
            plane.update(rows.tobytes())
        for p in s.encode(frame) + s.encode(None):
            c.mux(p)
    f.seek(0)
    with av.open(f, "r", "h264") as c:
        return next(c.decode(video=0)).to_ndarray()[: y.shape[0], : y.shape[1]]


def build(kind):
    import torch
    from torch import nn

    class Net(nn.Module):
        """3x3 convolutions; four values a pixel are added to the bilinear picture, as depth to space."""

        def __init__(self, channels, inner, skip):
            super().__init__()
            widths = [1] + [channels] * (inner + 1) + [4]
            self.convs = nn.ModuleList(nn.Conv2d(i, o, 3) for i, o in zip(widths, widths[1:]))
            self.slopes = nn.ModuleList(nn.PReLU(channels, .2) for _ in range(inner + 1))
            self.skip, self.margin = skip, inner + 2
            nn.init.normal_(self.convs[-1].weight, std=.01)
            nn.init.zeros_(self.convs[-1].bias)

        def forward(self, y, edge=False):
            """y: n, 1, h, w. Without edge, the picture loses margin pixels on each side (of the low resolution)."""
            F = nn.functional
            pad = (lambda x: F.pad(x, (1,) * 4, mode="replicate")) if edge else (lambda x: x)
            x = pad(y - .5)
            for i, (conv, slope) in enumerate(zip(self.convs, self.slopes)):
                x = slope(conv(x))
                if i == 0:
                    first = x
                x = pad(x)
            if self.skip:
                k = 0 if edge else self.margin - 2
                x = x + (pad(first) if edge else first[..., k:first.shape[2] - k, k:first.shape[3] - k])
            up = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
            k = 0 if edge else 2 * self.margin
            return F.pixel_shuffle(self.convs[-1](x), 2) + up[..., k:up.shape[2] - k, k:up.shape[3] - k]

    return Net(*infer.NETS[kind]).to(memory_format=torch.channels_last)


def weights_of(net):
    """The layers in the order of the file."""
    out = []
    for i, conv in enumerate(net.convs):
        slope = net.slopes[i].weight.detach().numpy() if i < len(net.slopes) else None
        out.append((conv.weight.detach().numpy(), conv.bias.detach().numpy(), slope))
    return out


def train(args):
    import copy, torch
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    net, kind, steps = build(args.what), args.what, args.steps
    ema = copy.deepcopy(net)
    best = torch.optim.Adam(net.parameters(), lr=1, betas=(.9, .99), fused=True)
    start, rate = 0, args.rate
    if args.resume:
        state = torch.load(args.resume)
        net.load_state_dict(state["net"])
        ema.load_state_dict(state["ema"])
        best.load_state_dict(state["adam"])
        start = 0 if args.again else state["step"]
    rng, began, losses = np.random.default_rng(args.seed + start), time.time(), []
    refresh = 6000
    for step in range(start, steps):
        if (step - start) % refresh == 0:
            low, high = (torch.from_numpy(a)[:, None] for a in pool(args.learnt, SHARES[kind], args.pool, rng, args.degraded))
            k = 2 * net.margin
            high = high[..., k:-k, k:-k]
        i = torch.from_numpy(rng.integers(0, len(low), BATCH))
        x, y = low[i], high[i]
        flips = [d for d in (2, 3) if rng.random() < .5]
        if flips:
            x, y = x.flip(flips), y.flip(flips)
        if rng.random() < .5:
            x, y = x.transpose(2, 3), y.transpose(2, 3)
        t = step / steps
        for g in best.param_groups:
            g["lr"] = float(rate * min(1, (step + 1) / 300) * (.5 + .5 * np.cos(np.pi * t)) + 1e-6)
        e = net(x.contiguous(memory_format=torch.channels_last)) - y
        loss = loss_of(e, args.loss)
        best.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        best.step()
        with torch.no_grad():
            keep = min(.999, (step + 1) / (step + 10))
            torch._foreach_mul_(list(ema.parameters()), keep)
            torch._foreach_add_(list(ema.parameters()), list(net.parameters()), alpha=1 - keep)
        losses.append(float(loss.detach()))
        if (step + 1) % 2000 == 0 or step + 1 == steps:
            infer.write_net(args.out, weights_of(ema))
            torch.save({"net": net.state_dict(), "ema": ema.state_dict(), "adam": best.state_dict(), "step": step + 1,
                        "steps": steps, "rate": rate}, os.path.splitext(args.out)[0] + ".pt")
            line = f"step {step + 1} of {steps} loss {np.mean(losses[-2000:]):.5f} {time.time() - began:.0f} s"
            if (step + 1) % args.score_each == 0 or step + 1 == steps:
                line += "  " + short_score(args, kind, args.out)
            print(line, flush=True)
    if args.onnx:
        export(ema, args.onnx)


def loss_of(e, how):
    """log: mean over patches of the logarithm of the square error, which is what a mean of PSNRs rewards."""
    import torch
    if how == "log":
        return .1 * torch.log(e.square().mean((1, 2, 3)) + 1e-5).mean()
    if how == "l2":
        return 100 * e.square().mean()
    return torch.sqrt(e.square() + 1e-6).mean()


def export(net, path):
    import torch

    class Padded(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, y):
            return self.net(y, edge=True)
    torch.onnx.export(Padded().eval(), (torch.rand(1, 1, 27, 33),), path, input_names=["luma"], output_names=["doubled"], dynamo=False,
                      dynamic_axes={"luma": {0: "n", 2: "h", 3: "w"}, "doubled": {0: "n", 2: "h2", 3: "w2"}})


# ---- scores -------------------------------------------------------------------------------------------------------
def studio(y):
    return np.round(16 + 219 * np.clip(y, 0, 1)).astype(np.uint8)


def psnr(a, b):
    a, b = (z[4:-4, 4:-4].astype(np.float64) for z in (a, b))
    return 10 * np.log10(255**2 / max(np.mean((a - b) ** 2), 1e-12))


def ssim(a, b):
    from scipy.ndimage import correlate1d
    g = np.exp(-np.arange(-5, 6) ** 2 / 4.5)
    g /= g.sum()
    blur = lambda z: correlate1d(correlate1d(z, g, axis=0), g, axis=1)[5:-5, 5:-5]
    a, b = (z[4:-4, 4:-4].astype(np.float64) for z in (a, b))
    ma, mb = blur(a), blur(b)
    va, vb, ab = blur(a * a) - ma * ma, blur(b * b) - mb * mb, blur(a * b) - ma * mb
    c1, c2 = (.01 * 255) ** 2, (.03 * 255) ** 2
    return float(((2 * ma * mb + c1) * (2 * ab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2))).mean())


def short_score(args, kind, path):
    """PSNR at x2 by the twin in torch (its features stay f32: a difference below 0.001 dB)."""
    import torch
    if not hasattr(args, "tests"):
        args.tests = [(k, how, (pictures.down(a, how) @ BT601 / 255).astype(np.float32), studio(a @ BT601 / 255))
                      for k, _, a in pictures.scored(args.folder) for how in ("area", "bicubic")]
    net = build(kind)
    with torch.no_grad():
        for conv, slope, (w, b, a) in zip(net.convs, [*net.slopes, None], infer.read_net(path, *infer.NETS[kind])):
            conv.weight.copy_(torch.from_numpy(w))
            conv.bias.copy_(torch.from_numpy(b))
            if slope is not None:
                slope.weight.copy_(torch.from_numpy(a))
        rows = [(k, how, psnr(studio(net(torch.from_numpy(y)[None, None], edge=True)[0, 0].numpy()), truth))
                for k, how, y, truth in args.tests]
    return "  ".join(how + " " + " ".join(f"{k} {np.mean([r[2] for r in rows if r[1] == how and k in (r[0], 'all')]):.2f}"
                                            for k in ("photo", "drawn", "3d", "all")) for how in ("area", "bicubic"))


def lanczos(y):
    from PIL import Image
    return np.asarray(Image.fromarray(y.astype(np.float32)).resize((2 * y.shape[1], 2 * y.shape[0]), Image.LANCZOS))


def ssimulacra2(a, b):
    import tempfile
    from PIL import Image
    from ssimulacra2 import compute_ssimulacra2
    with tempfile.TemporaryDirectory() as d:
        for name, y in (("a.png", a), ("b.png", b)):
            grey = np.clip(np.round((y.astype(np.float32) - 16) * 255 / 219), 0, 255).astype(np.uint8)
            Image.fromarray(np.repeat(grey[..., None], 3, -1)).save(os.path.join(d, name))
        return compute_ssimulacra2(os.path.join(d, "a.png"), os.path.join(d, "b.png"))


def score(args):
    """A table in Markdown: a row for each of lanczos and the tables given, PSNR in dB and SSIM of luma."""
    methods = {"lanczos": lanczos}
    for t in args.tables:
        kind, path = t.split("=", 1)
        methods[kind] = infer.load(kind, path)
    measures = [("PSNR", psnr, ".2f"), ("SSIM", ssim, ".4f")] + ([("SSIMULACRA2", ssimulacra2, ".1f")] if args.ssimulacra2 else [])
    rows = {}
    for kind, name, rgb in (pictures.kept_back if args.kept_back else pictures.scored)(args.folder):
        rgb = rgb[: rgb.shape[0] // args.scale * args.scale, : rgb.shape[1] // args.scale * args.scale]
        truth = studio(rgb @ BT601 / 255)
        for how in ("area", "bicubic"):
            low = (pictures.down(rgb, how, args.scale) @ BT601 / 255).astype(np.float32)
            for m, double in methods.items():
                y = double(low)
                for _ in range(args.scale // 2 - 1):
                    y = double(np.clip(y, 0, 1))
                for what, measure, _ in measures:
                    rows[what, how, m, name if args.kept_back else kind, name] = measure(truth, studio(y))
    for what, _, form in measures:
        groups = [*dict.fromkeys(k[3] for k in rows), "all"]
        heads = [f"{g}, {how}" for how in ("area", "bicubic") for g in groups]
        print(f"\n| {what}, x{args.scale} | " + " | ".join(heads) + " |\n|" + "---|" * (len(heads) + 1))
        for m in methods:
            means = [np.mean([v for k, v in rows.items() if k[:3] == (what, how, m) and g in (k[3], "all")])
                     for how in ("area", "bicubic") for g in groups]
            print(f"| {m} | " + " | ".join(format(v, form) for v in means) + " |")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="what", required=True)
    for what in ("live", *infer.NETS, "score"):
        c = sub.add_parser(what, help="print the figures of README.md" if what == "score" else f"make {what}.f16")
        c.add_argument("--media", required=True, help="folder of the pictures that README.md lists, in any layout")
        if what == "score":
            c.add_argument("tables", nargs="*", metavar="KIND=FILE.f16", help="what to score, beside lanczos")
            c.add_argument("--scale", type=int, default=2, choices=(2, 4), help="4: doubled twice")
            c.add_argument("--kept-back", action="store_true", help="the four pictures that nothing was tuned on")
            c.add_argument("--ssimulacra2", action="store_true", help="this measure too (slow)")
            continue
        c.add_argument("--out", required=True, help="the table to write")
        c.add_argument("--seed", type=int, default=1)
        c.add_argument("--cache", metavar="FILE", help="keep the prepared pictures here between runs")
        if what in infer.NETS:
            c.add_argument("--steps", type=int, default=STEPS[what], help=f"of {BATCH} patches each (default %(default)s)")
            c.add_argument("--rate", type=float, default=RATE[what], help="highest rate of learning (default %(default)s)")
            c.add_argument("--resume", metavar="FILE.pt", help="go on from this state, which training leaves beside the output")
            c.add_argument("--again", action="store_true", help="with --resume: start the schedule anew from those weights")
            c.add_argument("--loss", default="log", choices=("log", "charbonnier", "l2"))
            c.add_argument("--degraded", type=float, default=0., help="share of patches with blur, noise or a coder's loss")
            c.add_argument("--pool", type=int, default=16000, help="patches held at a time (46 KB each)")
            c.add_argument("--threads", type=int, default=2)
            c.add_argument("--score-each", type=int, default=10000, metavar="STEPS")
            c.add_argument("--onnx", metavar="FILE", help="write the net as ONNX too")
    args = p.parse_args()
    args.folder = pictures.Folder(args.media)
    if args.what == "score":
        return score(args)
    if args.cache and os.path.exists(args.cache):
        with open(args.cache, "rb") as f:
            args.learnt = pickle.load(f)
    else:
        args.learnt = pictures.learnt(args.folder, args.seed)
        if args.cache:
            with open(args.cache, "wb") as f:
                pickle.dump(args.learnt, f, 5)
    (live if args.what == "live" else train)(args)


if __name__ == "__main__":
    main()
