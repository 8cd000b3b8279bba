"""Draws glyphs.png: the 95 printable characters of ASCII in the order of their codes, 16 in a row, white on black.

Run without arguments in this folder; it needs nothing but Python. A character is a list of strokes, a stroke a list of
points, a point two letters: its column, 0 to 8, and its row, 0 (top) to g (16, bottom). A stroke of one place is a dot.
Lines such as / and | end at the border of the cell, so that they go on in the next cell.
"""

import struct
import zlib
from pathlib import Path

COLUMNS, ROWS = 16, 6
CELL_WIDTH, CELL_HEIGHT = 24, 48
# Pixels for one step of the points, and half the width of a stroke in pixels.
STEP = CELL_WIDTH / 8
HALF = 2.2
TALL = 1.22

S = "74632314162768797b6c2c1b"
O = "2363747b6c2c1b1423"
P = "1c136374776818"
STROKES = {
    "!": "4349 4c4c", '"': "3335 5355", "#": "342c 645c 1676 1a7a", "$": S + " 424d",
    "%": "731c 1333351513 5a7a7c5c5a", "&": "7c262433435455191b2c4c78", "'": "4345", "(": "52353a5d",
    ")": "32555a3d", "*": "444b 157a 751a", "+": "434d 0888", ",": "4b4c3e", "-": "0888", ".": "4c4c",
    "/": "0g80", "0": O + " 652a", "1": "25434c 2c6c", "2": "14236374761c7c", "3": "14236374766737 67787b6c2c1b",
    "4": "5c531979", "5": "73131767787b6c2c1b", "6": "6333151b2c6c7b786717", "7": "13733c",
    "8": "236374766727161423 27181b2c6c7b7867", "9": "782817142363747a5c2c", ":": "4747 4c4c", ";": "4747 4b4c3e",
    "<": "74187c", "=": "0686 0a8a", ">": "14781c", "?": "14236374764849 4c4c",
    "@": "6a4a393746666a7a746323141b2c7c", "A": "1c437c 2969", "B": "1c136374766717 67787b6c1c",
    "C": "746323141b2c6c7b", "D": "1353757a5c1c13", "E": "73131c7c 1767", "F": "73131c 1767",
    "G": "746323141b2c6c7b7848", "H": "131c 737c 1777", "I": "2363 434c 2c6c", "J": "3373 636b5c2c1b",
    "K": "131c 7318 377c", "L": "131c7c", "M": "1c1348737c", "N": "1c137c73", "O": O, "P": P, "Q": O + " 4a7d",
    "R": P + " 487c", "S": S, "T": "1373 434c", "U": "131b2c6c7b73", "V": "134c73", "W": "132c476c73", "X": "137c 731c",
    "Y": "134873 484c", "Z": "13731c7c", "[": "52323d5d", "\\": "008g", "]": "32525d3d", "^": "164376", "_": "0f8f",
    "`": "3355", "a": "2656676c 69291a1b2c4c6a", "b": "131c6c7b776616", "c": "776626171b2c6c7b", "d": "737c2c1b172676",
    "e": "1979776626171b2c6c", "f": "6353444c 2767", "g": "7626171a2b7b 767d6e2e", "h": "131c 173666777c",
    "i": "26464c 2c6c 4343", "j": "36565d4e2e 5353", "k": "131c 6619 386c", "l": "23434b5c6c",
    "m": "1c1636474c 475666777c", "n": "1c16 173666777c", "o": "2666777b6c2c1b1726", "p": "1e1666777b6c1c",
    "q": "7e7626171b2c7c", "r": "262c 284676", "s": "7626171829697a7b6c1c", "t": "333b4c6c 1666", "u": "161b2c5c7a 767c",
    "v": "164c76", "w": "162c486c76", "x": "167c 761c", "y": "164c 763e1e", "z": "16761c7c", "{": "62434728494c6d",
    "|": "404g", "}": "22434768494c2d", "~": "192737596977",
}


def segments(character):
    """The strokes of a character as pairs of points in pixels."""
    found = []
    tall = 1 if character in "/\\|_-" else TALL
    for stroke in STROKES.get(character, "").split():
        values = [int(letter, 17) for letter in stroke]
        points = [(x * STEP, (8 + (y - 7.5 if tall != 1 else y - 8) * tall) * STEP) for x, y in zip(values[::2], values[1::2])]
        found += zip(points, points[1:])
    return found


def distance(x, y, segment):
    """From a place to the nearest point of a segment, in pixels."""
    (ax, ay), (bx, by) = segment
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = 0 if length == 0 else min(max(((x - ax) * dx + (y - ay) * dy) / length, 0), 1)
    return ((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2) ** 0.5


def cell(character):
    """The rows of a cell, each pixel 0 (paper) to 255 (ink)."""
    strokes = segments(character)
    rows = []
    for y in range(CELL_HEIGHT):
        nearest = [min((distance(x + 0.5, y + 0.5, s) for s in strokes), default=99) for x in range(CELL_WIDTH)]
        rows.append(bytes(round(255 * min(max(HALF + 0.5 - d, 0), 1)) for d in nearest))
    return rows


def chunk(name, data):
    """A chunk of a PNG file."""
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def main():
    """Writes glyphs.png beside this file."""
    lines = []
    for row in range(ROWS):
        cells = [cell(chr(32 + row * COLUMNS + column)) for column in range(COLUMNS)]
        lines += [b"\0" + b"".join(c[y] for c in cells) for y in range(CELL_HEIGHT)]
    head = struct.pack(">IIBBBBB", COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT, 8, 0, 0, 0, 0)
    picture = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(lines), 9)) + chunk(b"IEND", b"")
    Path(__file__).with_name("glyphs.png").write_bytes(b"\x89PNG\r\n\x1a\n" + picture)


main()
