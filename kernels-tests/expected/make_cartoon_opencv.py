"""Makes the values that kernels-tests/cartoon.rs expects: the bilateral filter and Canny's edges as OpenCV makes them.

    pip install opencv-python-headless==4.* && python make_cartoon_opencv.py [PHOTO.png]

Of the filtered picture every `STEP`th pixel each way is kept, red, green and blue, one byte each; then follow all edges
of the gray picture, eight to a byte, the first in the lowest bit.
"""

import sys

import cv2
import numpy as np

STEP = 4


def scene(width, height, shift):
    """The same picture as `channel` in cartoon.rs, in integers alone."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    disc = (x - width // 2 - shift) ** 2 + (y - height // 3) ** 2 < (height // 5) ** 2
    bars = ((x + shift) // 19 + y // 31) % 3 == 0
    grain = ((x * 2654435761 + (y + shift) * 40503 + (x * y) % 7919 * 131) % 4294967296 >> 13) % 23
    value = 40 + x * 120 // width + shift + 50 * disc - 35 * bars + grain
    return np.clip(value, 0, 255).astype(np.uint8)


def save(name, bgr, gray):
    smooth = cv2.bilateralFilter(bgr, 9, 75, 75)
    edges = cv2.Canny(gray, 50, 150)
    with open(name, "wb") as file:
        file.write(smooth[::STEP, ::STEP, ::-1].tobytes())
        file.write(np.packbits(edges.reshape(-1) > 0, bitorder="little").tobytes())


width, height = 240, 180
red, green, blue = (scene(width, height, shift) for shift in (0, 10, 25))
save("cartoon_scene.bin", np.dstack([blue, green, red]), green)
if len(sys.argv) > 1:
    photo = cv2.imread(sys.argv[1])
    save("cartoon_photo.bin", photo, cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY))
