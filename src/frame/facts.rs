//! Facts: the numbers that differ from frame to frame and that kernels and twins may read.

/// What a fact needs to be known of the frames up to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observes {
    /// Nothing: the frame's own time says it.
    Nothing,
    /// Where scenes begin.
    Cuts,
    /// All frames from the beginning of the scene on, however many.
    Scene,
    /// The average of the noise.
    Noise,
}

/// One fact, as documentation and generated code need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    /// Its WGSL type; a flag is a `u32` of 0 or 1.
    pub wgsl: &'static str,
    pub observes: Observes,
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
    ($($name:ident: $type:ty, $observes:ident, $doc:literal;)*) => {
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
                observes: Observes::$observes,
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
    time: f32, Nothing, "Seconds since the stream's start";
    phase: f32, Nothing, "Where the frame begins in the frame it is made of: from 0 (its start) up to 1 (the next frame); below 0 where it begins before it, as film out of pulldown does. 0 but in a pass with a rate, and after it";
    fields: u32, Nothing, "Fields of the frame: 0 none (progressive), 1 the top field is shown first, 2 the bottom field";
    seed: u32, Nothing, "The user's seed";
    noise: u32, Nothing, "A hash of the seed and of the PTS since the stream's start, for noise that changes with every frame";
    cut: bool, Cuts, "A scene begins with this frame";
    history_valid: bool, Cuts, "Histories hold the frame before, of the same scene";
    noise_level: f32, Noise, "Standard deviation of the noise in the source's luma, 0 to 1 from black to white";
    frames_before: u32, Cuts, "Frames of the same scene before this one that windows may read";
    frames_after: u32, Cuts, "Frames of the same scene after this one that windows may read";
    fps: f32, Nothing, "Frames per second that the pass makes: the nominal rate of the stream, changed by the `rate` of passes; 0 where there is none";
    frame: u32, Nothing, "Nominal number of the frame, from 0: `time` × `fps`, rounded. It is never counted, so it is the same in a preview; frames of a variable rate may share a number or leave one out";
    age: u32, Scene, "Frames of the same scene before this one, all of them. A history of a history holds a frame from 2 on";
    time_in_scene: f32, Scene, "Seconds since the scene began";
    scale: f32, Nothing, "Pixels of the image that the pass makes for one pixel of a picture of 1080 lines: its shorter side / 1080. Of a pass that makes words, those of the first image it reads";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_authors_has_every_fact() {
        let page = include_str!("../../docs/writing-a-style.md");
        for Fact {
            name, wgsl, doc, ..
        } in Facts::TABLE
        {
            let line = format!("| `{name}` | {wgsl} | {doc} |");
            assert!(
                page.contains(&line),
                "docs/writing-a-style.md lacks: {line}"
            );
        }
    }

    #[test]
    fn words_follow_the_table() {
        let facts = Facts {
            seed: 7,
            cut: true,
            noise_level: 0.5,
            ..Facts::default()
        };
        let words = facts.words();
        let word = |name: &str| {
            let at = Facts::TABLE.iter().position(|fact| fact.name == name);
            words[at.unwrap()]
        };
        assert_eq!(
            (word("seed"), word("cut"), word("history_valid")),
            (7, 1, 0)
        );
        assert_eq!(word("noise_level"), 0.5f32.to_bits());
        assert!(words.len().is_multiple_of(4) && words.len() >= Facts::TABLE.len());
    }
}
