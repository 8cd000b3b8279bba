//! Facts: the numbers that differ from frame to frame and that kernels and twins may read.

/// One fact, as documentation and generated code need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    /// Its WGSL type; a flag is a `u32` of 0 or 1.
    pub wgsl: &'static str,
    /// It depends on what was observed of the source up to this frame, not on the frame's time alone.
    pub observed: bool,
    pub doc: &'static str,
}

/// A Rust type that is one 32-bit word of WGSL.
trait Word: Copy {
    const WGSL: &'static str;
    fn word(self) -> u32;
}

impl Word for f32 {
    const WGSL: &'static str = "f32";
    fn word(self) -> u32 {
        self.to_bits()
    }
}

impl Word for u32 {
    const WGSL: &'static str = "u32";
    fn word(self) -> u32 {
        self
    }
}

impl Word for bool {
    const WGSL: &'static str = "u32";
    fn word(self) -> u32 {
        self.into()
    }
}

/// The one table of facts: the Rust struct, the words that a GPU gets, and [`Facts::TABLE`] are made from it.
macro_rules! facts {
    ($($name:ident: $type:ty, $observed:literal, $doc:literal;)*) => {
        /// The facts of one frame.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct Facts {
            $(#[doc = $doc] pub $name: $type,)*
        }

        impl Facts {
            /// All facts, in the order of their words.
            pub const TABLE: &'static [Fact] = &[$(Fact {
                name: stringify!($name),
                wgsl: <$type as Word>::WGSL,
                observed: $observed,
                doc: $doc,
            }),*];

            /// The values in the order of [`Self::TABLE`], padded to whole vectors of four words.
            pub fn words(&self) -> Vec<u32> {
                let mut words = vec![$(self.$name.word()),*];
                words.resize(words.len().next_multiple_of(4), 0);
                words
            }
        }
    };
}

facts! {
    time: f32, false, "Seconds since the stream's start";
    seed: u32, false, "The user's seed";
    noise: u32, false, "A hash of the seed and of the PTS since the stream's start, for noise that changes with every frame";
    cut: bool, true, "A scene begins with this frame";
    history_valid: bool, true, "Histories hold the frame before, of the same scene";
    noise_level: f32, true, "Standard deviation of the noise in the source's luma, 0 to 1 from black to white";
}
