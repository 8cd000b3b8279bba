"""Writes doubling.json: what NumPy makes of the tables of common/double, by models/upscale/infer.py.

Needs numpy. Run in the root of the repository: python3 kernels-tests/expected/make_doubling_numpy.py
"""
import json
import sys

import numpy as np

sys.path.insert(0, "models/upscale")
import infer

WIDTH, HEIGHT = 19, 15
TABLES = (("filters", "live"), ("small", "small"), ("drawing", "drawing"), ("large", "large"))

x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
# Waves, an edge, a disc, a line, and noise.
luma = 128 + 60 * np.sin(x / 2.3) * np.cos(y / 3.1)
luma = np.where(x + 2 * y > 30, luma * 0.4 + 10, luma)
luma = np.where((x - 6) ** 2 + (y - 9) ** 2 < 14, 235, luma)
luma[:, 14] = 30
luma = np.clip(np.round(luma + np.random.default_rng(3).normal(0, 2, luma.shape)), 0, 255).astype(int)

doubled = []
for name, kind in TABLES:
    made = infer.load(kind, f"shaders/common/double/{name}.f16")((luma / 255).astype(np.float32))
    doubled.append([name, [round(float(value), 5) for value in np.ravel(made)]])
expected = {"width": WIDTH, "height": HEIGHT, "luma": luma.ravel().tolist(), "doubled": doubled}
with open("kernels-tests/expected/doubling.json", "w") as file:
    json.dump(expected, file, separators=(",", ":"))
