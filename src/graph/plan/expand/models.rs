//! Passes that run a model: pictures become tensors in tiles, code outside the graph runs the model, and its tensor
//! becomes a picture.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::numbers::Names;
use super::{Expander, Instance};
use crate::graph::plan::model::{Call, Tensor};
use crate::graph::plan::tiling::Tiling;
use crate::graph::plan::{
    ColorState, File, ImageDesc, Node, NodeId, NodeKind, Operand, Phase, Storage, StyleError, Value,
};
use crate::graph::style::{
    Expression, InputKind, Layout, ModelDesc, ModelName, ModelOf, ModelOutput, OutputKind, Pass,
    PictureTensor, Space, TensorColor, WantedModel, Window,
};

/// What a choice says where the contract of the model decides.
const BY_CONTRACT: &str = "auto";

/// Where a model's tensors come from and what they mean as colour.
struct Pictures {
    /// The images of the model's picture inputs, in order.
    images: Vec<NodeId>,
    extent: (u32, u32),
    color: ColorState,
    clock: usize,
}

impl Instance<'_> {
    /// The error of a pass whose model nobody has named.
    pub(super) fn without_model(&self, model: &str) -> StyleError {
        let style = &self.style.name;
        let declared = self.style.models.iter().find(|known| known.name == model);
        let params = declared.map(|declared| [&declared.known, &declared.file]);
        let params = params.into_iter().flatten().flatten();
        let params: Vec<String> = params
            .map(|param| format!("--set {style}.{param}=…"))
            .collect();
        StyleError::Refused {
            style: style.clone(),
            text: format!(
                "no model is given: name one by {}. `aquatint models` lists those there are",
                params.join(" or ")
            ),
        }
    }
}

