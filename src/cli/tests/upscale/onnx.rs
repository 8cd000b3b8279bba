//! The networks of the style `upscale` as ONNX models: the same weights make the same picture, by the kernels and by an
//! engine that knows nothing of them.

use std::path::{Path, PathBuf};

use crate::onnx::{Attribute, Net, picture};
use crate::support::*;

/// A network: what selects it, its table, its channels, and how many layers have as many inputs as outputs.
struct Known {
    set: &'static [&'static str],
    table: &'static [u8],
    channels: usize,
    inner: usize,
}

const NETS: [Known; 3] = [
    Known {
        set: &["kind=live", "effort=medium"],
        table: include_bytes!("../../../../shaders/common/double/small.f16"),
        channels: 8,
        inner: 2,
    },
    Known {
        set: &["kind=anime"],
        table: include_bytes!("../../../../shaders/common/double/drawing.f16"),
        channels: 12,
        inner: 3,
    },
    Known {
        set: &["kind=live", "effort=high"],
        table: include_bytes!("../../../../shaders/common/double/large.f16"),
        channels: 16,
        inner: 4,
    },
];

/// A convolution of 3 by 3 taps. After all but the last, what is negative is multiplied by the slope of its channel.
struct Layer {
    inputs: usize,
    /// By output, input, row and column.
    weights: Vec<f32>,
    biases: Vec<f32>,
    slopes: Option<Vec<f32>>,
}

/// The layers in a table, whose order is that of models/upscale/README.md.
fn layers(net: &Known) -> Vec<Layer> {
    let halves = net.table.as_chunks::<2>().0.iter();
    let numbers: Vec<f32> = halves
        .map(|bytes| half::f16::from_le_bytes(*bytes).to_f32())
        .collect();
    let mut rest = numbers.as_slice();
    let mut take = |count: usize| {
        let (taken, left) = rest.split_at(count);
        rest = left;
        taken
    };
    let mut layers = Vec::new();
    for place in 0..net.inner + 2 {
        let last = place == net.inner + 1;
        let inputs = if place == 0 { 1 } else { net.channels };
        let outputs = if last { 4 } else { net.channels };
        // Inputs and outputs lie in groups of four.
        let (groups_in, groups_out) = (inputs.div_ceil(4), outputs / 4);
        let mut weights = vec![0.0; outputs * inputs * 9];
        for (at, weight) in take(9 * 16 * groups_in * groups_out).iter().enumerate() {
            let (group, lane_in, lane_out) = (at / 16, at / 4 % 4, at % 4);
            let output = 4 * (group % groups_out) + lane_out;
            let input = 4 * (group / groups_out % groups_in) + lane_in;
            let tap = group / groups_out / groups_in;
            if input < inputs {
                weights[(output * inputs + input) * 9 + tap] = *weight;
            }
        }
        layers.push(Layer {
            inputs,
            weights,
            biases: take(outputs).to_vec(),
            slopes: (!last).then(|| take(outputs).to_vec()),
        });
    }
    assert!(rest.is_empty());
    layers
}

/// The whole network as a model that makes luma of twice the size of luma.
fn model(layers: &[Layer]) -> Vec<u8> {
    let mut net = Net::default();
    net.wholes("around", &[0, 0, 1, 1, 0, 0, 1, 1]);
    net.floats("middle", &[1], &[0.5]);
    net.node("Sub", &["luma", "middle"], "from0", &[]);
    for (place, layer) in layers.iter().enumerate() {
        let name = |what: &str| format!("{what}{place}");
        let (from, sums, to) = (name("from"), name("sums"), format!("from{}", place + 1));
        let Some(slopes) = &layer.slopes else {
            convolve(&mut net, &from, layer, "more");
            continue;
        };
        convolve(&mut net, &from, layer, &sums);
        let bent = name("slopes");
        net.floats(&bent, &[slopes.len(), 1, 1], slopes);
        net.node("PRelu", &[&sums, &bent], &to, &[]);
    }
    // The bilinear enlargement: each of four pixels lies a quarter of a pixel from the middle of the one they are made of.
    let axis = [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]];
    let bilinear = (0..36).map(|at| axis[at / 18][at / 3 % 3] * axis[at / 9 % 2][at % 3]);
    let bilinear = Layer {
        inputs: 1,
        weights: bilinear.collect(),
        biases: vec![0.0; 4],
        slopes: None,
    };
    convolve(&mut net, "luma", &bilinear, "plain");
    net.node("Add", &["plain", "more"], "four", &[]);
    let block = [
        ("blocksize", Attribute::Number(2)),
        ("mode", Attribute::Text("DCR")),
    ];
    net.node("DepthToSpace", &["four"], "doubled", &block);
    net.model(
        &picture("luma", 1, ["h", "w"]),
        &picture("doubled", 1, ["h2", "w2"]),
    )
}

