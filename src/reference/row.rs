//! The data of a twin: rows of its inputs by name, parameters by name, the facts of the frame, and the row to write.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::fixed_grid::unpack_row;
use crate::color::lut::Lut;
use crate::frame::{Facts, Picture};

/// An image: row after row; within a row, channel after channel (R, G, B, A; or one).
#[derive(Clone, Debug, Default)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub data: Vec<f32>,
    /// In place of `data`: the same as fixed-point numbers ([`super::fixed_grid`]).
    fixed: Vec<i16>,
    /// Rows of `fixed` as floats, once a kernel has read them from another row.
    unpacked: Vec<OnceLock<Vec<f32>>>,
    /// Marks rows whose alpha is 1 everywhere: their alpha is neither written to `data` nor read from it, which saves a
    /// quarter of the memory traffic.
    pub(crate) opaque: Vec<bool>,
    /// The alpha of such a row.
    ones: Vec<f32>,
    /// The rows that are in `data`. Of a strip they are the last ones that were written: row y is in place y modulo their
    /// number.
    held: std::ops::Range<usize>,
}

impl Image {
    /// An image of zeros.
    pub fn new(width: usize, height: usize, channels: usize) -> Self {
        Self {
            width,
            height,
            channels,
            data: vec![0.0; width * height * channels],
            fixed: Vec::new(),
            unpacked: Vec::new(),
            opaque: vec![false; height],
            ones: vec![1.0; if channels == 4 { width } else { 0 }],
            held: 0..height,
        }
    }

    /// An image of zeros that is stored as fixed-point numbers.
    pub(crate) fn fixed(width: usize, height: usize, channels: usize) -> Self {
        Self {
            height,
            opaque: vec![false; height],
            fixed: vec![0; width * height * channels],
            unpacked: vec![OnceLock::new(); height],
            held: 0..height,
            ..Self::new(width, 0, channels)
        }
    }

    /// Whether it is stored as fixed-point numbers.
    pub(crate) fn is_fixed(&self) -> bool {
        !self.fixed.is_empty()
    }

    /// All its fixed-point numbers, and for each row whether it is opaque, to be written.
    pub(crate) fn fixed_mut(&mut self) -> (&mut [i16], &mut [bool]) {
        self.unpacked.fill(OnceLock::new());
        (&mut self.fixed, &mut self.opaque)
    }

    /// Row `y` of an image of fixed-point numbers. It is unpacked into `room`, which must be empty, when it is read.
    pub(crate) fn here<'a>(&'a self, y: usize, room: &'a HereRow) -> Row<'a> {
        Row {
            alpha: self.opaque[y].then_some(&self.ones),
            packed: Some(Packed {
                image: self,
                y,
                room,
            }),
            ..Row::new(&[], self.channels)
        }
    }

    /// The numbers of row `y` that are stored: alpha only where the row is not opaque.
    fn stored_row(&self, y: usize) -> &[i16] {
        let length = self.width * self.channels;
        let stored = length - if self.opaque[y] { self.width } else { 0 };
        &self.fixed[y * length..][..stored]
    }

    /// Row `y` of an image of fixed-point numbers as floats. `row` is memory for it.
    fn unpacked_row(&self, y: usize, mut row: Vec<f32>) -> Vec<f32> {
        let stored = self.stored_row(y);
        row.resize(self.width * self.channels, 0.0);
        unpack_row(stored, &mut row[..stored.len()]);
        row
    }

    /// An image of which only the last `rows` rows that were written are held; none at first.
    pub(crate) fn strip(width: usize, height: usize, channels: usize, rows: usize) -> Self {
        Self {
            height,
            held: 0..0,
            ..Self::new(width, rows.clamp(1, height.max(1)), channels)
        }
    }

    /// Row `y`. Panics outside the image, and outside the rows that a strip holds.
    pub fn row(&self, y: usize) -> Row<'_> {
        assert!(
            self.held.contains(&y),
            "row {y} is read, but rows {:?} are held",
            self.held
        );
        let place = y % self.opaque.len();
        let length = self.width * self.channels;
        let data = match self.unpacked.get(place) {
            Some(row) => row.get_or_init(|| self.unpacked_row(place, Vec::new())),
            None => &self.data[place * length..][..length],
        };
        Row {
            alpha: self.opaque[place].then_some(&self.ones),
            ..Row::new(data, self.channels)
        }
    }

    /// Lets go of all rows of a strip.
    pub(crate) fn clear(&mut self) {
        self.held = 0..0;
    }

    /// Row `y` of a strip, to be written, and whether all of it is opaque. Rows are written in order.
    pub(crate) fn next_row(&mut self, y: usize) -> (&mut [f32], &mut bool) {
        let rows = self.opaque.len();
        let first = if self.held.end == y {
            self.held.start
        } else {
            y
        };
        self.held = first.max((y + 1).saturating_sub(rows))..y + 1;
        let length = self.width * self.channels;
        let row = &mut self.data[y % rows * length..][..length];
        (row, &mut self.opaque[y % rows])
    }

    /// The words of a buffer.
    pub fn words(&self) -> &[u32] {
        bytemuck::cast_slice(&self.data)
    }

    /// The words of a buffer, writable.
    pub fn words_mut(&mut self) -> &mut [u32] {
        bytemuck::cast_slice_mut(&mut self.data)
    }

    /// Row `y`, clamped to the image.
    pub fn clamped_row(&self, y: i64) -> Row<'_> {
        self.row(y.clamp(0, self.height as i64 - 1) as usize)
    }
}

