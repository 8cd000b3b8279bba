//! The ONNX writer against a plain computation of the network, and the models that ship.

use super::engines::run_in_rten;
use super::network::{EPSILON, Layer, NETWORK, Network};
use super::random::Random;
use super::{Rgb, onnx};

/// A picture as planes of numbers.
#[derive(Clone)]
struct Planes {
    width: usize,
    height: usize,
    planes: Vec<Vec<f32>>,
}

/// The network computed as its definition says, number by number.
fn plain(network: &Network, values: &[Vec<f32>], picture: &Rgb) -> Rgb {
    let mut learnt = values.iter();
    let area = picture.width * picture.height;
    let mut x = Planes {
        width: picture.width,
        height: picture.height,
        planes: picture.values.chunks(area).map(<[f32]>::to_vec).collect(),
    };
    let mut kept = None;
    for layer in network.layers() {
        match layer {
            Layer::Convolution {
                to,
                kernel,
                stride,
                normal,
                relu,
                ..
            } => {
                x = convolution(&x, learnt.next().unwrap(), to, kernel, stride);
                let first = learnt.next().unwrap();
                if normal {
                    let shift = learnt.next().unwrap();
                    for (plane, (scale, shift)) in x.planes.iter_mut().zip(first.iter().zip(shift))
                    {
                        let count = plane.len() as f32;
                        let mean = plane.iter().sum::<f32>() / count;
                        let square = plane.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / count;
                        let factor = scale / (square + EPSILON).sqrt();
                        plane
                            .iter_mut()
                            .for_each(|v| *v = (*v - mean) * factor + shift);
                    }
                } else {
                    for (plane, bias) in x.planes.iter_mut().zip(first) {
                        plane.iter_mut().for_each(|v| *v += bias);
                    }
                }
                if relu {
                    x.planes.iter_mut().flatten().for_each(|v| *v = v.max(0.0));
                }
            }
            Layer::Keep => kept = Some(x.clone()),
            Layer::AddKept => {
                let other = kept.take().unwrap();
                for (plane, other) in x.planes.iter_mut().zip(other.planes) {
                    plane.iter_mut().zip(other).for_each(|(v, o)| *v += o);
                }
            }
            Layer::Double => {
                let (width, height) = (x.width * 2, x.height * 2);
                let old = &x;
                let double = |plane: &Vec<f32>| {
                    // Middles of pixels lie at 1/2, 3/2 …; beyond the outermost ones nothing changes.
                    let between = |at: usize, length: usize| {
                        let at = ((at as f32 + 0.5) / 2.0 - 0.5).clamp(0.0, length as f32 - 1.0);
                        let low = at as usize;
                        (low, (low + 1).min(length - 1), at - low as f32)
                    };
                    let value = |at: usize| {
                        let (left, right, across) = between(at % width, old.width);
                        let (top, bottom, down) = between(at / width, old.height);
                        let row = |y: usize| {
                            let row = &plane[y * old.width..];
                            row[left] * (1.0 - across) + row[right] * across
                        };
                        row(top) * (1.0 - down) + row(bottom) * down
                    };
                    (0..width * height).map(value).collect()
                };
                x = Planes {
                    width,
                    height,
                    planes: x.planes.iter().map(double).collect(),
                };
            }
            Layer::Sigmoid => {
                x.planes
                    .iter_mut()
                    .flatten()
                    .for_each(|v| *v = 1.0 / (1.0 + (-*v).exp()));
            }
        }
    }
    Rgb {
        width: x.width,
        height: x.height,
        values: x.planes.concat(),
    }
}

fn convolution(x: &Planes, weights: &[f32], to: usize, kernel: usize, stride: usize) -> Planes {
    let border = kernel as isize / 2;
    let mirrored = |at: isize, length: usize| {
        let last = length as isize - 1;
        let at = at.abs();
        (if at > last { 2 * last - at } else { at }) as usize
    };
    let size = |length: usize| (length - 1) / stride + 1;
    let (width, height) = (size(x.width), size(x.height));
    let from = x.planes.len();
    let plane = |out: usize| {
        let mut plane = vec![0.0; width * height];
        for (at, sum) in plane.iter_mut().enumerate() {
            let (left, top) = (
                (at % width * stride) as isize,
                (at / width * stride) as isize,
            );
            for channel in 0..from {
                for dy in 0..kernel {
                    for dx in 0..kernel {
                        let y = mirrored(top + dy as isize - border, x.height);
                        let x_at = mirrored(left + dx as isize - border, x.width);
                        let weight = weights[((out * from + channel) * kernel + dy) * kernel + dx];
                        *sum += weight * x.planes[channel][y * x.width + x_at];
                    }
                }
            }
        }
        plane
    };
    Planes {
        width,
        height,
        planes: (0..to).map(plane).collect(),
    }
}

