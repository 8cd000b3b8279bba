"""Look-up tables in several file formats, evaluated by OpenColorIO: the truth for src/color/lut_file.

    pip install opencolorio numpy
    python make_luts_ocio.py > luts_ocio.json
"""

import json
import pathlib
import tempfile

import numpy as np
import PyOpenColorIO as ocio

RANDOM = np.random.default_rng(7)
POINTS = RANDOM.uniform(-0.1, 1.15, (40, 3)).astype(np.float32)


def cube(n):
    return RANDOM.uniform(-0.1, 1.2, (n**3, 3))


def curve(n):
    return np.cumsum(RANDOM.uniform(0, 2 / n, (n, 3)), axis=0) - 0.05


def rows(table):
    return "".join("%.6f %.6f %.6f\n" % tuple(row) for row in table)


def codes(table, largest):
    return "".join("%d %d %d\n" % tuple(row) for row in np.clip(np.round(table * largest), 0, largest))


def files():
    yield "mesh.3dl", "3DMESH\nMesh 2 12\n0 256 512 768 1023\n" + codes(cube(5), 4095) + "\nLUT8\ngamma 1.0\n"
    yield "plain.3dl", "# made by hand\n0 341 682 1023\n" + codes(cube(4), 4095)
    yield "shaper.3dl", "0 100 400 1023\n" + codes(cube(4), 1023)
    yield "one.spi1d", "Version 1\nFrom -0.125 1.125\nLength 9\nComponents 1\n{\n" + "".join(
        " %.6f\n" % value for value in curve(9)[:, 0]
    ) + "}\n"
    yield "three.spi1d", "Version 1\nFrom 0 1\nLength 7\nComponents 3\n{\n" + rows(curve(7)) + "}\n"
    indices = [(r, g, b) for r in range(4) for g in range(4) for b in range(4)]
    yield "cube.spi3d", "SPILUT 1.0\n3 3\n4 4 4\n" + "".join(
        "%d %d %d " % index + "%.6f %.6f %.6f\n" % tuple(row) for index, row in zip(indices, cube(4))
    )
    simple = "2\n0 1\n0 1\n" * 3
    yield "cube.csp", "CSPLUTV100\n3D\n\nBEGIN METADATA\nmade by hand\nEND METADATA\n\n" + simple + "\n3 3 3\n" + rows(cube(3))
    yield "range.csp", "CSPLUTV100\n3D\n\n" + "2\n-0.25 1.5\n0 1\n" * 3 + "\n3 3 3\n" + rows(cube(3))
    yield "curves.csp", "CSPLUTV100\n1D\n\n" + simple + "\n6\n" + rows(curve(6))
    clf = '<?xml version="1.0" encoding="UTF-8"?>\n<ProcessList xmlns="urn:AMPAS:CLF:v3.0" id="a" compCLFversion="3">\n%s</ProcessList>\n'
    lut1 = '<LUT1D inBitDepth="32f" outBitDepth="10i"><Array dim="6 3">\n%s</Array></LUT1D>\n' % rows(curve(6) * 1023)
    lut3 = '<LUT3D inBitDepth="10i" outBitDepth="12i"><Array dim="3 3 3 3">\n%s</Array></LUT3D>\n' % rows(cube(3) * 4095)
    ranged = (
        '<Range inBitDepth="32f" outBitDepth="32f"><minInValue>-0.2</minInValue><maxInValue>1.3</maxInValue>'
        "<minOutValue>0</minOutValue><maxOutValue>1</maxOutValue></Range>\n"
    )
    yield "curves.clf", clf % lut1
    yield "both.clf", clf % (lut1 + lut3)
    yield "range.clf", clf % (ranged + lut3.replace('inBitDepth="10i"', 'inBitDepth="32f"'))


def evaluate(path, interpolation):
    transform = ocio.FileTransform(src=str(path), interpolation=interpolation)
    config = ocio.Config.CreateRaw()
    processor = config.getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
    values = POINTS.copy()
    processor.applyRGB(values)
    return values.tolist()


def main():
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files():
            path = pathlib.Path(folder) / name
            path.write_text(text)
            out.append(
                {
                    "name": name,
                    "text": text,
                    "points": POINTS.tolist(),
                    "trilinear": evaluate(path, ocio.INTERP_LINEAR),
                    "tetrahedral": evaluate(path, ocio.INTERP_TETRAHEDRAL),
                }
            )
    rounded = json.loads(json.dumps(out), parse_float=lambda text: round(float(text), 7))
    print(json.dumps(rounded, separators=(",", ":")).replace('{"name"', '\n{"name"'))


main()
