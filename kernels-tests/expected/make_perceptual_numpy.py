"""Writes perceptual.json: what common/perceptual makes of a small gray picture at half its size, stated in NumPy after Öztireli
and Gross, "Perceptually based downscaling of images", 2015, with windows of 3 by 3 by binomial weights.

pip install numpy scipy; python make_perceptual_numpy.py
"""

import json
from pathlib import Path

import numpy
from scipy.ndimage import convolve

WIDTH, HEIGHT = 48, 36
FLOOR = 1e-6
MOST = 4.0


def triangle(x):
    return numpy.maximum(1 - numpy.abs(x), 0)


def halved(image):
    """By a triangle four pixels wide. Borders are not compared."""

    def weights(count):
        places = 2 * numpy.arange(count // 2)[:, None] + 1
        of = triangle((numpy.arange(count)[None, :] + 0.5 - places) / 2)
        return of / of.sum(axis=1, keepdims=True)

    return weights(image.shape[0]) @ image @ weights(image.shape[1]).T


def windows(image):
    return convolve(image, numpy.outer([1, 2, 1], [1, 2, 1]) / 16, mode="nearest")


def perceptual(image):
    small = halved(image)
    mean = windows(small)
    now = windows(small**2) - mean**2
    before = windows(halved(image**2)) - mean**2
    more = numpy.sqrt((numpy.maximum(before, 0) + FLOOR) / (numpy.maximum(now, 0) + FLOOR))
    more = numpy.clip(more, 1, MOST)
    # The mean of what the windows about a pixel make of it.
    return windows(mean) + windows(more) * small - windows(more * mean)


def scene():
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    random = numpy.random.default_rng(7)
    picture = 0.35 + 0.25 * numpy.sin(x / 5) * numpy.cos(y / 7) + 0.3 * (x + y > 42)
    picture += 0.05 * random.standard_normal(picture.shape) * (x > 20)
    return numpy.clip(numpy.round(255 * picture), 0, 255).astype(int)


def main():
    codes = scene()
    made = perceptual(codes / 255)
    expected = {
        "width": WIDTH,
        "height": HEIGHT,
        "luma": codes.ravel().tolist(),
        "made": [round(float(value), 5) for value in made.ravel()],
    }
    path = Path(__file__).with_name("perceptual.json")
    path.write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
