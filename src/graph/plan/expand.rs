//! Expands styles into one DAG: expands fragments inside fragments and makes equal passes once.

mod alpha;
mod clocks;
mod eval;
mod histories;
mod models;
mod numbers;
mod packing;
mod passes;
mod spaces;
mod style_use;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use super::clock::retimings;
use super::{
    Alpha, AlphaSource, Clock, File, History, ImageDesc, Kernel, Library, MeasurePort, Node,
    NodeId, NodeKind, Observed, Operand, OutputPort, OutputRequest, OutputShape, Phase, Plan,
    Source, SourcePort, Storage, Style, StyleError, StyleUse, Temporal, Value,
};
use crate::color::Transfer;
use crate::frame::{Model, Rational};
use crate::graph::style::{
    Averaging, KeyTime, ModelOf, Param, Role, STRENGTH, Space, Track, strength,
};
use eval::Instance;
use numbers::{Names, Number, TrackTable};

/// How deep fragments may be nested.
const DEEPEST: usize = 16;
/// Upper limit for the repeats of a pass. It is far more than a style needs and catches mistakes.
const MOST_REPEATS: f64 = 1024.0;
/// Upper limit for a side of an image, in pixels. A device may allow less.
const LONGEST_SIDE: f64 = 65536.0;

struct Expander<'a> {
    library: &'a Library,
    source: &'a Source,
    facts: Names,
    nodes: Vec<Node>,
    /// Nodes by what they compute: equal kernel, parameters and inputs give the same node.
    known: HashMap<String, NodeId>,
    files: Vec<File>,
    clocks: Vec<Clock>,
    /// Frames per second that the style that is expanded must give its result.
    rate: Option<Rational>,
    histories: Vec<History>,
    /// Histories by the instance of the fragment that owns them.
    remembered: HashMap<String, usize>,
    fragments: HashMap<String, Arc<Style>>,
    /// Averaging over time of the output that is being expanded.
    temporal: Temporal,
    /// Whether what is expanded is an average that 16-bit fixed-point numbers hold well enough.
    fixed: bool,
    /// The space of passes that set none; `None` leaves the images they read as they are.
    space: Option<Space>,
    /// The image unpacked from the planes, once a pass has asked for it.
    unpacked: Option<NodeId>,
    /// The same with the curve of sRGB.
    displayed: Option<NodeId>,
    /// Whether the output is of whole numbers, and the source of linear floats.
    for_display: bool,
    notes: Vec<String>,
    /// What fragments offer to be read back: where it comes from, for people, and the node.
    measures: Vec<(String, NodeId)>,
    /// What follows tracks.
    tracks: TrackTable,
}

pub(super) fn shape(
    library: &Library,
    source: &Source,
    chain: &[StyleUse],
    temporal: Temporal,
) -> Result<OutputShape, StyleError> {
    let mut expander = Expander::new(library, source);
    let (result, _) = expander.chain(chain, temporal, false)?;
    let ImageDesc { extent, clock, .. } = expander.nodes[result].image;
    Ok(OutputShape {
        extent,
        time_base: expander.clocks[clock].time_base,
        retimings: retimings(&expander.clocks, clock),
    })
}

pub(super) fn expand(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
) -> Result<Plan, StyleError> {
    let mut expander = Expander::new(library, source);
    let ports = outputs.iter().map(|output| expander.output(output));
    let ports = ports.collect::<Result<_, _>>()?;
    Ok(expander.into_plan(ports))
}

/// As [`expand`], with a port for everything that the styles of the outputs offer to be read back; and whose it is.
pub(super) fn expand_with_measures(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
) -> Result<(Plan, Vec<MeasurePort>), StyleError> {
    let mut expander = Expander::new(library, source);
    let mut ports = Vec::new();
    let mut offered = Vec::new();
    for (output, request) in outputs.iter().enumerate() {
        ports.push(expander.output(request)?);
        let measures = std::mem::take(&mut expander.measures).into_iter();
        offered.extend(measures.map(|(name, node)| (output, name, OutputPort::Image(node))));
    }
    let mut measures = Vec::new();
    for (output, name, image) in offered {
        let known = ports.iter().position(|port| *port == image);
        let port = known.unwrap_or_else(|| {
            ports.push(image);
            ports.len() - 1
        });
        measures.push(MeasurePort { output, name, port });
    }
    Ok((expander.into_plan(ports), measures))
}