/// Room for one row of an image of fixed-point numbers, as floats.
#[derive(Default)]
pub(crate) struct HereRow {
    data: OnceCell<Vec<f32>>,
    /// The memory of the row before.
    spare: Cell<Vec<f32>>,
}

impl HereRow {
    /// Makes room for another row.
    pub fn clear(&mut self) {
        if let Some(data) = self.data.take() {
            self.spare.set(data);
        }
    }
}

/// A row of an image of fixed-point numbers.
#[derive(Clone, Copy)]
struct Packed<'a> {
    image: &'a Image,
    y: usize,
    room: &'a HereRow,
}

/// One row of an image, by channel.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    data: &'a [f32],
    channels: usize,
    /// The fourth channel, if it is not in `data`.
    alpha: Option<&'a [f32]>,
    /// In place of `data`.
    packed: Option<Packed<'a>>,
}

impl<'a> Row<'a> {
    /// `data` holds the channels one after the other.
    pub fn new(data: &'a [f32], channels: usize) -> Self {
        Self {
            data,
            channels,
            alpha: None,
            packed: None,
        }
    }

    /// Number of pixels.
    pub fn width(&self) -> usize {
        match self.packed {
            Some(packed) => packed.image.width,
            None => self.data.len() / self.channels,
        }
    }

    /// Channel `index` as whole steps ([`super::fixed_grid`]), if it is stored so.
    pub(crate) fn steps(&self, index: usize) -> Option<&'a [i16]> {
        let packed = self.packed?;
        let stored = packed.image.stored_row(packed.y);
        stored.chunks_exact(packed.image.width).nth(index)
    }

    /// The channels one after the other.
    fn data(&self) -> &'a [f32] {
        match self.packed {
            Some(Packed { image, y, room }) => {
                let unpacked = || image.unpacked_row(y, room.spare.take());
                room.data.get_or_init(unpacked)
            }
            None => self.data,
        }
    }

    /// Channel `index`, as stored. Of an image of one channel, red, green and blue are that channel, and alpha is 1.
    pub fn channel(&self, index: usize) -> &'a [f32] {
        if let (3, Some(alpha)) = (index, self.alpha) {
            return alpha;
        }
        let width = self.width();
        let index = match (self.channels, index) {
            (1, 3) => return ones(width),
            (1, _) => 0,
            (_, index) => index,
        };
        &self.data()[index * width..(index + 1) * width]
    }

    /// Whether alpha is known to be 1 all along. Where it is not known, it may be all the same.
    pub(crate) fn is_opaque(&self) -> bool {
        self.alpha.is_some()
    }

    /// The first channel.
    pub fn r(&self) -> &'a [f32] {
        self.channel(0)
    }

    /// Red, green and blue; the same channel three times if the image has one channel.
    pub fn rgb(&self) -> [&'a [f32]; 3] {
        if self.channels == 1 {
            [self.r(); 3]
        } else {
            [self.channel(0), self.channel(1), self.channel(2)]
        }
    }

    /// Alpha; `None` (which means 1) if the image has one channel.
    pub fn alpha(&self) -> Option<&'a [f32]> {
        (self.channels == 4).then(|| self.channel(3))
    }
}

/// A row of ones. The longest so far is kept for the life of the process.
fn ones(width: usize) -> &'static [f32] {
    static LONGEST: RwLock<&[f32]> = RwLock::new(&[]);
    let known = *LONGEST.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(row) = known.get(..width) {
        return row;
    }
    let mut longest = LONGEST.write().unwrap_or_else(PoisonError::into_inner);
    if longest.len() < width {
        *longest = vec![1.0; width.next_power_of_two()].leak();
    }
    &longest[..width]
}

