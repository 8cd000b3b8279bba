pub mod blur_x;
pub mod blur_y;
pub mod expand_x;
pub mod expand_y;
pub mod reduce_x;
pub mod reduce_y;
mod weights;