/// As [`expand`], with a port for everything that `chain` offers to be read back; and where each comes from.
pub(super) fn expand_measures(
    library: &Library,
    source: &Source,
    chain: &[StyleUse],
    temporal: Temporal,
) -> Result<(Plan, Vec<String>), StyleError> {
    let mut expander = Expander::new(library, source);
    expander.steps(chain, temporal)?;
    let (names, nodes): (Vec<_>, Vec<_>) =
        std::mem::take(&mut expander.measures).into_iter().unzip();
    if nodes.is_empty() {
        let styles: Vec<&str> = chain.iter().map(|part| part.style.name.as_str()).collect();
        return Err(StyleError::Manifest {
            manifest: styles.join("+"),
            message: "has nothing to measure: no pass that runs is named by a [measure.NAME]"
                .to_owned(),
        });
    }
    let ports = nodes.into_iter().map(OutputPort::Image).collect();
    Ok((expander.into_plan(ports), names))
}

impl<'a> Expander<'a> {
    fn new(library: &'a Library, source: &'a Source) -> Self {
        Self {
            library,
            source,
            facts: plain(source.names()),
            nodes: Vec::new(),
            known: HashMap::new(),
            files: Vec::new(),
            clocks: vec![Clock::source(source.time_base, source.rate)],
            rate: None,
            histories: Vec::new(),
            remembered: HashMap::new(),
            fragments: HashMap::new(),
            temporal: Temporal::Off,
            fixed: false,
            space: Some(Space::Coded),
            unpacked: None,
            displayed: None,
            for_display: false,
            notes: Vec::new(),
            measures: Vec::new(),
            tracks: TrackTable::default(),
        }
    }

    /// The plan of all nodes, with these ports.
    fn into_plan(self, ports: Vec<OutputPort>) -> Plan {
        let source = self.source;
        let mut tracks = self.tracks.tracks;
        tracks.followers.sort_by_key(|follower| follower.node);
        Plan {
            sources: vec![SourcePort {
                extent: (source.width, source.height),
                format: source.coded.as_ref().map(|(format, _)| *format),
            }],
            nodes: self.nodes,
            outputs: ports,
            steps: Vec::new(),
            slots: Vec::new(),
            files: self.files,
            histories: self.histories,
            observed: Observed::default(),
            clocks: self.clocks,
            lanes: Vec::new(),
            latency: 0,
            notes: self.notes,
            tracks,
        }
    }
}

