//! How often the loops of kernels run that a compiler does not unroll.

use aquatint::graph::plan::{Plan, Step, Target};

/// Of entry point `entry` of a step, each loop in the order in which they begin.
pub fn of(plan: &Plan, step: &Step, entry: usize) -> Vec<f64> {
    let mut trips = Vec::new();
    let (columns, rows) = plan.workgroup_of(step);
    for tile in plan.tiles_of(step).iter().filter(|tile| tile.kept) {
        trips.push(f64::from(tile.extent.0 * tile.extent.1) / f64::from(columns * rows));
    }
    for node in plan.nodes_of(step) {
        let node = &plan.nodes[node];
        let value = |name: &str| {
            let known = node.params.iter().find(|(known, _)| known == name);
            known.map_or(0.0, |(_, value)| f64::from(*value))
        };
        let loops: &[f64] = match (node.kernel.path.as_str(), entry) {
            ("common/bilateral/filter", _) => {
                // The pixels of the circle, row by row.
                let radius = value("radius") as i32;
                let row = |y: i32| 2.0 * f64::from(radius * radius - y * y).sqrt().floor() + 1.0;
                let side = 2.0 * value("radius") + 1.0;
                &[side, (-radius..=radius).map(row).sum::<f64>() / side]
            }
            ("common/gaussian/reduce_x" | "common/gaussian/reduce_y", _) => {
                &[(4.0 * value("spacing")).floor() + 1.0]
            }
            // Few taps are unrolled.
            ("common/gaussian/blur_x" | "common/gaussian/blur_y", _)
                if value("deviation") >= 3.0 =>
            {
                &[2.0 * (4.0 * value("deviation")).ceil() + 1.0]
            }
            // Lattice points of a workgroup.
            ("cinematic/grain", _) => {
                let side = (15.0 / value("pitch")).ceil() + 5.0;
                &[side * side / 256.0]
            }
            // Colours: those that stay are counted; bins around two of them; distances of colours, and at worst all are chosen
            // anew.
            ("cartoon/seed", 2) => {
                let colors = value("colors");
                &[colors, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, colors, colors]
            }
            // Chains of parents: a few links each.
            ("common/canny/link", 1) => &[4.0, 1.0, 4.0, 4.0],
            // Nothing is counted where no edges are left out.
            ("common/canny/link", 3) if value("least") <= 1.0 => &[],
            ("common/canny/link", 2..=4) => &[4.0],
            // Rows of a window; its columns are unrolled.
            ("common/double/direction", _) => &[5.0],
            // Fours of weights of a filter of 25 taps, and the taps of each.
            ("common/double/filter", _) => &[7.0, 25.0 / 7.0],
            // Pixels about each; of smaller networks they are unrolled.
            ("common/double/layer12" | "common/double/layer16", _) => &[9.0],
            // Corners.
            ("upscale/pixel_art", _) => &[4.0],
            // Rows of cells.
            ("mosaic/assign", _) => &[7.0],
            // Tiles that begin in a cell: one.
            ("mosaic/carry", 3) => &[1.0, 1.0],
            // A stroke's square, where nothing is drawn out.
            ("oil/strokes", _) => {
                let side = 2.0 * value("stroke").floor() + 1.0;
                &[side, side / 2.0]
            }
            // A part of the picture of characters, 24 by 48 pixels each.
            ("ascii/sheet", _) => &[48.0 / value("rows"), 24.0 / value("columns")],
            ("ascii/measure", _) => &[value("rows"), value("columns")],
            // Characters; the ninths of each are unrolled.
            ("ascii/densest" | "ascii/choose", _) => &[value("count")],
            // Rows of vectors, and vectors; the pixels of a window are unrolled.
            ("common/motion/one_way/search", _) => &[2.0 * value("reach") + 1.0],
            ("common/motion/one_way/refine" | "common/motion/one_way/settle", _) => &[9.0],
            ("common/motion/one_way/fraction", _) => &[8.0],
            // Rows of a window.
            ("common/guided/fit", _) => &[2.0 * value("radius") + 1.0],
            // The taps of a filter, which is wider where the picture shrinks.
            ("common/resample/across" | "common/resample/down", _) => {
                let (source, made) = (plan.sources[0].extent, node.image.extent);
                let shrinks = match node.kernel.path.ends_with("across") {
                    true => f64::from(source.0) / f64::from(made.0),
                    false => f64::from(source.1) / f64::from(made.1),
                };
                let lobes = [1.0, 2.0, 2.0, 3.0][value("curve") as usize];
                &[2.0 * lobes * shrinks.max(1.0)]
            }
            // The square about the round filter of a picture that grows.
            ("common/resample/polar", _) => &[7.0, 7.0],
            _ => &[],
        };
        trips.extend(loops);
    }
    if let Target::Output(port) = step.target {
        // The samples of a word of chroma; those of a word of luma are not a loop any more.
        if plan.pack(port).kernel.path == "io/pack/subsampled" {
            trips.push(4.0);
        }
    }
    trips
}