/// A layer without its slopes. Beyond the edge lie the nearest pixels inside.
fn convolve(net: &mut Net, from: &str, layer: &Layer, to: &str) {
    let name = |what: &str| format!("{what} of {to}");
    let (padded, weights, biases) = (name("padded"), name("weights"), name("biases"));
    let edge = [("mode", Attribute::Text("edge"))];
    net.node("Pad", &[from, "around"], &padded, &edge);
    let shape = [layer.biases.len(), layer.inputs, 3, 3];
    net.floats(&weights, &shape, &layer.weights);
    net.floats(&biases, &shape[..1], &layer.biases);
    // All of these could be left out, but rten does not know what they then are.
    let plain = [
        ("dilations", Attribute::Numbers(&[1, 1])),
        ("pads", Attribute::Numbers(&[0; 4])),
        ("strides", Attribute::Numbers(&[1, 1])),
    ];
    net.node("Conv", &[&padded, &weights, &biases], to, &plain);
}

const WIDTH: usize = 61;
const HEIGHT: usize = 47;

/// A grey level for each pixel: slow shades with a disc, a slanted line, thin lines, a chequerboard and noise on them.
fn grey(x: usize, y: usize) -> u8 {
    let shade = 110.0 + 40.0 * (x as f64 / 7.0).sin() * (y as f64 / 5.0).cos();
    match (x, y) {
        (36.., 29..) => (60 + (x * 7919 + y * 104_729 + x * y * 31) % 97) as u8,
        (..25, 37..) => 255 * u8::from((x / 2 + y / 2) % 2 == 1),
        (_, 31..) if x % 9 == 4 => 245,
        _ if (x + 10).abs_diff(2 * y) < 2 => 20,
        _ if x.abs_diff(40).pow(2) + y.abs_diff(14).pow(2) < 100 => 225,
        _ => shade.round() as u8,
    }
}

/// How a picture is stored, and how far its luma may be apart at most and in the mean, in codes of 8 bits.
struct Form {
    name: &'static str,
    pix_fmt: &'static str,
    codec: &'static str,
    codes: f64,
    most: f64,
    mean: f64,
}

/// Pixels of 8 bits are as good as equal but for what is rounded to the other side: 97 % are equal, the others one code
/// apart. The most is a few times what the kernels' features lose, which are kept in 16 bits.
const FORMS: [Form; 3] = [
    Form {
        name: "grey.png",
        pix_fmt: "gray",
        codec: "png",
        codes: 1.0,
        most: 1.0,
        mean: 0.03,
    },
    Form {
        name: "ten.mkv",
        pix_fmt: "yuv444p10le",
        codec: "ffv1",
        codes: 4.0,
        most: 0.25,
        mean: 0.0075,
    },
    DEEP,
];

const DEEP: Form = Form {
    name: "deep.png",
    pix_fmt: "gray16be",
    codec: "png",
    codes: 257.0,
    most: 0.25,
    mean: 0.0075,
};

impl Form {
    /// The picture in this form.
    fn source(&self, folder: &Folder) -> PathBuf {
        let places = (0..WIDTH * HEIGHT).map(|at| (at % WIDTH, at / WIDTH));
        let codes: Vec<u8> = places.map(|(x, y)| grey(x, y)).collect();
        let raw = folder.write("grey.raw", &codes);
        let (size, out) = (format!("{WIDTH}x{HEIGHT}"), folder.path(self.name));
        let from = ["-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", &size];
        let to = ["-pix_fmt", self.pix_fmt, "-c:v", self.codec, text(&out)];
        tool("ffmpeg", &[&from[..], &["-i", text(&raw)], &to].concat());
        out
    }

