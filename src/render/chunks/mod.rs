//! Long renders in chunks: each becomes a segment of its own, finished and on the disk before it is noted as done, so
//! that whatever ends the process costs the chunk in hand and nothing else.
//!
//! [`cuts`] says where chunks begin, [`plan`] writes that down once, [`folder`] holds everything while the job lasts,
//! [`record`] says what a finished chunk is, [`keeper`] makes it durable, [`kept`] tells how the job goes, [`feed`] and
//! [`segments`] are the two ends of the pipeline, [`site`] renders a stretch of chunks, [`crew`] has one or several
//! [`workers`] do that, [`render`] drives, [`stitch`] puts the outputs together.

mod crew;
mod cuts;
mod damage;
mod disk;
mod feed;
mod finished;
mod folder;
mod identity;
mod keeper;
mod kept;
mod plan;
mod record;
mod render;
mod segments;
mod site;
mod stitch;
mod workers;

pub use disk::{LowDisk, available};
pub use folder::place;
pub use plan::{Unfinished, unfinished};

pub(super) use feed::Seam;

pub(super) use finished::is_ours;
pub(super) use keeper::{Book, Piece};
pub(super) use plan::Chunking;
pub(super) use record::Memory;
pub(super) use render::render;
pub(super) use segments::Segments;
