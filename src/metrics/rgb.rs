//! A picture as R'G'B'.

use rayon::prelude::*;

use crate::color::{Coding, SampleCoding};
use crate::frame::{ComponentRow, Model, Picture};

/// Red, green and blue as encoded, 0 to 1, rows without padding.
#[derive(Clone, Debug, PartialEq)]
pub struct Rgb {
    pub width: usize,
    pub height: usize,
    /// Red, green, blue.
    pub planes: [Vec<f32>; 3],
}

impl Rgb {
    /// `picture` by the matrix and range that it names, or that are assumed for it ([`Coding::resolve`]). Chroma is that of the
    /// nearest sample; values are limited to 0 to 1. Light is not converted: the transfer function stays that of the picture.
    pub fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width as usize, picture.height as usize);
        let coding = Coding::resolve(
            &picture.color,
            &picture.format,
            picture.width,
            picture.height,
        );
        let mut planes = [(); 3].map(|()| vec![0.0f32; width * height]);
        let [red, green, blue] = &mut planes;
        let rows = red
            .par_chunks_mut(width)
            .zip(green.par_chunks_mut(width))
            .zip(blue.par_chunks_mut(width));
        rows.enumerate().for_each(|(y, ((red, green), blue))| {
            let out = [red, green, blue];
            match picture.format.model {
                Model::Gray => gray(picture, &coding, y, out),
                Model::Rgb => rgb(picture, &coding, y, out),
                Model::Yuv => yuv(picture, &coding, y, out),
            }
        });
        Self {
            width,
            height,
            planes,
        }
    }
}

fn value(code: u16, coding: SampleCoding) -> f32 {
    (f32::from(code) - coding.offset) * coding.scale
}

fn gray(picture: &Picture, coding: &Coding, y: usize, [red, green, blue]: [&mut [f32]; 3]) {
    let row = picture.component_row(0, y);
    for (red, code) in red.iter_mut().zip(row.iter()) {
        *red = value(code, coding.luma).clamp(0.0, 1.0);
    }
    green.copy_from_slice(red);
    blue.copy_from_slice(red);
}

fn rgb(picture: &Picture, coding: &Coding, y: usize, out: [&mut [f32]; 3]) {
    for (component, out) in out.into_iter().enumerate() {
        let row = picture.component_row(component, y);
        for (out, code) in out.iter_mut().zip(row.iter()) {
            *out = value(code, coding.luma).clamp(0.0, 1.0);
        }
    }
}

fn yuv(picture: &Picture, coding: &Coding, y: usize, [red, green, blue]: [&mut [f32]; 3]) {
    let luma = codes(picture.component_row(0, y));
    let (_, rows) = picture
        .format
        .component_extent(1, picture.width, picture.height);
    let down = picture.format.chroma.y;
    let line = (y >> down).min(rows as usize - 1);
    let (cb, cr) = (
        codes(picture.component_row(1, line)),
        codes(picture.component_row(2, line)),
    );
    let across = picture.format.chroma.x;
    let (kr, kb) = (coding.kr, coding.kb);
    let kg = 1.0 - kr - kb;
    for (x, code) in luma.into_iter().enumerate() {
        let at = (x >> across).min(cb.len() - 1);
        let luma = value(code, coding.luma);
        let blueness = value(cb[at], coding.chroma) * 2.0 * (1.0 - kb);
        let redness = value(cr[at], coding.chroma) * 2.0 * (1.0 - kr);
        red[x] = (luma + redness).clamp(0.0, 1.0);
        green[x] = (luma - (kr * redness + kb * blueness) / kg).clamp(0.0, 1.0);
        blue[x] = (luma + blueness).clamp(0.0, 1.0);
    }
}

fn codes(row: ComponentRow<'_>) -> Vec<u16> {
    let mut codes = vec![0; row.len()];
    row.read(&mut codes);
    codes
}
