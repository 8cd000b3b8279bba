"""The look that comes with the style, as a .cube file: python make_look.py > look.cube

A print of a warm evening: teal in the lower midtones, amber in the lights, whites like paper, colours a little quieter
the more they shout; blacks stay black and skin stays skin. In BT.709 R'G'B' as displayed.
"""

SIZE = 17
LUMA = (0.2126, 0.7152, 0.0722)


def smooth(low, high, x):
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


def shoulder(x):
    """The straight line up to 0.7, then a bend that reaches 0.975 at 1 with a third of the slope."""
    start, end, slope = 0.7, 0.975, 0.35
    if x <= start:
        return x
    t = (x - start) / (1 - start)
    # Hermite, from slope 1 to `slope`.
    h00, h10 = (1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2
    h01, h11 = t * t * (3 - 2 * t), t * t * (t - 1)
    return h00 * start + h10 * (1 - start) + h01 * end + h11 * (1 - start) * slope


def look(rgb):
    luma = sum(w * c for w, c in zip(LUMA, rgb))
    most, least = max(rgb), min(rgb)
    chroma = most - least
    # Orange, where skin is: red over green over blue.
    r, g, b = rgb
    skin = smooth(0.0, 0.25, r - b) * smooth(-0.05, 0.1, r - g) * smooth(-0.05, 0.08, g - b)
    # Loud colours are turned down, and everything near white.
    quiet = 1.0 - 0.16 * smooth(0.3, 1.0, chroma) - 0.2 * smooth(0.75, 1.0, luma)
    rgb = [luma + (c - luma) * quiet for c in rgb]
    # Not on what has a colour of its own: teal on a red saucer is purple.
    own = max(0.75 * skin, smooth(0.05, 0.45, chroma))
    teal = luma * (1 - luma) ** 2 * 6.75 * smooth(0.0, 0.1, luma) * (1 - own)
    amber = smooth(0.35, 0.95, luma)
    shift = (
        -0.020 * teal + 0.015 * amber,
        0.004 * teal - 0.003 * amber,
        0.018 * teal - 0.019 * amber,
    )
    return [min(max(shoulder(c + s), 0.0), 1.0) for c, s in zip(rgb, shift)]


print('TITLE "aquatint cinematic"')
print(f"LUT_3D_SIZE {SIZE}")
for blue in range(SIZE):
    for green in range(SIZE):
        for red in range(SIZE):
            graded = look([c / (SIZE - 1) for c in (red, green, blue)])
            print(" ".join(f"{c:.5f}" for c in graded))
