//! Enums whose variants are words of a file or of the command line.

/// An enum with one word for each variant: `NAMES` lists the words, `word` gives one, and text is parsed.
macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// All words, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($word),+];

            /// The word of this variant.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            /// The error names the word that was most likely meant, and all words.
            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => {
                        let near = crate::nearest::nearest(text, Self::NAMES.iter().copied());
                        let near = crate::nearest::did_you_mean(near);
                        Err(format!("{text:?} is none of {}{near}", Self::NAMES.join(", ")))
                    }
                }
            }
        }
    };
}

pub(super) use words;
