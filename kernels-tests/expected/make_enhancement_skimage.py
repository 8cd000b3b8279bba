"""Writes enhancement.json: what common/clarity, common/detail and common/deblur make of a small picture, stated in NumPy.

The deconvolution is first compared with scikit-image's, which starts from a flat picture and knows neither damping nor bounds.
pip install scikit-image; python make_enhancement_skimage.py
"""

import json
from pathlib import Path

import numpy
from scipy.ndimage import convolve, gaussian_filter, maximum_filter, minimum_filter
from skimage.restoration import richardson_lucy

WIDTH, HEIGHT = 44, 34
LIFT = 1 / 8
CLARITY = {"amount": 1.0, "radius": 10.0, "softness": 0.01}
DETAIL = {"amount": 1.5, "noise": 0.02, "radius": 3.0, "softness": 0.003, "overshoot": 0.25}
DEBLUR = {"sigma": 1.2, "iterations": 5, "noise": 0.02, "overshoot": 0.2}


def blurred(image, sigma):
    return gaussian_filter(image, sigma, mode="mirror", truncate=6.0)


def bounded(made, luma, overshoot):
    low, high = (of(luma, 3, mode="nearest") for of in (minimum_filter, maximum_filter))
    beyond = overshoot * (high - low)
    return numpy.clip(made, low - beyond, high + beyond)


def smooth(luma, radius, softness):
    """He, Sun, Tang: "Guided image filtering", 2013, equations 5, 6 and 8, with p = I, a of squares, half the radius in 8."""
    sigma = radius / 2
    mean = blurred(luma, sigma)
    variance = blurred(luma**2, sigma) - mean**2
    slope = variance**2 / (variance**2 + softness**2)
    return blurred(slope, sigma / 2) * luma + blurred((1 - slope) * mean, sigma / 2)


def clarity(luma, amount, radius, softness):
    change = amount * (luma - smooth(luma, radius, softness))
    left = numpy.maximum(numpy.where(change > 0, 1 - luma, luma), 0)
    return luma + change * left / numpy.sqrt(numpy.maximum(left**2 + change**2, 1e-12))


def detail(luma, amount, noise, radius, softness, overshoot):
    difference = luma - smooth(luma, radius, softness)
    weights = numpy.outer([1, 2, 1], [1, 2, 1]) / 16
    variance = convolve(difference**2, weights, mode="nearest")
    sure = variance**2 / numpy.maximum(variance**2 + (2 * noise**2) ** 2, 1e-20)
    return bounded(luma + amount * sure * difference, luma, overshoot)


def damping(difference, noise):
    """White 1994 with N = 3: U² (3 - 2 U), U = min(1, d² / T²), T twice the noise."""
    share = numpy.minimum(difference**2 / max(4 * noise**2, 1e-12), 1)
    return share**2 * (3 - 2 * share)


def lucy(luma, estimate, sigma, iterations, noise):
    for _ in range(iterations):
        blur = blurred(estimate, sigma)
        difference = luma - blur
        ratio = 1 + damping(difference, noise) * difference / (blur + LIFT)
        estimate = (estimate + LIFT) * blurred(ratio, sigma) - LIFT
    return estimate


def deblur(luma, sigma, iterations, noise, overshoot):
    return bounded(lucy(luma, luma, sigma, iterations, noise), luma, overshoot)


def scene():
    """Waves, an edge, a disc, a line, texture and noise: codes of 8 bits."""
    x, y = numpy.meshgrid(numpy.arange(WIDTH), numpy.arange(HEIGHT))
    luma = 128 + 50 * numpy.sin(x / 4.3) * numpy.cos(y / 5.1)
    luma = numpy.where(x + 2 * y > 62, luma * 0.4 + 10, luma)
    luma = numpy.where((x - 12) ** 2 + (y - 20) ** 2 < 40, 235, luma)
    luma[:, 34] = 30
    luma = luma + numpy.where(y < 10, 12.0 * ((x + y) % 3 - 1), 0)
    luma = blurred(luma, 0.8) + numpy.random.default_rng(3).normal(0, 2, luma.shape)
    return numpy.clip(numpy.round(luma), 0, 255).astype(int)


def compare_with_skimage(luma):
    """Of the interior: beyond the borders, scikit-image sees black."""
    sigma, iterations, reach = DEBLUR["sigma"], 3, 8
    impulse = numpy.zeros((2 * reach + 1, 2 * reach + 1))
    impulse[reach, reach] = 1
    spread = gaussian_filter(impulse, sigma, truncate=6.0)
    wide = numpy.pad(luma, 8 * reach, mode="reflect")
    theirs = richardson_lucy(wide + LIFT, spread, num_iter=iterations, clip=False) - LIFT
    ours = lucy(wide, numpy.full(wide.shape, 0.5 - LIFT), sigma, iterations, 0.0)
    inner = slice(8 * reach, -8 * reach)
    apart = numpy.abs(theirs - ours)[inner, inner].max()
    assert apart < 1e-6, apart


def main():
    codes = scene()
    luma = codes / 255
    compare_with_skimage(luma)
    made = []
    for block, function, values in (
        ("clarity", clarity, CLARITY),
        ("detail", detail, DETAIL),
        ("deblur", deblur, DEBLUR),
    ):
        values_made = function(luma, **values)
        rounded = [round(float(value), 5) for value in numpy.ravel(values_made)]
        settings = [[name, float(value)] for name, value in values.items()]
        made.append([block, settings, rounded])
    expected = {"width": WIDTH, "height": HEIGHT, "luma": codes.ravel().tolist(), "made": made}
    path = Path(__file__).with_name("enhancement.json")
    path.write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
