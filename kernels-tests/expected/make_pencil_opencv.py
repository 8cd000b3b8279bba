"""Makes the values that kernels-tests/pencil.rs expects: the pencil drawing as OpenCV makes it, and the divisor it used.

    pip install opencv-python-headless==4.* && python make_pencil_opencv.py [PHOTO.png]

Every `STEP`th pixel each way is kept: drawing, then divisor, one byte each, row by row.
"""

import sys

import cv2
import numpy as np

STEP = 4


def scene(width, height):
    """The same picture as `scene` in pencil.rs, in integers alone."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    disc = (x - width // 2) ** 2 + (y - height // 3) ** 2 < (height // 5) ** 2
    bars = (x // 19 + y // 31) % 3 == 0
    grain = ((x * 2654435761 + y * 40503 + (x * y) % 7919 * 131) % 4294967296 >> 13) % 13
    value = 40 + x * 150 // width + 50 * disc - 35 * bars + grain
    return np.clip(value, 0, 255).astype(np.uint8)


def drawing(gray):
    sigma = 21.0 * min(gray.shape) / 1080.0
    divisor = 255 - cv2.GaussianBlur(255 - gray, (0, 0), sigma)
    return cv2.divide(gray, divisor, scale=255), divisor


def save(name, gray):
    result, divisor = drawing(gray)
    with open(name, "wb") as file:
        file.write(result[::STEP, ::STEP].tobytes() + divisor[::STEP, ::STEP].tobytes())


save("pencil_scene.bin", scene(320, 240))
if len(sys.argv) > 1:
    save("pencil_photo.bin", cv2.cvtColor(cv2.imread(sys.argv[1]), cv2.COLOR_BGR2GRAY))