/// What an input is bound to.
#[derive(Clone, Copy)]
pub(crate) enum Bound<'a> {
    Image(&'a Image),
    /// Only the row at the twin's own position, because its producer is fused in.
    Here(Row<'a>),
    /// Frames around the one that is made.
    Frames(FrameRing<'a>),
    Planes(&'a Picture),
    Lut(&'a Lut),
    Table(&'a [f32]),
}

/// Frames of an image in a ring: frame N lies at N modulo their number.
#[derive(Clone, Copy)]
pub(crate) struct FrameRing<'a> {
    pub images: &'a [Image],
    /// The frame that is made.
    pub index: u64,
    /// Frames of its scene before and after it.
    pub before: u32,
    pub after: u32,
}

impl<'a> FrameRing<'a> {
    /// Whether there is a frame at this offset, of the same scene.
    fn is_valid(&self, offset: i32) -> bool {
        (-i64::from(self.before)..=i64::from(self.after)).contains(&offset.into())
    }

    /// The frame at this offset, or the nearest of the same scene.
    pub fn image(&self, offset: i32) -> &'a Image {
        let offset = i64::from(offset).clamp(-i64::from(self.before), self.after.into());
        let at = (self.index as i64 + offset).rem_euclid(self.images.len() as i64);
        &self.images[at as usize]
    }
}

/// A value computed once per pass and kept as long as the plan, such as a table of weights.
pub(crate) type Memo = OnceLock<Arc<dyn Any + Send + Sync>>;

/// What a twin keeps from one row of a pass to the next ones that the same thread makes of the same frame.
pub(crate) type Kept = RefCell<Option<Box<dyn Any + Send>>>;

/// Inputs, parameters and facts for one row of a pass, or for a whole compute pass.
pub struct Io<'a> {
    /// The row to compute; 0 for a compute pass.
    pub y: usize,
    /// Size of the image that the pass writes; a buffer is one row of words.
    pub width: usize,
    pub height: usize,
    pub facts: &'a Facts,
    pub(crate) inputs: &'a [(&'a str, Bound<'a>)],
    pub(crate) params: &'a [(String, f32)],
    pub(crate) memo: &'a Memo,
    pub(crate) kept: &'a Kept,
}

impl<'a> Io<'a> {
    fn input(&self, name: &str) -> Bound<'a> {
        match self.inputs.iter().find(|(known, _)| *known == name) {
            Some((_, bound)) => *bound,
            None => panic!("a twin reads {name:?}, which its kernel does not"),
        }
    }

    /// `NAME_here()`: the input's row at the pass's own position.
    pub fn here(&self, name: &str) -> Row<'a> {
        match self.input(name) {
            Bound::Here(row) => row,
            Bound::Image(image) => image.clamped_row(self.y as i64),
            Bound::Planes(_) | Bound::Lut(_) | Bound::Table(_) | Bound::Frames(_) => {
                panic!("{name:?} is not an image")
            }
        }
    }

    /// `NAME_at(p)`: the whole image.
    pub fn image(&self, name: &str) -> &'a Image {
        match self.input(name) {
            Bound::Image(image) => image,
            _ => panic!("{name:?} is not a stored image"),
        }
    }

    fn frames(&self, name: &str) -> FrameRing<'a> {
        match self.input(name) {
            Bound::Frames(ring) => ring,
            _ => panic!("{name:?} is no window"),
        }
    }

    /// `NAME_here(k)`: the row at the pass's own position, of the frame at this offset.
    pub fn here_of(&self, name: &str, offset: i32) -> Row<'a> {
        self.image_of(name, offset).clamped_row(self.y as i64)
    }

    /// `NAME_at(k, p)`: the whole image of the frame at this offset.
    pub fn image_of(&self, name: &str, offset: i32) -> &'a Image {
        self.frames(name).image(offset)
    }

    /// `NAME_field(f, p)`: row `y` of a field, clamped to the field. Field 0 is shown first, field 1 second.
    pub fn field_row(&self, name: &str, field: u32, y: i64) -> Row<'a> {
        let image = self.image(name);
        image.clamped_row(self.row_of_field(field, y, image.height))
    }

    /// `NAME_field(k, f, p)`: as [`Self::field_row`], of the frame at this offset.
    pub fn field_row_of(&self, name: &str, offset: i32, field: u32, y: i64) -> Row<'a> {
        let image = self.image_of(name, offset);
        image.clamped_row(self.row_of_field(field, y, image.height))
    }

    /// The row of a frame of so many rows that is row `y` of a field.
    fn row_of_field(&self, field: u32, y: i64, height: usize) -> i64 {
        let bottom = i64::from((field == 1) != (self.facts.fields == 2));
        let rows = (height as i64 - bottom + 1) / 2;
        2 * y.clamp(0, (rows - 1).max(0)) + bottom
    }

    /// `NAME_valid(k)`: whether there is a frame at this offset, of the same scene.
    pub fn valid(&self, name: &str, offset: i32) -> bool {
        self.frames(name).is_valid(offset)
    }

    /// `NAME_word(i)`: a buffer.
    pub fn words(&self, name: &str) -> &'a [u32] {
        self.image(name).words()
    }

    /// The look-up table.
    pub fn lut(&self, name: &str) -> &'a Lut {
        match self.input(name) {
            Bound::Lut(lut) => lut,
            _ => panic!("{name:?} is not a look-up table"),
        }
    }

    /// `NAME_vec4(i)`: all numbers of a table.
    pub fn table(&self, name: &str) -> &'a [f32] {
        match self.input(name) {
            Bound::Table(table) => table,
            _ => panic!("{name:?} is not a table of numbers"),
        }
    }

    /// The decoder's picture.
    pub fn planes(&self) -> &'a Picture {
        match self.input("planes") {
            Bound::Planes(picture) => picture,
            _ => panic!("\"planes\" is not bound to planes"),
        }
    }

    /// `params.NAME`.
    pub fn param(&self, name: &str) -> f32 {
        match self.params.iter().find(|(known, _)| known == name) {
            Some((_, value)) => *value,
            None => panic!("a twin uses params.{name}, which its kernel does not"),
        }
    }

    /// Calls `work` with what it left for this row, or at first with an empty value.
    pub fn with_kept<T: Any + Send + Default, R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut kept = self.kept.borrow_mut();
        let kept = kept.get_or_insert_with(|| Box::new(T::default()));
        match kept.downcast_mut() {
            Some(value) => work(value),
            None => panic!("a pass keeps one kind of value"),
        }
    }

    /// The value returned by `make`, computed once for this pass: parameters and extents do not change within a plan.
    /// `make` must not share its work with other threads: while it waited for them, its own thread would take up another
    /// row, and that row would wait for this value for ever.
    pub fn once<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let kept = self.memo.get_or_init(|| Arc::new(make()));
        match kept.clone().downcast() {
            Ok(value) => value,
            Err(_) => panic!("a pass keeps one kind of table"),
        }
    }
}

