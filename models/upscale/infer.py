#!/usr/bin/env python3
"""Doubling of luma by the tables in shaders/common/double, in numpy: the truth that the kernels are held to.

usage: infer.py live|small|large|drawing TABLE.f16 IN.png OUT.png [--times N]

Luma is as coded, full range, 0..1. README.md describes the files. The picture written is grey.
"""
import argparse
from collections import namedtuple
import numpy as np

# ---- live: one 5x5 filter for each pixel of the output, chosen by the gradient near it ----------------------------
RADIUS, TAPS, STRIDE = 2, 25, 28               # taps of a filter; numbers that it takes in the file (a multiple of 4)
WINDOW = (3, 5, 6, 5, 3)                       # weights of the gradient's 5x5 window, each axis
TANGENTS = (69, 148, 256, 443, 955)            # tan 15, 30, 45, 60, 75 degrees, times 256
STRENGTHS = tuple(1 << k for k in (14, 16, 18, 20, 22, 24, 25))
COHERENCES = (4, 10)
BINS = 2 * len(TANGENTS) + 2
BUCKETS = BINS * (len(STRENGTHS) + 1) * (len(COHERENCES) + 1)
Gradients = namedtuple("Gradients", "u v energy strength coherence")


def shifted(a, dx, dy):
    """a at (x + dx, y + dy), indices clamped."""
    h, w = a.shape
    return a[np.clip(np.arange(h) + dy, 0, h - 1)[:, None], np.clip(np.arange(w) + dx, 0, w - 1)]


def gradients(y):
    """Direction (u, v at the doubled angle), energy, class of strength, class of coherence of each pixel: integers only."""
    q = np.clip(np.floor(1023 * y.astype(np.float32) + np.float32(.5)), 0, 1023).astype(np.int64)
    gx, gy = shifted(q, 1, 0) - shifted(q, -1, 0), shifted(q, 0, 1) - shifted(q, 0, -1)

    def window(z):
        z = sum(w * shifted(z, i - 2, 0) for i, w in enumerate(WINDOW))
        return sum(w * shifted(z, 0, i - 2) for i, w in enumerate(WINDOW))
    a, b, d = window(gx * gx), window(gx * gy), window(gy * gy)
    energy = a + d
    bits = np.frexp(energy.astype(np.float64))[1]                          # length in bits; exact, as energy < 2^53
    shift = np.maximum(0, bits - 13)
    a, b, d = a >> shift, b >> shift, d >> shift                           # arithmetic: b may be negative
    u, v, t = a - d, 2 * b, a + d
    r2 = u * u + v * v
    coherence = sum((16 * r2 >= c * t * t).astype(np.int64) for c in COHERENCES)
    strength = sum((energy >= s).astype(np.int64) for s in STRENGTHS)
    return Gradients(u, v, energy, strength, coherence)