impl Expander<'_> {
    /// The model of a `[model.NAME]`, as a user's values name it.
    pub(super) fn model(
        &mut self,
        declared: &ModelOf,
        given: &BTreeMap<String, Value>,
        instance: &Instance<'_>,
    ) -> Result<Arc<ModelDesc>, StyleError> {
        let of = |param: &Option<String>| param.as_ref().and_then(|param| given.get(param));
        let file = of(&declared.file).and_then(|value| match value {
            Value::Path(path) => Some(ModelName::File(path.clone())),
            _ => None,
        });
        let known = of(&declared.known).and_then(|value| match value {
            Value::Model(name) if !name.is_empty() => Some(ModelName::Known(name.clone())),
            _ => None,
        });
        let name = file.or(known).or_else(|| declared.default.clone());
        let name = name.ok_or_else(|| instance.without_model(&declared.name))?;
        let range = of(&declared.range).and_then(|value| match value {
            Value::Choice(choice) if choice.name != BY_CONTRACT => Some(choice.name.clone()),
            _ => None,
        });
        let model = self.library.model(&WantedModel { name, range })?;
        for assumed in &model.assumed {
            let style = &instance.style.name;
            let or = declared.range.as_ref().map_or(String::new(), |param| {
                format!(", or give --set {style}.{param}=byte or signed")
            });
            self.note(format!("{assumed}{or}"));
        }
        Ok(model)
    }

    /// What a model makes of the images that a pass gives it: a picture, or a buffer of numbers.
    pub(super) fn model_pass(
        &mut self,
        instance: &Instance<'_>,
        pass: &Pass,
        model: &ModelDesc,
        inputs: Vec<(String, Operand)>,
        (tile, overlap): (&Expression, &Expression),
        (set, names): (&Names, &Names),
    ) -> Result<NodeId, StyleError> {
        let label = format!("{}/{}", instance.label, pass.out);
        let fail = |why: String| instance.error(format!("the model {}: {why}", model.name));
        let pictures = self.pictures_of(instance, model, inputs, pass, names)?;
        let numbers = model
            .outputs
            .iter()
            .all(|output| matches!(output.kind, OutputKind::Numbers(_)));
        let pictures = match model.size {
            Some(size) if numbers => self.resized(pictures, size)?,
            _ => pictures,
        };
        let side = |expression| {
            let value = instance.fixed(&self.tracks, expression, names)?;
            Ok::<_, StyleError>(value.clamp(0.0, super::LONGEST_SIDE) as u32)
        };
        let (asked, overlap) = (side(tile)?, side(overlap)?);
        let (tiling, note) = Tiling::of(model, pictures.extent, asked, overlap).map_err(fail)?;
        if let Some(note) = note {
            self.note(note);
        }
        if numbers && tiling.tiles() > 1 {
            return Err(fail(format!(
                "it makes numbers of a whole picture, and {}x{} at once need too much memory: make it smaller first, \
                 with common/resample",
                pictures.extent.0, pictures.extent.1
            )));
        }
        let file = self.file(File::Model {
            name: model.name.clone(),
            identity: model.identity.clone(),
        });
        let mut operands = vec![("model".to_owned(), Operand::File(file))];
        let mut call = Call {
            tiles: tiling.tiles(),
            ..Call::default()
        };
        let mut images = pictures.images.iter().enumerate();
        for input in &model.inputs {
            let (node, tensor, window) = match &input.kind {
                InputKind::Picture(picture) => {
                    // There is one for each picture of the model.
                    let Some((place, image)) = images.next() else {
                        continue;
                    };
                    let tensor = picture_tensor(&input.name, picture, tiling.size, input.half);
                    check_values(&tensor, &tiling).map_err(fail)?;
                    let node = self.packed(&label, *image, picture, &tiling, &tensor);
                    (node, tensor, model.window.filter_for(place == 0))
                }
                InputKind::Scalar(default) | InputKind::Map(default, _) => {
                    let map = match input.kind {
                        InputKind::Map(_, layout) => Some(layout),
                        _ => None,
                    };
                    let tensor = number_tensor(&input.name, map, tiling.size, input.half);
                    let value = set.get(&input.name).copied();
                    let value = value.unwrap_or((*default).into());
                    let of = (&*label, pictures.clock);
                    let node = self.filled(of, &tensor, tiling.tiles(), value);
                    (node, tensor, None)
                }
            };
            let operand = match window {
                Some(window) => Operand::Window(node, window),
                None => Operand::Image(node),
            };
            let frames = window.map_or(1, |window| window.offsets().count() as u32);
            operands.push((input.name.clone(), operand));
            call.inputs.push(Tensor { frames, ..tensor });
        }
        let wanted = model.outputs.iter();
        let wanted: Vec<&ModelOutput> = match numbers {
            true => wanted.collect(),
            false => wanted
                .filter(|output| matches!(output.kind, OutputKind::Picture(_)))
                .take(1)
                .collect(),
        };
        call.outputs = wanted
            .iter()
            .map(|output| output_tensor(output, tiling.size, model.scale))
            .collect();
        for output in &call.outputs {
            check_values(output, &tiling.scaled(model.scale)).map_err(fail)?;
        }
        let made: usize = call.outputs.iter().map(Tensor::words).sum();
        let made = made as u32 * tiling.tiles();
        let ran = self.node(Node {
            label: format!("{label}/model"),
            kind: NodeKind::External { call },
            kernel: Arc::new(self.library.kernel("model")),
            params: Vec::new(),
            inputs: operands,
            image: ImageDesc {
                clock: pictures.clock,
                ..ImageDesc::new((made, 1), Storage::Words)
            },
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        });
        let OutputKind::Picture(picture) = &wanted[0].kind else {
            return Ok(ran);
        };
        let result = self.unpacked(
            &label,
            ran,
            picture,
            wanted[0].half,
            &tiling.scaled(model.scale),
            &pictures,
        );
        let result = match picture.color {
            TensorColor::Luma => self.with_luma(&label, &pictures, result)?,
            TensorColor::Rgb | TensorColor::Linear => result,
        };
        Ok(match pass.space.or(self.space) {
            Some(space) => self.in_space(result, space),
            None => result,
        })
    }

    /// The images for the picture inputs of `model`, in its colour space.
    fn pictures_of(
        &mut self,
        instance: &Instance<'_>,
        model: &ModelDesc,
        mut inputs: Vec<(String, Operand)>,
        pass: &Pass,
        names: &Names,
    ) -> Result<Pictures, StyleError> {
        let fail = |why: String| instance.error(format!("the model {}: {why}", model.name));
        let wanted: Vec<(&str, &PictureTensor)> = model.pictures().collect();
        let list = || {
            let names = wanted.iter().map(|(name, _)| *name);
            names.collect::<Vec<_>>().join(", ")
        };
        if wanted.is_empty() {
            return Err(fail("it reads no picture".to_owned()));
        }
        if inputs.len() != wanted.len() {
            return Err(fail(format!(
                "the pass gives it {} pictures, and it reads {}: {}",
                inputs.len(),
                wanted.len(),
                list()
            )));
        }
        let clock = self.clock_of_pass(instance, pass, &mut inputs, names)?;
        let mut images = Vec::new();
        for (name, picture) in &wanted {
            let given = match wanted.len() {
                1 => inputs.first(),
                _ => inputs.iter().find(|(given, _)| given == name),
            };
            let Some((_, Operand::Image(image))) = given else {
                return Err(fail(format!(
                    "the pass gives it no image for {name:?}; it reads {}",
                    list()
                )));
            };
            let space = match picture.color {
                TensorColor::Linear => Space::Linear,
                TensorColor::Rgb | TensorColor::Luma => Space::Coded,
            };
            images.push(self.in_space(*image, space));
        }
        let ImageDesc { extent, color, .. } = self.nodes[images[0]].image;
        let other = images
            .iter()
            .find(|image| self.nodes[**image].image.extent != extent);
        if let Some(other) = other {
            let (width, height) = self.nodes[*other].image.extent;
            return Err(fail(format!(
                "its pictures must be of one size; they are {}x{} and {width}x{height}",
                extent.0, extent.1
            )));
        }
        Ok(Pictures {
            images,
            extent,
            color,
            clock,
        })
    }

    /// The same pictures at another size.
    fn resized(
        &mut self,
        mut pictures: Pictures,
        size: (u32, u32),
    ) -> Result<Pictures, StyleError> {
        for image in &mut pictures.images {
            *image = self.at_size(*image, size)?;
        }
        pictures.extent = size;
        Ok(pictures)
    }

    /// The image `id` at another size.
    fn at_size(&mut self, id: NodeId, (width, height): (u32, u32)) -> Result<NodeId, StyleError> {
        if self.nodes[id].image.extent == (width, height) {
            return Ok(id);
        }
        let resample = self.load("common/resample")?;
        let values = Names::from([
            ("width".to_owned(), f64::from(width).into()),
            ("height".to_owned(), f64::from(height).into()),
        ]);
        let inputs = BTreeMap::from([("image".to_owned(), id)]);
        let label = self.nodes[id].label.clone();
        self.fragment(&resample, &inputs, values, &BTreeMap::new(), &label, 0)
    }

    /// A buffer that `kernel` makes in one phase.
    fn tensor(
        &mut self,
        label: String,
        kernel: &str,
        (run, over): (&str, (u32, u32)),
        value: impl Fn(&str) -> f32,
        inputs: Vec<(String, Operand)>,
        (words, clock): (u32, usize),
    ) -> Node {
        let kernel = self.library.kernel(kernel);
        let params = kernel.params.iter();
        Node {
            label,
            kind: NodeKind::Compute {
                phases: vec![Phase {
                    run: run.to_owned(),
                    over,
                    group: None,
                }],
            },
            params: params.map(|name| (name.clone(), value(name))).collect(),
            kernel: Arc::new(kernel),
            inputs,
            image: ImageDesc {
                clock,
                ..ImageDesc::new((words, 1), Storage::Words)
            },
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        }
    }

    /// The image `id` as a tensor in tiles.
    fn packed(
        &mut self,
        label: &str,
        id: NodeId,
        picture: &PictureTensor,
        tiling: &Tiling,
        tensor: &Tensor,
    ) -> NodeId {
        let ImageDesc { color, clock, .. } = self.nodes[id].image;
        let (width, height) = tiling.size;
        let columns = if tensor.half { width / 2 } else { width };
        let stem = if tensor.half { "pack_half" } else { "pack" };
        let value = |name: &str| match name {
            "kr" => color.kr,
            "kb" => color.kb,
            _ => of_tensor(name, picture, tiling),
        };
        let node = self.tensor(
            format!("{label}/{}", tensor.name),
            &format!("io/tensor/{stem}"),
            ("pack", (columns, height * tiling.tiles())),
            value,
            vec![("image".to_owned(), Operand::Image(id))],
            (tensor.words() as u32 * tiling.tiles(), clock),
        );
        self.node(node)
    }

    /// A tensor whose values are all `value`.
    fn filled(
        &mut self,
        (label, clock): (&str, usize),
        tensor: &Tensor,
        tiles: u32,
        value: super::Number,
    ) -> NodeId {
        let tiles = if tensor.batched { tiles } else { 1 };
        let rows = tiles.max(1);
        let columns = tensor.words() as u32;
        let number = |name: &str| match name {
            "columns" => columns as f32,
            "half" => f32::from(u8::from(tensor.half)),
            _ => value.value as f32,
        };
        let node = self.tensor(
            format!("{label}/{}", tensor.name),
            "io/tensor/fill",
            ("fill", (columns, rows)),
            number,
            Vec::new(),
            (columns * rows, clock),
        );
        let place = node.params.iter().position(|(name, _)| name == "value");
        let follows = place.zip(value.follows);
        self.following_node(node, follows.into_iter().collect())
    }

    /// The picture that a tensor holds in tiles.
    fn unpacked(
        &mut self,
        label: &str,
        tensor: NodeId,
        picture: &PictureTensor,
        half: bool,
        tiling: &Tiling,
        pictures: &Pictures,
    ) -> NodeId {
        let kernel = self.library.kernel("io/tensor/unpack");
        let channels = if picture.channels() == 1 { 1 } else { 4 };
        let value = |name: &str| match name {
            "half" => f32::from(u8::from(half)),
            _ => of_tensor(name, picture, tiling),
        };
        let params = kernel.params.iter();
        self.node(Node {
            label: label.to_owned(),
            kind: NodeKind::Pixel,
            params: params.map(|name| (name.clone(), value(name))).collect(),
            kernel: Arc::new(kernel),
            inputs: vec![("tensor".to_owned(), Operand::Image(tensor))],
            image: ImageDesc {
                extent: tiling.extent,
                storage: self.storage(channels),
                color: ColorState {
                    coded: None,
                    ..pictures.color
                },
                clock: pictures.clock,
            },
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        })
    }

    /// The model's picture, at the size of `luma`, with that luma.
    fn with_luma(
        &mut self,
        label: &str,
        pictures: &Pictures,
        luma: NodeId,
    ) -> Result<NodeId, StyleError> {
        let image = self.at_size(pictures.images[0], self.nodes[luma].image.extent)?;
        let kernel = self.library.kernel("common/with_luma/join");
        let ImageDesc { color, .. } = self.nodes[image].image;
        let params = [("kb", color.kb), ("kr", color.kr)];
        let image_desc = ImageDesc {
            storage: self.storage(4),
            ..self.nodes[luma].image
        };
        Ok(self.node(Node {
            label: format!("{label}/luma"),
            kind: NodeKind::Pixel,
            kernel: Arc::new(kernel),
            params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            inputs: vec![
                ("image".to_owned(), Operand::Image(image)),
                ("luma".to_owned(), Operand::Image(luma)),
            ],
            image: image_desc,
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        }))
    }
}