/// The row to write.
pub struct Out<'a> {
    data: &'a mut [f32],
    channels: usize,
    /// The fourth channel, if it is not in `data`.
    alpha: Option<&'a mut [f32]>,
    /// Red, green and blue as whole steps, one after the other, where they are stored so.
    steps: Option<&'a mut [i16]>,
    /// Whether `steps` were written, and not `data`.
    in_steps: bool,
}

impl<'a> Out<'a> {
    /// `data` holds the channels one after the other.
    pub fn new(data: &'a mut [f32], channels: usize) -> Self {
        Self {
            data,
            channels,
            alpha: None,
            steps: None,
            in_steps: false,
        }
    }

    /// `colour` holds red, green and blue one after the other.
    pub(crate) fn beside_alpha(colour: &'a mut [f32], alpha: &'a mut [f32]) -> Self {
        Self {
            data: colour,
            channels: 4,
            alpha: Some(alpha),
            steps: None,
            in_steps: false,
        }
    }

    /// As [`Self::beside_alpha`]; `steps` are the red, green and blue that are stored.
    pub(crate) fn beside_steps(
        colour: &'a mut [f32],
        alpha: &'a mut [f32],
        steps: &'a mut [i16],
    ) -> Self {
        Self {
            steps: Some(steps),
            ..Self::beside_alpha(colour, alpha)
        }
    }

    /// Red, green and blue as whole steps ([`super::fixed_grid`]), to be written in place of the floats. `None` where they
    /// are not stored so.
    pub(crate) fn steps(&mut self) -> Option<[&mut [i16]; 3]> {
        let width = self.width();
        let steps = self.steps.as_mut()?;
        self.in_steps = true;
        let (r, rest) = steps.split_at_mut(width);
        let (g, b) = rest.split_at_mut(width);
        Some([r, g, b])
    }

    /// Whether a twin wrote red, green and blue as steps.
    pub(crate) fn is_in_steps(&self) -> bool {
        self.in_steps
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Number of pixels.
    fn width(&self) -> usize {
        match &self.alpha {
            Some(alpha) => alpha.len(),
            None => self.data.len() / self.channels,
        }
    }

    /// Channel `index`.
    pub fn channel(&mut self, index: usize) -> &mut [f32] {
        let width = self.width();
        match &mut self.alpha {
            Some(alpha) if index == 3 => alpha,
            _ => &mut self.data[index * width..(index + 1) * width],
        }
    }

    /// The only channel of a gray image, or red.
    pub fn gray(&mut self) -> &mut [f32] {
        self.channel(0)
    }

    /// Red, green, blue and alpha. Panics if the image has one channel.
    pub fn rgba(&mut self) -> [&mut [f32]; 4] {
        let width = self.width();
        let (r, rest) = self.data.split_at_mut(width);
        let (g, rest) = rest.split_at_mut(width);
        let (b, rest) = rest.split_at_mut(width);
        let a = match &mut self.alpha {
            Some(alpha) => alpha,
            None => &mut rest[..width],
        };
        [r, g, b, a]
    }
}
