//! What a twin sees: rows of its inputs by name, its parameters by name, the facts of the frame, and the row to write.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::color::lut::Lut;
use crate::frame::Picture;

/// What differs from frame to frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// Seconds since the stream's start.
    pub time: f32,
    /// The user's seed.
    pub seed: u32,
    /// A hash of the seed and of the PTS since the stream's start, for noise that changes with every frame.
    pub noise: u32,
    /// A scene begins with this frame.
    pub cut: bool,
    /// Histories hold the frame before, of the same scene.
    pub history_valid: bool,
    /// Standard deviation of the noise in the source's luma, 0..1 from black to white.
    pub noise_level: f32,
}

/// An image: rows one after the other, in each row the channels one after the other (R, G, B, A; or one).
#[derive(Clone, Debug, Default)]
pub struct Image {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub data: Vec<f32>,
    /// Rows whose alpha is 1 all along: it is neither written to `data` nor read from there, which spares a quarter of
    /// the memory's time.
    pub(crate) opaque: Vec<bool>,
    /// The alpha of such a row.
    ones: Vec<f32>,
}

impl Image {
    /// An image of zeros.
    pub fn new(width: usize, height: usize, channels: usize) -> Self {
        Self {
            width,
            height,
            channels,
            data: vec![0.0; width * height * channels],
            opaque: vec![false; height],
            ones: vec![1.0; if channels == 4 { width } else { 0 }],
        }
    }

    /// Row `y`. Panics outside the image.
    pub fn row(&self, y: usize) -> Row<'_> {
        let length = self.width * self.channels;
        Row {
            alpha: self.opaque[y].then_some(&self.ones),
            ..Row::new(&self.data[y * length..(y + 1) * length], self.channels)
        }
    }

    /// A buffer of `count` words: they lie in the image's one row, bit for bit.
    pub fn of_words(count: usize) -> Self {
        Self::new(count, 1, 1)
    }

    /// What a buffer holds.
    pub fn words(&self) -> &[u32] {
        bytemuck::cast_slice(&self.data)
    }

    /// What a buffer holds, to be changed.
    pub fn words_mut(&mut self) -> &mut [u32] {
        bytemuck::cast_slice_mut(&mut self.data)
    }

    /// Row `y`, or the nearest there is.
    pub fn clamped_row(&self, y: i64) -> Row<'_> {
        self.row(y.clamp(0, self.height as i64 - 1) as usize)
    }
}

/// A row of an image, by channel.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    data: &'a [f32],
    channels: usize,
    /// In place of the fourth channel.
    alpha: Option<&'a [f32]>,
}

impl<'a> Row<'a> {
    /// `data` holds the channels one after the other.
    pub fn new(data: &'a [f32], channels: usize) -> Self {
        Self {
            data,
            channels,
            alpha: None,
        }
    }

    /// Pixels in the row.
    pub fn width(&self) -> usize {
        self.data.len() / self.channels
    }

    /// Channel `index` as stored.
    pub fn channel(&self, index: usize) -> &'a [f32] {
        if let (3, Some(alpha)) = (index, self.alpha) {
            return alpha;
        }
        let width = self.width();
        &self.data[index * width..(index + 1) * width]
    }

    /// Whether alpha is known to be 1 all along. Where it is not known, it may be all the same.
    pub(crate) fn is_opaque(&self) -> bool {
        self.alpha.is_some()
    }

    /// The first channel.
    pub fn r(&self) -> &'a [f32] {
        self.channel(0)
    }

    /// Red, green and blue; thrice the same where the image has one channel.
    pub fn rgb(&self) -> [&'a [f32]; 3] {
        if self.channels == 1 {
            [self.r(); 3]
        } else {
            [self.channel(0), self.channel(1), self.channel(2)]
        }
    }

    /// Alpha, absent (that is, 1) where the image has one channel.
    pub fn alpha(&self) -> Option<&'a [f32]> {
        (self.channels == 4).then(|| self.channel(3))
    }
}

/// What an input is bound to.
#[derive(Clone, Copy)]
pub(crate) enum Bound<'a> {
    Image(&'a Image),
    /// Only the row at the twin's own position: its producer is fused in.
    Here(Row<'a>),
    Planes(&'a Picture),
    Lut(&'a Lut),
}

/// Something computed once for a pass and kept while its plan lives, such as a table of weights.
pub(crate) type Memo = OnceLock<Arc<dyn Any + Send + Sync>>;

/// Inputs, parameters and facts for one row of a pass, or for the whole of a compute pass.
pub struct Io<'a> {
    /// The row to make; 0 for a compute pass.
    pub y: usize,
    /// Size of the image the pass makes; a buffer is one row of words.
    pub width: usize,
    pub height: usize,
    pub facts: &'a Facts,
    pub(crate) inputs: &'a [(&'a str, Bound<'a>)],
    pub(crate) params: &'a [(String, f32)],
    pub(crate) memo: &'a Memo,
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
            Bound::Planes(_) | Bound::Lut(_) => panic!("{name:?} is no image"),
        }
    }

    /// `NAME_at(p)`: the whole image.
    pub fn image(&self, name: &str) -> &'a Image {
        match self.input(name) {
            Bound::Image(image) => image,
            _ => panic!("{name:?} is no stored image"),
        }
    }

    /// `NAME_word(i)`: a buffer.
    pub fn words(&self, name: &str) -> &'a [u32] {
        self.image(name).words()
    }

    /// The look-up table.
    pub fn lut(&self, name: &str) -> &'a Lut {
        match self.input(name) {
            Bound::Lut(lut) => lut,
            _ => panic!("{name:?} is no look-up table"),
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

    /// What `make` returns, made once for this pass: parameters and extents do not change while a plan lives.
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
    /// The fourth channel, where it does not lie in `data`.
    alpha: Option<&'a mut [f32]>,
}

impl<'a> Out<'a> {
    /// `data` holds the channels one after the other.
    pub fn new(data: &'a mut [f32], channels: usize) -> Self {
        Self {
            data,
            channels,
            alpha: None,
        }
    }

    /// `colour` holds red, green and blue one after the other.
    pub(crate) fn beside_alpha(colour: &'a mut [f32], alpha: &'a mut [f32]) -> Self {
        Self {
            data: colour,
            channels: 4,
            alpha: Some(alpha),
        }
    }

    /// Channels to write.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Pixels in the row.
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

    /// Red, green, blue and alpha. Panics when the image has one channel.
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
