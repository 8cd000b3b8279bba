use std::sync::OnceLock;

use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::mix::mix;
use crate::reference::common::noise::noise;
use crate::reference::temporal::stretch::{Stretches, place};
use crate::reference::{Image, Io, Out};

/// The paper of a picture, and where its columns lie in the pigment.
struct Sheet {
    /// The roughness of each row, -0.5 to 0.5. The paper does not move, so a row is computed once, by the thread that needs it
    /// first.
    rough: Vec<OnceLock<Vec<f32>>>,
    columns: Stretches,
}

/// The washes on paper. More pigment makes a colour darker and more vivid (Bousseau, Kaplan, Thollot and Sillion, 2006).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (pigment, dried) = (io.image("pigment"), io.image("dried"));
    let sheet = io.once(|| Sheet {
        rough: vec![OnceLock::new(); io.height],
        columns: Stretches::new(pigment.width, io.width),
    });
    let rough = sheet.rough[io.y].get_or_init(|| relief(io.y, io.width, io.param("unit")));
    let pigment = stretched(io, pigment, &sheet.columns);
    io.with_kept(|wash: &mut [Vec<f32>; 4]| {
        for channel in wash.iter_mut() {
            channel.resize(io.width, 0.0);
        }
        wander(io, dried, [&pigment[0], &pigment[1]], wash);
        let density = density(io, &wash[3], &pigment, rough);
        let [r, g, b, alpha] = out.rgba();
        let papers = ["paper_r", "paper_g", "paper_b"].map(|name| io.param(name));
        for ((out, wash), paper) in [r, g, b].into_iter().zip(&*wash).zip(papers) {
            lay([wash, &density, rough], [paper, io.param("grain")], out);
        }
        alpha.fill(1.0);
    });
}

/// The relief of the paper along row `y`.
fn relief(y: usize, width: usize, unit: f32) -> Vec<f32> {
    let y = y as f32 * unit;
    let along = (0..width).map(|x| {
        let x = x as f32 * unit;
        0.6 * noise(x / 3.0, y / 3.0, 4) + 0.4 * noise(x / 7.0, y / 7.0, 5) - 0.5
    });
    along.collect()
}

/// The row of a smaller image that lies at the own one.
fn stretched(io: &Io<'_>, image: &Image, columns: &Stretches) -> [Vec<f32>; 4] {
    let (y, down) = place(io.y, io.height, image.height);
    let [top, bottom] = [y, y + 1].map(|y| image.clamped_row(y));
    [0, 1, 2, 3].map(|channel| {
        let rows = top.channel(channel).iter().zip(bottom.channel(channel));
        let between: Vec<f32> = rows.map(|(top, bottom)| mix(*top, *bottom, down)).collect();
        let mut line = vec![0.0; io.width];
        columns.fill(&between, &mut line);
        line
    })
}

/// The washes where their edges wander to.
fn wander(io: &Io<'_>, dried: &Image, by: [&[f32]; 2], out: &mut [Vec<f32>; 4]) {
    let wobble = io.param("wobble");
    let scale = [
        dried.width as f32 / io.width as f32,
        dried.height as f32 / io.height as f32,
    ];
    let most = [dried.width as i32 - 1, dried.height as i32 - 1];
    // The rows that can be met: pigment is between -2 and 2.
    let reach = (wobble * 2.0 * scale[1]).ceil() as i64 + 2;
    let middle = place(io.y, io.height, dried.height).0;
    let first = (middle - reach).max(0);
    let rows: Vec<[&[f32]; 4]> = (first..=(middle + reach).min(most[1].into()))
        .map(|y| {
            let row = dried.row(y as usize);
            [0, 1, 2, 3].map(|channel| row.channel(channel))
        })
        .collect();
    let end = rows.len() as i32 - 1;
    for x in 0..io.width {
        let px = (x as f32 + 0.5 + wobble * by[0][x]) * scale[0] - 0.5;
        let py = (io.y as f32 + 0.5 + wobble * by[1][x]) * scale[1] - 0.5;
        let (base_x, base_y) = (px.floor(), py.floor());
        let (fx, fy) = (px - base_x, py - base_y);
        let [left, right] = [0, 1].map(|i| (base_x as i32 + i).clamp(0, most[0]) as usize);
        let [top, bottom] = [0, 1].map(|i| {
            let y = (base_y as i32 + i).clamp(0, most[1]);
            &rows[(y - first as i32).clamp(0, end) as usize]
        });
        for channel in 0..4 {
            let above = mix(top[channel][left], top[channel][right], fx);
            let below = mix(bottom[channel][left], bottom[channel][right], fx);
            out[channel][x] = mix(above, below, fy);
        }
    }
}

/// How much pigment lies along the row, beyond 1.
fn density(io: &Io<'_>, rims: &[f32], pigment: &[Vec<f32>; 4], rough: &[f32]) -> Vec<f32> {
    let edges = io.param("edges") * 2.6;
    let (granulation, grain) = (io.param("granulation"), io.param("grain") * 0.7);
    let [_, _, clouds, grains] = pigment;
    let lines = rims.iter().zip(clouds).zip(grains).zip(rough);
    lines
        .map(|(((rim, cloud), fine), rough)| {
            edges * rim + granulation * (1.1 * cloud + 0.5 * fine) + grain * rough
        })
        .collect()
}

#[multiversion(targets = "simd")]
fn lay([wash, density, rough]: [&[f32]; 3], [paper, grain]: [f32; 2], out: &mut [f32]) {
    for (((value, wash), density), rough) in out.iter_mut().zip(wash).zip(density).zip(rough) {
        let thin = 1.0 - 0.88 * (1.0 - wash);
        let c = thin - (thin - thin * thin) * density;
        let white = paper * (1.0 - 0.06 * grain * (rough + 0.5));
        *value = smaller(greater(c, 0.0), 1.0) * white;
    }
}