impl Expander<'_> {
    /// The port of the pictures of `output`.
    fn output(&mut self, output: &OutputRequest) -> Result<OutputPort, StyleError> {
        let floats = output.format.is_float();
        let (of_floats, linear) = match &self.source.coded {
            Some((format, coding)) => (
                format.is_float(),
                format.is_float() && coding.transfer == Transfer::Power(1.0),
            ),
            None => (false, false),
        };
        // Whole numbers hold light badly: they get the curve of sRGB, and styles see that.
        self.for_display = linear && !floats;
        let (image, alpha) = self.chain(&output.chain, output.temporal, output.format.alpha)?;
        let image = match floats && !of_floats {
            true => self.in_space(image, Space::Linear),
            false => image,
        };
        Ok(OutputPort::Frame(self.pack(output, image, alpha)))
    }

    /// Working precision: half floats are exact for 8 bits; more bits need single floats.
    fn storage(&self, channels: u8) -> Storage {
        match (channels, &self.source.coded) {
            (1, _) => Storage::R32Float,
            (_, Some((format, _))) if format.depth > 8 => Storage::Rgba32Float,
            _ => Storage::Rgba16Float,
        }
    }

    /// The result of styles applied one after the other (the source's picture where there are none), and where its alpha
    /// is. `alpha` is whether the output has any.
    fn chain(
        &mut self,
        chain: &[StyleUse],
        temporal: Temporal,
        alpha: bool,
    ) -> Result<(NodeId, AlphaSource), StyleError> {
        let own = chain.iter().any(|part| part.style.alpha == Alpha::Own);
        if self.source.coded.is_some() && (own || alpha && self.source_has_alpha()) {
            self.temporal = temporal;
            return self.chain_with_alpha(chain, alpha);
        }
        let image = match self.steps(chain, temporal)? {
            Some(image) => self.picture_of(chain, image)?,
            None => self.unpack()?,
        };
        let from = match (alpha, own) {
            (false, _) => AlphaSource::None,
            (true, true) => AlphaSource::Image,
            (true, false) => AlphaSource::Source,
        };
        Ok((image, from))
    }

    /// As [`Self::chain`] without alpha, but what the last style makes may be numbers; `None` where there are no styles.
    fn steps(
        &mut self,
        chain: &[StyleUse],
        temporal: Temporal,
    ) -> Result<Option<NodeId>, StyleError> {
        self.temporal = temporal;
        let mut image = None;
        for (index, style) in chain.iter().enumerate() {
            let given = image.map(|image| self.picture_of(&chain[..index], image));
            image = Some(self.apply(style, given.transpose()?)?);
        }
        Ok(image)
    }

    /// `image`, which `chain` makes, where it is a picture.
    fn picture_of(&self, chain: &[StyleUse], image: NodeId) -> Result<NodeId, StyleError> {
        if self.nodes[image].image.storage != Storage::Words {
            return Ok(image);
        }
        let style = chain.last().map(|part| part.style.name.clone());
        Err(StyleError::Manifest {
            manifest: style.unwrap_or_default(),
            message: "makes numbers, not a picture: it can be measured, not rendered".to_owned(),
        })
    }

    /// Applies a style to `image` (`None`: the source), mixed by its strength.
    fn apply(&mut self, part: &StyleUse, image: Option<NodeId>) -> Result<NodeId, StyleError> {
        let style = &part.style;
        self.rate = part.rate;
        if style.generates() {
            let values = self.values(part, (self.source.width, self.source.height))?;
            let result = self.fragment(
                style,
                &BTreeMap::new(),
                values,
                &part.given(),
                &style.name,
                0,
            )?;
            let result = self.in_space(result, Space::Coded);
            part.check_size(self.nodes[result].image.extent)?;
            return Ok(result);
        }
        let given = match image {
            Some(image) => image,
            None => self.unpack()?,
        };
        let extent = self.nodes[given].image.extent;
        let scales = style.role == Some(Role::Scaler);
        if part.strength <= 0.0 && !scales {
            part.check_size(extent)?;
            return Ok(given);
        }
        let inputs = BTreeMap::from([(style.inputs[0].clone(), given)]);
        let values = self.values(part, extent)?;
        let result = self.fragment(style, &inputs, values, &part.given(), &style.name, 0)?;
        let result = self.in_space(result, Space::Coded);
        let made = self.nodes[result].image.extent;
        let amount = self.strength_of(part)?;
        if amount.follows.is_none() && amount.value >= 1.0 {
            part.check_size(made)?;
            return Ok(result);
        }
        if made != extent && !scales {
            return Err(match amount.follows {
                None => part.cannot_mix(extent, made),
                Some(_) => StyleError::Fixed {
                    param: format!("{}.{STRENGTH}", style.name),
                    why: "the style makes the picture of another size, which cannot be mixed with its source"
                        .to_owned(),
                },
            });
        }
        part.check_size(made)?;
        // What enlarges is mixed with what plain resampling makes.
        let from = match made == extent {
            true => given,
            false => self.resampled(given, made, &format!("{}/plain", style.name))?,
        };
        if amount.follows.is_none() && amount.value <= 0.0 {
            return Ok(from);
        }
        let mix = self.load("common/mix")?;
        let inputs = BTreeMap::from([("from".to_owned(), from), ("to".to_owned(), result)]);
        let values = Names::from([("amount".to_owned(), amount)]);
        self.fragment(
            &mix,
            &inputs,
            values,
            &BTreeMap::new(),
            &format!("{}/strength", style.name),
            0,
        )
    }

    /// `image` at another size, by plain resampling.
    fn resampled(
        &mut self,
        image: NodeId,
        (width, height): (u32, u32),
        label: &str,
    ) -> Result<NodeId, StyleError> {
        let resample = self.load("common/resample")?;
        let values = Names::from([
            ("width".to_owned(), f64::from(width).into()),
            ("height".to_owned(), f64::from(height).into()),
        ]);
        let inputs = BTreeMap::from([("image".to_owned(), image)]);
        self.fragment(&resample, &inputs, values, &BTreeMap::new(), label, 0)
    }

    /// A user's values as numbers, `px` scaled from 1080 lines to pictures of `extent`; and the size that is asked for, 0
    /// where none is.
    fn values(&mut self, part: &StyleUse, extent: (u32, u32)) -> Result<Names, StyleError> {
        let scale = Plan::line_scale(extent);
        let (width, height) = part.target.unwrap_or_default();
        let target = [("target_width", width), ("target_height", height)];
        let target = target.map(|(name, side)| (name.to_owned(), f64::from(side)));
        let mut names = plain(target.into_iter().collect());
        for param in &part.style.params {
            let scale = if param.unit == "px" { scale } else { 1.0 };
            match part.values.get(&param.name) {
                None => {}
                Some(Value::Track(track)) if track.is_unmeasured() => {}
                Some(Value::Track(track)) => {
                    names.extend(self.followed(&part.style.name, param, track, scale)?);
                }
                Some(value) => {
                    let numbers = value.numbers(&param.name).into_iter();
                    names.extend(numbers.map(|(name, value)| (name, (value * scale).into())));
                }
            }
        }
        Ok(names)
    }

    /// The mix of a style with its input.
    fn strength_of(&mut self, part: &StyleUse) -> Result<Number, StyleError> {
        let Some(Value::Track(track)) = part.values.get(STRENGTH) else {
            return Ok(part.strength.into());
        };
        let param = strength();
        let numbers = self.followed(&part.style.name, &param, track, 1.0)?;
        let amount = numbers.first().map(|(_, number)| *number);
        Ok(amount.unwrap_or(part.strength.into()))
    }

    /// The numbers of a parameter that follows `track`, times `scale`.
    fn followed(
        &mut self,
        style: &str,
        param: &Param,
        track: &Track,
        scale: f64,
    ) -> Result<Vec<(String, Number)>, StyleError> {
        let in_frames = |(at, _): &(KeyTime, Value)| matches!(at, KeyTime::Frames(_));
        if track.keys.iter().any(in_frames) {
            // Nobody has said how long a frame is.
            track.in_seconds(&format!("{style}.{}", param.name), Rational::new(0, 1))?;
        }
        Ok(self.tracks.numbers(style, param, track, scale))
    }

    fn load(&mut self, name: &str) -> Result<Arc<Style>, StyleError> {
        if let Some(known) = self.fragments.get(name) {
            return Ok(known.clone());
        }
        let style = self.library.load(name)?;
        self.fragments.insert(name.to_owned(), style.clone());
        Ok(style)
    }

    /// The decoder's picture as an R'G'B'A image.
    fn unpack(&mut self) -> Result<NodeId, StyleError> {
        if self.for_display {
            return self.unpack_for_display();
        }
        if let Some(image) = self.unpacked {
            return Ok(image);
        }
        let fragment = self.load("io/unpack")?;
        let none = BTreeMap::new();
        let image = self.with_space(Some(Space::Coded), |this| {
            this.fragment(
                &fragment,
                &BTreeMap::new(),
                Names::new(),
                &none,
                "source",
                0,
            )
        })?;
        let coded = self.source.coded.as_ref();
        let coded = coded.filter(|(format, _)| format.model != Model::Rgb);
        self.nodes[image].image.color.coded = coded.map(|_| 0);
        self.unpacked = Some(image);
        Ok(image)
    }

    /// The source's picture of linear light, with the curve of sRGB.
    fn unpack_for_display(&mut self) -> Result<NodeId, StyleError> {
        if let Some(image) = self.displayed {
            return Ok(image);
        }
        self.for_display = false;
        let light = self.unpack();
        self.for_display = true;
        let image = self.with_srgb(light?);
        self.displayed = Some(image);
        Ok(image)
    }

    /// Expands one fragment and returns its `result` image.
    fn fragment(
        &mut self,
        style: &Style,
        inputs: &BTreeMap<String, NodeId>,
        values: Names,
        given: &BTreeMap<String, Value>,
        label: &str,
        level: usize,
    ) -> Result<NodeId, StyleError> {
        let instance = Instance {
            style,
            label: label.to_owned(),
            level,
        };
        if level > DEEPEST {
            return Err(instance.error("fragments use each other in a circle".to_owned()));
        }
        let mut names = self.facts.clone();
        names.extend(
            style
                .params
                .iter()
                .flat_map(|param| param.default().numbers(&param.name))
                .map(|(name, value)| (name, value.into())),
        );
        names.extend(values);
        for (port, image) in inputs {
            let facts = image_facts(port, &self.nodes[*image].image);
            names.extend(facts.map(|(name, value)| (name, value.into())));
        }
        let key = format!("{values:?} {inputs:?}", values = &names);
        let mut models = BTreeMap::new();
        for declared in &style.models {
            // Where none is given, it may be that no pass runs it.
            if !declared.is_given(|param| given.get(param)) {
                let facts = ModelOf::FACTS.iter();
                names.extend(facts.map(|fact| (format!("{}_{fact}", declared.name), 0.0.into())));
                continue;
            }
            let model = self.model(declared, given, &instance)?;
            let facts = [f64::from(model.scale), model.most_pixels as f64];
            for (fact, value) in ModelOf::FACTS.iter().zip(facts) {
                names.insert(format!("{}_{fact}", declared.name), value.into());
            }
            models.insert(declared.name.as_str(), model);
        }
        instance.evaluate_lets(&mut self.tracks, &mut names)?;
        let warnings = style.warnings.iter();
        let warnings = warnings.map(|warning| format!("{}: {warning}", style.name));
        for warning in warnings {
            self.note(warning);
        }
        for note in &style.notes {
            let shown = self.tracks.values_when(&note.when, &names);
            let shown = shown.map_err(|why| instance.misused(&note.when, why))?;
            if let Some(values) = shown {
                let text = filled(&note.text, &values).map_err(|unknown| {
                    instance.error(format!("[[note]] uses {{{unknown}}}, which is neither a parameter, a [let], nor a fact"))
                })?;
                if note.refuses {
                    return Err(StyleError::Refused {
                        style: style.name.clone(),
                        text,
                    });
                }
                self.note(format!("{}: {text}", style.name));
            }
        }
        let mut images: BTreeMap<String, Operand> = inputs
            .iter()
            .map(|(name, image)| (name.clone(), Operand::Image(*image)))
            .collect();
        images.insert(Style::PLANES.to_owned(), Operand::Planes(0));
        // Where all passes that make it are off, the result is what the folder was given.
        if let Some(first) = style.inputs.first().and_then(|port| inputs.get(port)) {
            images.insert("result".to_owned(), Operand::Image(*first));
        }
        let mut histories = Vec::new();
        for declared in &style.histories {
            let index = self.history(
                &instance,
                (&declared.name, &declared.shape, declared.across_cuts),
                &names,
                inputs,
                &key,
            )?;
            images.insert(declared.name.clone(), Operand::History(index));
            histories.push((index, declared));
        }
        for pass in &style.passes {
            if let Some(when) = &pass.when
                && !instance.decided(&self.tracks, when, &names)?
            {
                continue;
            }
            for picture in &style.files {
                let path = picture
                    .param
                    .as_ref()
                    .and_then(|param| path_in(given, param));
                let file = match (path, &picture.own) {
                    (Some(path), _) => File::Picture(path.clone()),
                    (None, Some(own)) => File::OwnPicture(own.clone()),
                    (None, None) => continue,
                };
                if pass.inputs.iter().any(|read| read.image == picture.name) {
                    images.insert(picture.name.clone(), Operand::File(self.file(file)));
                }
            }
            for lut in &style.luts {
                let path = lut.param.as_ref().and_then(|param| path_in(given, param));
                let file = match (path, &lut.own) {
                    (Some(path), _) => File::Lut(path.clone()),
                    (None, Some(own)) => File::OwnLut(own.clone()),
                    (None, None) => continue,
                };
                if pass.inputs.iter().any(|read| read.image == lut.name) {
                    images.insert(lut.name.clone(), Operand::File(self.file(file)));
                }
            }
            for table in &style.tables {
                if pass.inputs.iter().any(|read| read.image == table.name) {
                    let file = self.file(File::OwnTable(table.own.clone()));
                    images.insert(table.name.clone(), Operand::File(file));
                }
            }
            let times = match &pass.repeat {
                None => 1.0,
                Some(repeat) => instance.fixed(&self.tracks, repeat, &names)?.round(),
            };
            if times > MOST_REPEATS {
                return Err(instance.error(format!(
                    "{:?} is repeated {times} times; at most {MOST_REPEATS}",
                    pass.out
                )));
            }
            for iteration in 0..times.max(0.0) as u32 {
                names.insert("iteration".to_owned(), f64::from(iteration).into());
                let mut made = self.pass(&instance, pass, &images, &models, &names)?;
                if pass.temporal != Averaging::Never {
                    made = self.averaged(&instance, made, &pass.out, pass.temporal)?;
                }
                images.insert(pass.out.clone(), Operand::Image(made));
            }
        }
        self.commit_all(&instance, &histories, &images)?;
        for measure in &style.measures {
            // Where its pass is left out, there is nothing to measure.
            if let Some(Operand::Image(image)) = images.get(&measure.of) {
                let measured = (format!("{label}/{}", measure.name), *image);
                if !self.measures.contains(&measured) {
                    self.measures.push(measured);
                }
            }
        }
        match images.get("result") {
            Some(Operand::Image(image)) => Ok(*image),
            _ => Err(instance.error("no pass made \"result\" with these parameters".to_owned())),
        }
    }

    /// Has the user told `note`, once.
    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn file(&mut self, file: File) -> usize {
        let known = self.files.iter().position(|known| *known == file);
        known.unwrap_or_else(|| {
            self.files.push(file);
            self.files.len() - 1
        })
    }
}