/// The parameters that say how a picture lies in a tensor of tiles.
fn of_tensor(name: &str, picture: &PictureTensor, tiling: &Tiling) -> f32 {
    let truth = |condition: bool| f32::from(u8::from(condition));
    let color = |part: &str| ["r", "g", "b"].iter().position(|color| *color == part);
    match name {
        "channels" => picture.channels() as f32,
        "bgr" => truth(picture.bgr),
        "planar" => truth(picture.layout != Layout::Interleaved),
        "tile_w" => tiling.size.0 as f32,
        "tile_h" => tiling.size.1 as f32,
        "pitch_x" => tiling.pitch.0 as f32,
        "pitch_y" => tiling.pitch.1 as f32,
        "columns" => tiling.columns as f32,
        "rows" => tiling.rows as f32,
        "feather_x" => tiling.feather.0 as f32,
        "feather_y" => tiling.feather.1 as f32,
        _ => match name.rsplit_once('_') {
            Some(("scale", part)) => color(part).map_or(1.0, |index| picture.scale[index]),
            Some(("bias", part)) => color(part).map_or(0.0, |index| picture.bias[index]),
            _ => 0.0,
        },
    }
}

/// The tensor of a picture, or of each picture of a window.
fn picture_tensor(name: &str, picture: &PictureTensor, size: (u32, u32), half: bool) -> Tensor {
    let ((width, height), channels) = (size, picture.channels());
    let shape = match picture.layout {
        Layout::Planar => vec![channels, height, width],
        Layout::Interleaved => vec![height, width, channels],
        Layout::FramesPlanar => vec![1, channels, height, width],
    };
    Tensor {
        name: name.to_owned(),
        frames_on: match picture.layout {
            Layout::Interleaved => 2,
            Layout::Planar | Layout::FramesPlanar => 0,
        },
        shape,
        half,
        frames: 1,
        batched: true,
    }
}