def bucket_and_taps(y, g, px, py):
    """For the output pixels of phase (px, py): number of the filter and its taps, mirrored so that all phases look alike."""
    sx, sy = (1 if px else -1), (1 if py else -1)
    swap, u, v = g.u < 0, np.abs(g.u), g.v * sx * sy
    k = sum((np.abs(v) * 256 >= u * t).astype(np.int64) for t in TANGENTS)
    angle = np.where(v < 0, BINS // 2 - 1 - k, BINS // 2 + k)
    bucket = (angle * (len(STRENGTHS) + 1) + g.strength) * (len(COHERENCES) + 1) + g.coherence
    taps = [np.where(swap, shifted(y, sx * j, sy * i), shifted(y, sx * i, sy * j))
            for j in range(-RADIUS, RADIUS + 1) for i in range(-RADIUS, RADIUS + 1)]
    return bucket, np.stack(taps, -1).astype(np.float32)


def read_live(path):
    return np.fromfile(path, "<f2").astype(np.float32).reshape(BUCKETS, STRIDE)


def double_live(filters, y):
    y = y.astype(np.float32)
    g, out = gradients(y), np.empty((2 * y.shape[0], 2 * y.shape[1]), np.float32)
    for py in (0, 1):
        for px in (0, 1):
            bucket, taps = bucket_and_taps(y, g, px, py)
            out[py::2, px::2] = np.einsum("hwk,hwk->hw", taps, filters[bucket, :TAPS])
    return out


# ---- nets: 3x3 convolutions, four values for each pixel added to the bilinear picture -----------------------------
NETS = {"small": (8, 2, False), "large": (16, 4, False), "drawing": (12, 3, False)}     # channels, inner layers, long skip


def write_net(path, layers):
    """layers: (weights O,I,3,3; bias O; slopes O or None). See README.md for the order of the numbers."""
    out = []
    for w, b, a in layers:
        o, i = w.shape[:2]
        w = np.pad(w, ((0, 0), (0, -i % 4), (0, 0), (0, 0)))
        w = w.reshape(o // 4, 4, -1, 4, 9).transpose(4, 2, 0, 3, 1)        # tap, group in, group out, lane in, lane out
        out += [w.ravel(), b] + ([] if a is None else [a])
    np.concatenate(out).astype("<f2").tofile(path)


def read_net(path, channels, inner, _skip=False):
    numbers, at, layers = np.fromfile(path, "<f2").astype(np.float32), 0, []

    def take(n):
        nonlocal at
        at += n
        assert at <= len(numbers), f"{path} is too short"
        return numbers[at - n:at]
    widths = [1] + [channels] * (inner + 1) + [4]
    for k, (i, o) in enumerate(zip(widths, widths[1:])):
        groups = (i + 3) // 4
        w = take(9 * groups * 4 * o).reshape(9, groups, o // 4, 4, 4).transpose(2, 4, 1, 3, 0).reshape(o, groups * 4, 3, 3)[:, :i]
        layers.append((np.ascontiguousarray(w), take(o), take(o) if k <= inner else None))
    assert at == len(numbers), f"{path} is too long"
    return layers


def bilinear(y):
    """Twice the size; pixel centres at halves, indices clamped."""
    def axis(a):
        p = np.concatenate([a[:1], a, a[-1:]])
        return np.stack([.25 * p[:-2] + .75 * a, .75 * a + .25 * p[2:]], 1).reshape(2 * len(a), -1)
    return axis(axis(y).T).T


def double_net(layers, skip, y):
    """Features lie in memory as f16 between the layers; sums are f32; neighbours beyond the edge are the nearest pixel inside."""
    y = y.astype(np.float32)
    h, w = y.shape
    x = (y - np.float32(.5))[..., None]
    for k, (weights, bias, slope) in enumerate(layers):
        p = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
        x = bias + sum(p[i:i + h, j:j + w] @ weights[:, :, i, j].T for i in range(3) for j in range(3))
        if slope is not None:
            x = np.where(x < 0, x * slope, x)
            if skip and k == len(layers) - 2:
                x = x + first                                              # in f32, before it is stored
            x = x.astype(np.float16).astype(np.float32)
        if k == 0:
            first = x
    return bilinear(y) + x.reshape(h, w, 2, 2).transpose(0, 2, 1, 3).reshape(2 * h, 2 * w)


def load(kind, path):
    """A function from luma to luma of twice the size."""
    if kind == "live":
        filters = read_live(path)
        return lambda y: double_live(filters, y)
    layers = read_net(path, *NETS[kind])
    return lambda y: double_net(layers, NETS[kind][2], y)


def main():
    from PIL import Image
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kind", choices=["live", *NETS])
    p.add_argument("table")
    p.add_argument("input")
    p.add_argument("output")
    p.add_argument("--times", type=int, default=1, help="how often to double: 2 gives four times the size")
    a = p.parse_args()
    y = np.asarray(Image.open(a.input).convert("RGB")) @ np.array([.299, .587, .114], np.float32) / 255
    double = load(a.kind, a.table)
    for _ in range(a.times):
        y = np.clip(double(y), 0, 1)
    Image.fromarray(np.round(y * 255).astype(np.uint8)).save(a.output)


if __name__ == "__main__":
    main()
