use crate::reference::Io;

/// Moves the palette slowly towards that of the picture, so that colours do not flicker. A scene starts with its own
/// palette.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (palette, last) = (io.words("palette"), io.words("last"));
    for (at, word) in words.iter_mut().enumerate() {
        let kept = io.facts.history_valid && at % 4 != 3 && last[at | 3] > 0;
        *word = match kept {
            true => (7 * last[at] + palette[at] + 4) / 8,
            false => palette[at],
        };
    }
}