fn noise(width: usize, height: usize) -> Rgb {
    let mut random = Random::new(5, 5, 5);
    let values = (0..3 * width * height).map(|_| random.unit()).collect();
    Rgb {
        width,
        height,
        values,
    }
}

/// Numbers as a trained network has them: scales and shifts are not just 1 and 0.
fn numbers(network: &Network) -> Vec<Vec<f32>> {
    let mut random = Random::new(6, 6, 6);
    let mut values = network.initial(3);
    for value in values.iter_mut().flatten() {
        *value += 0.1 * random.normal();
    }
    values
}

#[test]
fn rten_computes_what_the_network_is_defined_as() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    for (network, (width, height)) in [
        (NETWORK, (24, 16)),
        (
            Network {
                widths: [5, 7],
                blocks: 1,
            },
            (12, 36),
        ),
    ] {
        let values = numbers(&network);
        std::fs::write(&path, onnx::write(&network, &values)).unwrap();
        let picture = noise(width, height);
        let found = run_in_rten(&path, &picture).unwrap();
        let expected = plain(&network, &values, &picture);
        assert_eq!((found.width, found.height), (width, height));
        let differences = found
            .values
            .iter()
            .zip(&expected.values)
            .map(|(a, b)| (a - b).abs());
        let largest = differences.fold(0.0, f32::max);
        assert!(largest < 1e-4, "{largest}");
        let spread = expected
            .values
            .iter()
            .fold(0.0f32, |most, v| most.max((v - 0.5).abs()));
        assert!(spread > 0.05, "the picture is not flat: {spread}");
    }
}

#[test]
fn numbers_come_back_from_the_file_and_other_files_are_refused() {
    let values = numbers(&NETWORK);
    let file = onnx::write(&NETWORK, &values);
    assert!(file.len() < 1_000_000);
    assert_eq!(onnx::parameters(&NETWORK, &file).unwrap(), values);
    let other = Network {
        widths: [24, 40],
        blocks: 5,
    };
    let error = onnx::parameters(&other, &file).unwrap_err();
    assert!(error.contains("another network"), "{error}");
    assert!(onnx::parameters(&NETWORK, b"no model").is_err());
    assert!(onnx::parameters(&NETWORK, &[]).is_err());
    // A cut or damaged file is an error or has other numbers, and never a panic.
    for cut in (0..file.len()).step_by(4999) {
        assert!(onnx::parameters(&NETWORK, &file[..cut]).is_err(), "{cut}");
        let mut damaged = file.clone();
        damaged[cut] ^= 0xff;
        let _ = onnx::parameters(&NETWORK, &damaged);
    }
}

/// The value of a key of a contract.
fn value<'a>(contract: &'a toml::Table, key: &str) -> &'a str {
    contract[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is text"))
}

#[test]
fn the_models_that_ship_paint_pictures_of_the_same_size() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    for name in ["starry", "woodcut"] {
        let contract = std::fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
        let contract: toml::Table = contract.parse().unwrap();
        assert_eq!(value(&contract, "task"), "style");
        let path = folder.join(value(&contract, "file"));
        let file = std::fs::read(&path).unwrap();
        assert!(file.len() < 1_000_000, "{name}: {} bytes", file.len());
        let hash: String = sha2_of(&file);
        assert_eq!(hash, value(&contract, "sha256"), "{name}");
        // What is written is what the trainer would go on from.
        let values = onnx::parameters(&NETWORK, &file).unwrap();
        assert_eq!(onnx::write(&NETWORK, &values), file, "{name}");
        let picture = Rgb::from_fn(64, 48, |channel, x, y| {
            if (x / 16 + y / 16) % 2 == 0 {
                0.2
            } else {
                0.7 + 0.1 * channel as f32
            }
        });
        let painted = run_in_rten(&path, &picture).unwrap();
        assert_eq!((painted.width, painted.height), (64, 48), "{name}");
        assert!(
            painted
                .values
                .iter()
                .all(|value| (0.0..=1.0).contains(value)),
            "{name}"
        );
        let mean = painted.values.iter().sum::<f32>() / painted.values.len() as f32;
        let spread = painted
            .values
            .iter()
            .map(|v| (v - mean).powi(2))
            .sum::<f32>()
            / painted.values.len() as f32;
        assert!(spread.sqrt() > 0.05, "{name} paints one colour: {spread}");
        let recipe = std::fs::read_to_string(folder.join(format!("{name}.md"))).unwrap();
        assert!(
            recipe.contains("aquatint train --name"),
            "{name}.md says how it was made"
        );
    }
}

fn sha2_of(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
