"""Look-up tables evaluated by the colour-science package: the truth for src/color/lut.rs and for LUTs in the graph.

    pip install colour-science numpy
    python make_luts_colour.py [FOLDER OF .cube FILES]  > luts.json

Tables of our own go into the file as text; of a folder's files only names and values do.
"""

import json
import pathlib
import sys
import tempfile

import colour
import numpy as np

POINTS = 48


def rows(table):
    return "".join("%.6f %.6f %.6f\n" % tuple(row) for row in table)


def ours():
    random = np.random.default_rng(5)
    cube = lambda n: random.uniform(-0.1, 1.2, (n**3, 3))
    curve = lambda n: np.cumsum(random.uniform(0, 2 / n, (n, 3)), axis=0) - 0.1
    yield "cube.cube", "LUT_3D_SIZE 5\n" + rows(cube(5))
    yield "domain.cube", (
        "DOMAIN_MIN -0.2 0 0.1\nDOMAIN_MAX 1.5 2 0.9\nLUT_3D_SIZE 4\n" + rows(cube(4))
    )
    yield "curves.cube", "LUT_1D_SIZE 9\n" + rows(curve(9))
    yield "curves_domain.cube", (
        "LUT_1D_SIZE 7\nDOMAIN_MIN -0.5 0 0\nDOMAIN_MAX 1 2 3\n" + rows(curve(7))
    )
    yield "shaper.cube", (
        "LUT_1D_SIZE 6\nLUT_1D_INPUT_RANGE -0.1 1.4\nLUT_3D_SIZE 3\nLUT_3D_INPUT_RANGE -0.2 1.3\n"
        + rows(curve(6))
        + rows(cube(3))
    )


def read(path, text):
    if "LUT_1D_SIZE" in text and "LUT_3D_SIZE" in text or "INPUT_RANGE" in text:
        return colour.io.read_LUT_ResolveCube(str(path))
    return colour.io.read_LUT_IridasCube(str(path))


def evaluate(lut, points, interpolator):
    parts = lut.sequence if isinstance(lut, colour.LUTSequence) else [lut]
    values = points
    for part in parts:
        low, high = np.array(part.domain[0]), np.array(part.domain[-1])
        # The package extrapolates; players and graders hold the last entry.
        values = np.clip(values, low, high)
        if isinstance(part, colour.LUT3D):
            values = part.apply(values, interpolator=interpolator)
        else:
            values = part.apply(values)
    return values


def main():
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in ours():
            path = pathlib.Path(folder) / name
            path.write_text(text)
            found.append((name, text, read(path, text)))
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.cube")) if sys.argv[1:] else []:
        found.append((path.name, None, read(path, path.read_text())))
    random = np.random.default_rng(7)
    out = []
    for name, text, lut in found:
        # Half of them inside 0..1, which a picture can hold.
        points = random.uniform(-0.3, 1.6, (POINTS, 3))
        points[: POINTS // 2] = random.uniform(0, 1, (POINTS // 2, 3))
        points[0], points[1], points[2] = 0.0, 1.0, 0.5
        entry = {"name": name, "text": text, "points": np.round(points, 6).tolist()}
        points = np.array(entry["points"])
        for kind in ("trilinear", "tetrahedral"):
            interpolator = getattr(colour.algebra, "table_interpolation_" + kind)
            entry[kind] = np.round(evaluate(lut, points, interpolator), 7).tolist()
        out.append(entry)
    print("[" + ",\n".join(json.dumps(entry) for entry in out) + "]")


main()
