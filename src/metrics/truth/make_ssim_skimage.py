"""Writes ssim.json: PSNR and SSIM of two pairs of pictures by scikit-image, with which ../ssim.rs is compared.

pip install scikit-image; python make_ssim_skimage.py
"""

import json
from pathlib import Path

import numpy
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

WIDTH, HEIGHT = 96, 75


def scene(x, y):
    """Gradients with edges: as `gradients` in ../ssim.rs."""
    return (60 + x + (y * y) // 48 + 40 * ((x // 24 + y // 20) % 2)) % 256


def changed(x, y, strength):
    """The scene with noise, and a darker corner: as `changed` there."""
    noise = ((x * 7919 + y * 104729) // 16 * 31 % 97 - 48) * strength // 48
    dark = numpy.where(x + y > 120, 6, 0)
    return numpy.clip(scene(x, y) + noise - dark, 0, 255)


def main():
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    first = scene(x, y).astype(numpy.uint8)
    found = []
    for strength in (3, 12, 60):
        second = changed(x, y, strength).astype(numpy.uint8)
        found.append(
            {
                "strength": strength,
                "psnr": peak_signal_noise_ratio(first, second, data_range=255),
                "ssim": structural_similarity(
                    first.astype(float),
                    second.astype(float),
                    data_range=255,
                    gaussian_weights=True,
                    sigma=1.5,
                    use_sample_covariance=False,
                ),
            }
        )
    path = Path(__file__).with_name("ssim.json")
    path.write_text(json.dumps(found, indent=1) + "\n")


main()