/// The tensor of a number, or of a map of it in this layout.
fn number_tensor(
    name: &str,
    map: Option<Layout>,
    (width, height): (u32, u32),
    half: bool,
) -> Tensor {
    Tensor {
        name: name.to_owned(),
        shape: match map {
            None => vec![1],
            Some(Layout::Planar) => vec![1, height, width],
            Some(Layout::Interleaved) => vec![height, width, 1],
            Some(Layout::FramesPlanar) => vec![1, 1, height, width],
        },
        half,
        frames: 1,
        frames_on: if map == Some(Layout::Interleaved) {
            2
        } else {
            0
        },
        batched: map.is_some(),
    }
}

/// Checks that the values of all tiles can be counted: kernels count them in 32 bits with a sign.
fn check_values(tensor: &Tensor, tiling: &Tiling) -> Result<(), String> {
    let values = tensor.values() as u64 * u64::from(tiling.tiles());
    let (width, height) = tiling.extent;
    match i32::try_from(values) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "{width}x{height} pixels are too many for its tensors\n  make the picture smaller first, with --size"
        )),
    }
}

fn output_tensor(output: &ModelOutput, (width, height): (u32, u32), scale: u32) -> Tensor {
    match &output.kind {
        OutputKind::Picture(picture) => picture_tensor(
            &output.name,
            picture,
            (width * scale, height * scale),
            output.half,
        ),
        OutputKind::Numbers(count) => Tensor {
            name: output.name.clone(),
            shape: vec![*count],
            half: output.half,
            frames: 1,
            frames_on: 0,
            batched: false,
        },
    }
}

impl Window {
    /// The window of the first picture of a model; `None` for the others, and where it is the current frame alone.
    fn filter_for(self, first: bool) -> Option<Self> {
        (first && (self.from, self.to) != (0, 0)).then_some(self)
    }
}
