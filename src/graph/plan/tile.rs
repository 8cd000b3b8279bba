//! Tiles: the pixels that a workgroup reads, kept in workgroup memory. Each is then read from the image once, and reading it
//! again costs no arithmetic for its place.

use super::{NodeId, NodeKind, Operand, Plan, Step, Storage, Target};

/// Invocations of a workgroup in x and y.
pub const WORKGROUP: (u32, u32) = (16, 16);
/// The workgroup of a step that reads neighbours of the same row alone: fewer of them lie outside of it.
const ROW: (u32, u32) = (64, 4);
/// Bytes of workgroup memory that every GPU has.
const MOST_BYTES: u32 = 16_384;

/// The name of an input, and how far from its own pixel a kernel reads it: columns and rows.
pub type Reach = (String, (u32, u32));

/// An input of a node of which a workgroup reads a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub node: NodeId,
    pub input: String,
    /// Columns and rows that are read on each side of a pixel.
    pub reach: (u32, u32),
    /// Whether the kernel reads it reflected at the borders.
    pub mirrored: bool,
    /// Whether the image is larger than that on each side, so that it is reflected once at most.
    pub once: bool,
    /// Columns and rows that are kept.
    pub extent: (u32, u32),
    /// Bytes of workgroup memory.
    pub bytes: u32,
    /// Whether it is kept. Else there is no room, and the image is read directly.
    pub kept: bool,
}

impl Plan {
    /// Invocations of a workgroup of a step that makes an image.
    pub fn workgroup_of(&self, step: &Step) -> (u32, u32) {
        let reaches = self.reaches(step);
        let rows_alone = !reaches.is_empty() && reaches.iter().all(|tile| tile.reach.1 == 0);
        let prepared = self
            .nodes_of(step)
            .any(|id| self.nodes[id].prepare.is_some());
        if rows_alone && !prepared {
            ROW
        } else {
            WORKGROUP
        }
    }

    /// The nodes of a step in the order they run: the fused ones, then the one that it is for.
    pub fn nodes_of<'a>(&self, step: &'a Step) -> impl Iterator<Item = NodeId> + 'a {
        let target = match step.target {
            Target::Image { node, .. } => Some(node),
            Target::Output(_) => None,
        };
        step.fused.iter().copied().chain(target)
    }

    /// The plan without tiles: its parameters may take other values without new shaders.
    pub fn without_tiles(mut self) -> Self {
        self.nodes.iter_mut().for_each(|node| node.tiles.clear());
        self
    }

    /// The tiles of a step, in the order in which they get room.
    pub fn tiles_of(&self, step: &Step) -> Vec<Tile> {
        let (columns, rows) = self.workgroup_of(step);
        let mut room = MOST_BYTES;
        let mut tiles = self.reaches(step);
        for tile in &mut tiles {
            let (x, y) = tile.reach;
            tile.extent = (columns + 2 * x, rows + 2 * y);
            let pixels = tile.extent.0.saturating_mul(tile.extent.1);
            tile.bytes = tile.bytes.saturating_mul(pixels);
            tile.kept = tile.bytes <= room;
            room -= if tile.kept { tile.bytes } else { 0 };
        }
        tiles
    }

    /// What the nodes of a step read about their own pixel, in images of the size of the step; the bytes are those of a pixel.
    fn reaches(&self, step: &Step) -> Vec<Tile> {
        let Target::Image { node: root, .. } = step.target else {
            return Vec::new();
        };
        if self.nodes[root].kind != NodeKind::Pixel {
            return Vec::new();
        }
        let mut tiles = Vec::new();
        for id in self.nodes_of(step) {
            let node = &self.nodes[id];
            for (input, reach) in &node.tiles {
                let operand = node.inputs.iter().find(|(name, _)| name == input);
                let image = match operand {
                    Some((_, Operand::Image(of))) => &self.nodes[*of].image,
                    Some((_, Operand::History(of))) => &self.histories[*of].image,
                    _ => continue,
                };
                let bytes = match image.storage {
                    Storage::R32Float => 4,
                    Storage::Rgba16Float | Storage::Rgba16Fixed | Storage::Rgba32Float => 16,
                    Storage::Words => continue,
                };
                let Some(reads) = node.kernel.inputs.get(input) else {
                    continue;
                };
                // One accessor has the tile; a kernel that uses both reads directly.
                if image.extent == node.image.extent && reads.near != reads.mirrored {
                    tiles.push(Tile {
                        node: id,
                        input: input.clone(),
                        reach: *reach,
                        mirrored: reads.mirrored,
                        once: reach.0 < image.extent.0 && reach.1 < image.extent.1,
                        extent: (0, 0),
                        bytes,
                        kept: false,
                    });
                }
            }
        }
        tiles
    }
}