/// The file that a user named for the parameter `name`.
fn path_in<'a>(given: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a PathBuf> {
    match given.get(name) {
        Some(Value::Path(path)) => Some(path),
        _ => None,
    }
}

/// Numbers that follow no track.
fn plain(values: BTreeMap<String, f64>) -> Names {
    let values = values.into_iter();
    values.map(|(name, value)| (name, value.into())).collect()
}

/// The facts that expressions can use about the image bound to `port`.
fn image_facts(port: &str, image: &ImageDesc) -> [(String, f64); 7] {
    let color = &image.color;
    [
        ("width", f64::from(image.extent.0)),
        ("height", f64::from(image.extent.1)),
        ("coded", f64::from(u8::from(color.coded.is_some()))),
        ("transfer", f64::from(color.transfer.number())),
        ("gamma", f64::from(color.transfer.gamma())),
        ("kr", f64::from(color.kr)),
        ("kb", f64::from(color.kb)),
    ]
    .map(|(fact, value)| (format!("{port}_{fact}"), value))
}

/// `text` with each `{NAME}` replaced by its value, with two decimals. `Err` is the first unknown name.
fn filled(text: &str, names: &BTreeMap<String, f64>) -> Result<String, String> {
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = names.get(name).ok_or_else(|| name.to_owned())?;
        out.push_str(&format!("{}{rest}", (value * 100.0).round() / 100.0));
    }
    Ok(out)
}
