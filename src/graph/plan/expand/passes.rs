//! One pass of a fragment as a node, or as the nodes of the fragment that it uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::numbers::Names;
use super::{Expander, Instance, LONGEST_SIDE};
use crate::graph::plan::tracks::Follower;
use crate::graph::plan::{
    ColorState, ImageDesc, Node, NodeId, NodeKind, Operand, Storage, StyleError,
};
use crate::graph::style::{Body, Channels, ModelDesc, Pass, PassInput};
use crate::nearest::{did_you_mean, nearest};

impl Expander<'_> {
    pub(super) fn pass(
        &mut self,
        instance: &Instance<'_>,
        pass: &Pass,
        images: &BTreeMap<String, Operand>,
        models: &BTreeMap<&str, Arc<ModelDesc>>,
        names: &Names,
    ) -> Result<NodeId, StyleError> {
        let bind = |image: &String| {
            images.get(image).copied().ok_or_else(|| {
                let files = &instance.style.files;
                let file = files.iter().find(|file| file.name == *image);
                instance.error(match file.and_then(|file| file.param.as_ref()) {
                    Some(param) => format!(
                        "no picture is given for {image:?}: name a file by --set {}.{param}=FILE",
                        instance.style.name
                    ),
                    None => format!("no pass makes the image {image:?} with these parameters"),
                })
            })
        };
        let bound = |input: &PassInput| {
            let operand = match (bind(&input.image)?, input.window) {
                (operand, None) => operand,
                (Operand::Image(id), Some(window)) => Operand::Window(id, window),
                (_, Some(_)) => {
                    return Err(instance.error(format!(
                        "{:?} has no earlier and later frames: only an image made by a pass can have a window",
                        input.image
                    )));
                }
            };
            Ok((input.name.clone(), operand))
        };
        let space = pass.space.or(self.space);
        let mut set = Names::new();
        for (name, expression) in &pass.set {
            let number = instance.number(&mut self.tracks, expression, names)?;
            set.insert(name.clone(), number);
        }
        let label = format!("{}/{}", instance.label, pass.out);
        match &pass.body {
            Body::Use(folder) => {
                let fragment = self.load(folder)?;
                let mut inputs = BTreeMap::new();
                for PassInput { name, image, .. } in &pass.inputs {
                    match bind(image)? {
                        Operand::Image(id) => inputs.insert(name.clone(), id),
                        Operand::History(of) => {
                            let label = format!("{label}/{name}");
                            let id = self.image_of_history(instance, image, of, images, label)?;
                            inputs.insert(name.clone(), id)
                        }
                        _ => {
                            return Err(instance.error(format!(
                                "{image:?} can be an input of a kernel, not of a folder"
                            )));
                        }
                    };
                }
                if let Some(missing) = fragment
                    .inputs
                    .iter()
                    .find(|port| !inputs.contains_key(*port))
                {
                    return Err(instance.error(format!("{folder} needs an input {missing:?}")));
                }
                if let Some(unknown) = inputs.keys().find(|port| !fragment.inputs.contains(port)) {
                    return Err(instance.error(format!(
                        "{folder} has no input {unknown:?}; its inputs: {}",
                        fragment.inputs.join(", ")
                    )));
                }
                if let Some(unknown) = set
                    .keys()
                    .find(|name| !fragment.params.iter().any(|p| &p.name == *name))
                {
                    let known = || fragment.params.iter().map(|param| param.name.as_str());
                    let all: Vec<&str> = known().collect();
                    return Err(instance.error(format!(
                        "{folder} has no parameter {unknown:?}{}\n  its parameters: {}",
                        did_you_mean(nearest(unknown, known())),
                        if all.is_empty() {
                            "none".to_owned()
                        } else {
                            all.join(", ")
                        }
                    )));
                }
                let none = BTreeMap::new();
                self.with_space(space, |this| {
                    this.fragment(&fragment, &inputs, set, &none, &label, instance.level + 1)
                })
            }
            Body::Model {
                model,
                tile,
                overlap,
            } => {
                let inputs = pass.inputs.iter().map(&bound);
                let inputs = inputs.collect::<Result<_, StyleError>>()?;
                let given = models.get(model.as_str());
                let model = given.ok_or_else(|| instance.without_model(model))?;
                self.model_pass(
                    instance,
                    pass,
                    model,
                    inputs,
                    (tile, overlap),
                    (&set, names),
                )
            }
            Body::Kernel(kernel) => {
                let inputs = pass.inputs.iter().map(&bound);
                let mut inputs: Vec<_> = inputs.collect::<Result<_, StyleError>>()?;
                for (_, operand) in &mut inputs {
                    *operand = self.operand_in(*operand, space);
                }
                let clock = self.clock_of_pass(instance, pass, &mut inputs, names)?;
                let first = inputs.iter().find_map(|(_, operand)| match operand {
                    Operand::Image(id) | Operand::Window(id, _) => Some(&self.nodes[*id].image),
                    _ => None,
                });
                let first = first.filter(|image| image.storage != Storage::Words);
                let given = first.map_or_else(|| self.source.color_state(), |image| image.color);
                let color = ColorState {
                    space: space.unwrap_or(given.space),
                    coded: None,
                    ..given
                };
                let extent = match &pass.size {
                    Some([width, height]) => {
                        let side = |expression| {
                            let value = instance.fixed(&self.tracks, expression, names)?;
                            let value = value.round().max(1.0);
                            if value > LONGEST_SIDE {
                                return Err(instance.error(format!(
                                    "an image has a side of {value} pixels; at most {LONGEST_SIDE}"
                                )));
                            }
                            Ok(value as u32)
                        };
                        (side(width)?, side(height)?)
                    }
                    None => first.map_or((self.source.width, self.source.height), |image| {
                        image.extent
                    }),
                };
                let channels = match &pass.channels {
                    Channels::One => 1,
                    Channels::Four => 4,
                    Channels::Like(image) => match bind(image)? {
                        Operand::Image(id) => self.nodes[id].image.storage.channels() as u8,
                        _ => 4,
                    },
                };
                let kept = instance.style.histories.iter().any(|h| h.of == pass.out);
                let storage = if kept {
                    self.lasting(usize::from(channels))
                } else {
                    self.storage(channels)
                };
                let (params, follows) = instance.kernel_params(kernel, &set, names)?;
                let tiles = pass.tiles.iter();
                let tiles =
                    tiles.filter_map(|tile| instance.tile(&self.tracks, tile, names).transpose());
                let node = Node {
                    label,
                    kind: NodeKind::Pixel,
                    kernel: kernel.clone(),
                    params,
                    inputs,
                    image: ImageDesc {
                        extent,
                        storage,
                        color,
                        clock,
                    },
                    tiles: tiles.collect::<Result<_, _>>()?,
                    prepare: pass.prepare.clone(),
                    decides: pass.decides,
                    delay: 0,
                    across_cuts: pass.across_cuts,
                };
                Ok(self.following_node(node, follows))
            }
            Body::Compute {
                kernel,
                words,
                phases,
            } => {
                let inputs = pass.inputs.iter().map(&bound);
                let mut inputs: Vec<_> = inputs.collect::<Result<_, StyleError>>()?;
                for (_, operand) in &mut inputs {
                    *operand = self.operand_in(*operand, space);
                }
                let clock = self.clock_of_pass(instance, pass, &mut inputs, names)?;
                let phases = phases
                    .iter()
                    .map(|phase| instance.phase(&self.tracks, phase, names));
                let (params, follows) = instance.kernel_params(kernel, &set, names)?;
                let node = Node {
                    label,
                    kind: NodeKind::Compute {
                        phases: phases.collect::<Result<_, _>>()?,
                    },
                    kernel: kernel.clone(),
                    params,
                    inputs,
                    image: ImageDesc {
                        clock,
                        ..ImageDesc::new(
                            instance.words(&self.tracks, words, names)?,
                            Storage::Words,
                        )
                    },
                    tiles: Vec::new(),
                    prepare: None,
                    decides: pass.decides,
                    delay: 0,
                    across_cuts: pass.across_cuts,
                };
                Ok(self.following_node(node, follows))
            }
        }
    }

    pub(super) fn node(&mut self, node: Node) -> NodeId {
        self.following_node(node, Vec::new())
    }

    /// As [`Self::node`]; `follows` are the parameters that follow tracks, by index, and their formulas.
    pub(super) fn following_node(&mut self, node: Node, follows: Vec<(usize, usize)>) -> NodeId {
        let bits: Vec<u32> = node
            .params
            .iter()
            .map(|(_, value)| value.to_bits())
            .collect();
        let key = format!(
            "{} {bits:?} {follows:?} {:?} {:?} {:?} {:?}",
            node.kernel.path, node.inputs, node.image, node.kind, node.tiles
        );
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        self.nodes.push(node);
        let follower = |(param, formula)| Follower {
            node: self.nodes.len() - 1,
            param,
            formula,
        };
        let followers = follows.into_iter().map(follower);
        self.tracks.tracks.followers.extend(followers);
        self.known.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }
}