    /// The luma of twice the size by `upscale` with these parameters, in codes of 8 bits.
    #[track_caller]
    fn doubled(&self, folder: &Folder, source: &Path, set: &[&str]) -> Vec<f64> {
        let out = format!("doubled-{}", self.name);
        let set: Vec<String> = set.iter().map(|value| format!("upscale.{value}")).collect();
        let mut arguments = vec![text(source), "-y", "-o", &out, "-s", "upscale"];
        arguments.extend(["--scale", "2", "--device", "cpu", "--engine", "rten"]);
        if self.codec != "png" {
            arguments.extend(["--codec", self.codec]);
        }
        arguments.extend(set.iter().flat_map(|value| ["--set", value.as_str()]));
        folder.run(&arguments).succeeds();
        let (out, raw) = (folder.path(&out), folder.path("doubled.raw"));
        let to = ["-pix_fmt", self.pix_fmt, "-f", "rawvideo", text(&raw)];
        tool("ffmpeg", &[&["-y", "-i", text(&out)][..], &to].concat());
        let bytes = std::fs::read(raw).unwrap();
        let pairs = bytes.as_chunks::<2>().0.iter();
        let codes: Vec<f64> = match self.pix_fmt {
            "gray" => bytes.iter().map(|code| f64::from(*code)).collect(),
            "gray16be" => pairs
                .map(|pair| f64::from(u16::from_be_bytes(*pair)))
                .collect(),
            _ => pairs
                .map(|pair| f64::from(u16::from_le_bytes(*pair)))
                .collect(),
        };
        // The planes of colour come after that of luma.
        let luma = codes[..4 * WIDTH * HEIGHT].iter();
        luma.map(|code| code / self.codes).collect()
    }

    /// The same by a model.
    #[track_caller]
    fn by_model(&self, folder: &Folder, source: &Path, layers: &[Layer]) -> Vec<f64> {
        folder.write("net.onnx", &model(layers));
        let set = ["kind=ai", "range=unit", "model_path=net.onnx"];
        self.doubled(folder, source, &set)
    }
}

/// How far two pictures are apart: at most, and in the mean.
fn apart(a: &[f64], b: &[f64]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let apart = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    let (most, sum) = apart.fold((0.0, 0.0), |(most, sum), apart| {
        (f64::max(most, apart), sum + apart)
    });
    (most, sum / a.len() as f64)
}

#[test]
fn the_same_weights_as_onnx_make_the_same_picture() {
    let folder = Folder::new();
    for form in &FORMS {
        let source = form.source(&folder);
        for net in &NETS {
            let own = form.doubled(&folder, &source, net.set);
            let other = form.by_model(&folder, &source, &layers(net));
            let (most, mean) = apart(&own, &other);
            assert!(
                most <= form.most && mean <= form.mean,
                "{:?} as {}: {most} codes, {mean} in the mean",
                net.set,
                form.pix_fmt
            );
        }
    }
}

/// What the test above would see: one number that is wrong, taps in another order, layers in another order.
#[test]
fn other_weights_make_another_picture() {
    type Change = fn(&mut [Layer]);
    let changes: [(&str, Change); 4] = [
        ("a bias", |layers| layers[0].biases[0] += 0.02),
        ("a slope", |layers| {
            layers[1].slopes.as_mut().unwrap()[0] *= 0.9;
        }),
        ("the taps of a layer", |layers| {
            for taps in layers[1].weights.as_chunks_mut::<9>().0 {
                for (a, b) in [(1, 3), (2, 6), (5, 7)] {
                    taps.swap(a, b);
                }
            }
        }),
        ("two layers", |layers| layers.swap(1, 2)),
    ];
    let folder = Folder::new();
    let source = DEEP.source(&folder);
    for net in &NETS {
        let own = DEEP.doubled(&folder, &source, net.set);
        for (what, change) in changes {
            let mut layers = layers(net);
            change(&mut layers);
            let (most, mean) = apart(&own, &DEEP.by_model(&folder, &source, &layers));
            assert!(
                most > 4.0 * DEEP.most && mean > 4.0 * DEEP.mean,
                "{:?}, {what}: {most} codes, {mean} in the mean",
                net.set
            );
        }
    }
}
