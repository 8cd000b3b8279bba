"""Draws the picture that the look `woodcut` is trained towards: carved lines of ink on paper, and flat colours.

    python3 models/woodcut.py woodcut.png

Nothing but Python's own library is needed, and the picture is the same on every machine.
"""
import math, random, struct, sys, zlib

W, H = 640, 512
PAPER, INK = (243, 233, 208), (24, 22, 38)
COLOURS = [(214, 84, 48), (236, 172, 66), (46, 120, 132), (36, 62, 108), (122, 160, 110)]


def noise(seed):
    """A smooth field of values from -1 to 1."""
    r = random.Random(seed)
    waves = [(r.uniform(-1, 1) * 0.03, r.uniform(-1, 1) * 0.03, r.uniform(0, 6.3)) for _ in range(7)]
    return lambda x, y: sum(math.sin(a * x + b * y + c) for a, b, c in waves) / 3.0


def main(path):
    tone, hue, turn, wob = noise(4), noise(9), noise(2), noise(7)
    r = random.Random(1)
    rows = []
    # The direction of the cuts follows a field; a line's phase is what the field's potential gives.
    p1, p2 = noise(11), noise(12)
    for y in range(H):
        row = bytearray([0])
        for x in range(W):
            t = 0.5 + 0.55 * tone(x, y)
            # Regions with edges: each has one direction of cuts and one colour.
            a, b = p1(x, y), p2(x * 0.8, y * 0.8)
            region = (a > 0.15) + 2 * (b > 0.1) + 4 * (a + b > 0.9)
            angle = [0.35, -0.8, 1.25, 2.1, 0.0, 0.9, -0.3, 1.7][region]
            bend = 9.0 * turn(x, y) + 1.2 * wob(3.1 * x, 3.1 * y)
            u = x * math.cos(angle) + y * math.sin(angle) + bend
            period = 7.5
            line = 0.5 + 0.5 * math.cos(2 * math.pi * u / period)
            # A cut swells where it is lighter, and ends in a point.
            along = -x * math.sin(angle) + y * math.cos(angle)
            swell = 0.10 * math.sin(along / 9.0 + 2.3 * math.floor(u / period))
            light = min(1.0, max(0.0, t + swell))
            ink = min(1.0, max(0.0, (line - (light * 1.15 - 0.05)) * 5.0 + 0.5))
            if t > 0.9:
                ink = 0.0
            if t < 0.06:
                ink = 1.0
            # Outlines between regions.
            edge = min(abs(a - 0.15), abs(b - 0.1), abs(a + b - 0.9))
            if edge < 0.022:
                ink = 1.0
            h = hue(x * 1.3, y * 1.3) * 1.2 + 0.4 * (region % 3) - 0.2
            flat = PAPER if h > 0.75 or t > 0.8 else COLOURS[int(abs(h) * 2.5 + region) % len(COLOURS)]
            for c in range(3):
                row.append(int(flat[c] * (1 - ink) + INK[c] * ink + 0.5))
        rows.append(bytes(row))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main(sys.argv[1])
