"""Draws the picture that the look `woodcut` is trained towards: ink, flat colours and paper, with cuts where they meet.

    python3 models/woodcut.py woodcut.png

Nothing but Python's own library is needed, and the picture is the same on every machine.
"""
import math, random, struct, sys, zlib

W, H = 768, 640
PAPER, INK = (243, 233, 208), (24, 22, 38)
# From dark to light, a cool and a warm one each.
COLOURS = [[(36, 66, 116), (150, 48, 44)], [(50, 128, 140), (220, 96, 52)], [(150, 180, 140), (238, 178, 76)]]
# Tones at which the next colour begins, and from which there is paper.
STEPS = [0.46, 0.61, 0.76]
PERIOD = 10.0


def noise(seed, size):
    """A smooth field of values from about -1 to 1, with shapes of about `size` pixels."""
    r = random.Random(seed)
    waves = []
    for _ in range(9):
        angle, length = r.uniform(0, math.tau), size * r.uniform(0.7, 1.6)
        waves.append((math.tau * math.cos(angle) / length, math.tau * math.sin(angle) / length, r.uniform(0, math.tau)))
    return lambda x, y: sum(math.sin(a * x + b * y + c) for a, b, c in waves) / 3.2


def main(path):
    tone, small, hue, turn, p1, p2 = noise(4, 260), noise(5, 90), noise(9, 300), noise(2, 170), noise(11, 300), noise(12, 260)
    rows = []
    for y in range(H):
        row = bytearray([0])
        for x in range(W):
            # Regions with outlines: each has its own direction of cuts and its own tone.
            a, b = p1(x, y), p2(x, y)
            region = (a > 0.2) + 2 * (b > 0.15)
            angle = [0.5, -0.7, 1.25, 2.3][region]
            t = 0.59 + 0.34 * tone(x, y) + 0.10 * small(x, y) + [0.0, 0.12, -0.12, 0.05][region]
            u = x * math.cos(angle) + y * math.sin(angle) + 14.0 * turn(x, y)
            along = -x * math.sin(angle) + y * math.cos(angle)
            # Cuts begin and end in points, each a little elsewhere.
            stroke = math.floor(u / PERIOD)
            light = t + 0.035 * math.sin(along / 11.0 + 2.3 * stroke) + 0.02 * math.sin(1.7 * stroke)
            # Half the width of the ink in a period: all of it in the dark, none from the middle tones on.
            wide = max(0.0, min(0.88, (0.52 - light) / 0.20))
            away = abs(u / PERIOD - stroke - 0.5)  # 0 in the middle of a line, 0.5 between two
            ink = min(1.0, max(0.0, (0.42 * wide - away) * PERIOD + 0.5)) if wide > 0.12 else 0.0
            # Most of the dark is solid; in the rest, cuts of 3 pixels show what is there.
            if wide > 0.86 and small(y, x) < 0.35:
                ink = 1.0
            edge = min(abs(a - 0.2), abs(b - 0.15))
            if edge < 0.035:
                ink = 1.0
            warm = hue(x, y) + 0.5 * (region in (1, 2)) > 0.25
            level = sum(light > step for step in STEPS)
            flat = PAPER if level == 3 else COLOURS[level][warm]
            for c in range(3):
                row.append(int(flat[c] * (1 - ink) + INK[c] * ink + 0.5))
        rows.append(bytes(row))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main(sys.argv[1])
