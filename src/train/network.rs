//! The network that is trained: a small one for pictures, after Johnson, Alahi and Fei-Fei (2016), with reflected borders and
//! instance normalisation. It works at half and at quarter size, and what it makes is enlarged between its numbers, before
//! they become colours: it cannot draw grids or stripes of single pixels, and edges are sharp all the same, since the sigmoid
//! behind the enlargement makes steep slopes of large numbers.

use super::random::Random;

/// Added to a variance before its root, in instance normalisation.
pub const EPSILON: f32 = 1e-5;

/// How large a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Channels at half and at quarter size.
    pub widths: [usize; 2],
    /// Residual blocks at quarter size.
    pub blocks: usize,
}

/// The network of `aquatint train`: about 110 000 numbers, 0.4 MB.
pub const NETWORK: Network = Network {
    widths: [24, 32],
    blocks: 5,
};

/// Sides of its pictures are multiples of this.
pub const MULTIPLE: usize = 4;

/// A step of the network. What it has to learn stands in [`Network::parameters`] under its name.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// A convolution over reflected borders; its output has 1/`stride` of the size. With `normal`, instance normalisation
    /// follows (each channel of each picture: mean 0 and deviation 1, then a scale and a shift), without it a bias. With
    /// `relu`, negative values then become 0.
    Convolution {
        name: String,
        from: usize,
        to: usize,
        kernel: usize,
        stride: usize,
        normal: bool,
        relu: bool,
    },
    /// Keeps a copy of what is there.
    Keep,
    /// Adds what was kept.
    AddKept,
    /// Each pixel becomes 2×2, with values between those of its neighbours: a quarter and three quarters of the way.
    Double,
    /// 1 / (1 + e^-x): values from 0 to 1.
    Sigmoid,
}

/// Numbers that are learnt: their name and shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub shape: Vec<usize>,
}

impl Parameter {
    /// How many numbers it is.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

impl Network {
    /// The layers, in order. The input and the output have three channels, R, G and B, from 0 to 1.
    pub fn layers(&self) -> Vec<Layer> {
        let [half, quarter] = self.widths;
        let convolution = |name: &str, from, to, kernel, stride, relu| Layer::Convolution {
            name: name.to_owned(),
            from,
            to,
            kernel,
            stride,
            normal: true,
            relu,
        };
        let mut layers = vec![
            convolution("down1", 3, half, 5, 2, true),
            convolution("down2", half, quarter, 3, 2, true),
        ];
        for block in 1..=self.blocks {
            layers.push(Layer::Keep);
            let name = format!("block{block}a");
            layers.push(convolution(&name, quarter, quarter, 3, 1, true));
            let name = format!("block{block}b");
            layers.push(convolution(&name, quarter, quarter, 3, 1, false));
            layers.push(Layer::AddKept);
        }
        layers.push(Layer::Double);
        layers.push(convolution("up", quarter, half, 3, 1, true));
        layers.push(Layer::Convolution {
            name: "out".to_owned(),
            from: half,
            to: 3,
            kernel: 5,
            stride: 1,
            normal: false,
            relu: false,
        });
        layers.push(Layer::Double);
        layers.push(Layer::Sigmoid);
        layers
    }

    /// What is learnt, in the order of the layers: of a convolution its weights (to, from, height, width), then scale and
    /// shift, or the bias.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut out = Vec::new();
        for layer in self.layers() {
            let Layer::Convolution {
                name,
                from,
                to,
                kernel,
                normal,
                ..
            } = layer
            else {
                continue;
            };
            let mut add = |what: &str, shape: Vec<usize>| {
                out.push(Parameter {
                    name: format!("{name}.{what}"),
                    shape,
                });
            };
            add("weight", vec![to, from, kernel, kernel]);
            if normal {
                add("scale", vec![to]);
                add("shift", vec![to]);
            } else {
                add("bias", vec![to]);
            }
        }
        out
    }

    /// Numbers to begin with (He and others 2015): drawn for weights, 1 for scales, 0 for shifts and biases.
    pub fn initial(&self, seed: u64) -> Vec<Vec<f32>> {
        let parameters = self.parameters();
        let draw = |(index, parameter): (usize, &Parameter)| {
            let count = parameter.count();
            if parameter.name.ends_with(".weight") {
                let inputs: usize = parameter.shape[1..].iter().product();
                let deviation = (2.0 / inputs as f32).sqrt();
                let mut random = Random::new(seed, 0x1217, index as u64);
                (0..count).map(|_| random.normal() * deviation).collect()
            } else if parameter.name.ends_with(".scale") {
                vec![1.0; count]
            } else {
                vec![0.0; count]
            }
        };
        parameters.iter().enumerate().map(draw).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_is_below_a_megabyte() {
        let parameters = NETWORK.parameters();
        let count: usize = parameters.iter().map(Parameter::count).sum();
        assert!(count * 4 < 1_000_000, "{count} numbers");
        let initial = NETWORK.initial(1);
        assert_eq!(initial.len(), parameters.len());
        for (numbers, parameter) in initial.iter().zip(&parameters) {
            assert_eq!(numbers.len(), parameter.count(), "{}", parameter.name);
        }
        assert_ne!(NETWORK.initial(2), initial);
    }
}
