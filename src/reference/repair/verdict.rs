use crate::reference::{Io, Out};

/// Frames to each side that are looked at.
const REACH: i32 = 7;
/// A code of 8 bits.
const CODE: i32 = 256;
/// A frame repeats the one before where it differs by no more than this, and by a fifth of what moves around it.
const STILL: i32 = 64;
const PART: i32 = 5;
/// What moves less is no loss.
const MOVES: i32 = 128;
/// Thousandths of a frame's blocks, and luma, by which it is black.
const EMPTY: i32 = 950;
const DARK: i32 = 20 * CODE;

/// How a frame is lost, 0 where it stays, and how many frames before and after it the good ones are.
const STAYS: [i32; 3] = [0; 3];
const FROZEN: i32 = 1;
const BLACK: i32 = 2;
const DAMAGED: i32 = 3;

/// Whether a frame is to be rebuilt, and from which. Each row of the numbers is judged for itself; there is one.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let around = Around {
        io,
        begins: begins(io),
        longest: io.param("longest") as i32,
        rhythm: io.param("rhythm").round_ties_even() as i32,
        share: io.param("share").round_ties_even() as i32,
    };
    let mut found = STAYS;
    if io.param("lost") > 0.0 {
        found = around.lost();
    }
    if found == STAYS && io.param("frozen") > 0.0 {
        found = around.frozen();
    }
    let [r, g, b, alpha] = out.rgba();
    for (out, value) in [r, g, b].into_iter().zip(found) {
        out.fill(value as f32);
    }
    alpha.fill(1.0);
}

fn number(io: &Io<'_>, k: i32, i: usize) -> i32 {
    let row = io.here_of("numbers", k).r();
    (row[i] * 65535.0).round_ties_even() as i32
}

/// How much frame `k` differs from the one `by` earlier, whatever scenes they are of; -1 where there is none.
fn apart(io: &Io<'_>, k: i32, by: i32) -> i32 {
    match io.valid("numbers", k) {
        true => number(io, k, 2 + by as usize) - 1,
        false => -1,
    }
}

/// Bits of the frames around that begin another scene: not where one goes on after up to three other frames, as after black
/// ones.
fn begins(io: &Io<'_>) -> u32 {
    let cut = |k: i32| io.valid("numbers", k) && number(io, k, 7) > 0;
    // Whether the scene before frame `p` goes on with frame `q`.
    let returns = |p: i32, q: i32| {
        let far = apart(io, q, q - p + 1);
        far >= 0 && 3 * far <= apart(io, p, 1)
    };
    marks(|p| {
        let goes = |i: &i32| p + i <= REACH && returns(p, p + i);
        let comes = |i: &i32| p - i >= -REACH && number(io, p - i, 7) > 0 && returns(p - i, p);
        cut(p) && !(1..=3).any(|i| goes(&i) || comes(&i))
    })
}

/// The frames around, by their numbers.
struct Around<'a> {
    io: &'a Io<'a>,
    /// Bits of those that begin another scene.
    begins: u32,
    longest: i32,
    rhythm: i32,
    share: i32,
}

impl Around<'_> {
    /// Whether the frames after `from` up to `to` are of its scene.
    fn one_scene(&self, from: i32, to: i32) -> bool {
        (from + 1..=to).all(|k| k < -REACH || self.begins & bit(k) == 0)
    }

    /// Whether there is a frame `k` of the same scene.
    fn valid(&self, k: i32) -> bool {
        self.io.valid("numbers", k) && self.one_scene(k.min(0), k.max(0))
    }

    fn number(&self, k: i32, i: usize) -> i32 {
        number(self.io, k, i)
    }

    /// How much frame `k` differs from the one `by` earlier; -1 where there is none of the same scene.
    fn change(&self, k: i32, by: i32) -> i32 {
        match self.valid(k) && self.one_scene(k - by, k) {
            true => apart(self.io, k, by),
            false => -1,
        }
    }

    /// Whether frame `k` repeats the one before.
    fn still(&self, k: i32) -> bool {
        (0..=STILL).contains(&self.change(k, 1))
    }

    /// Whether the picture goes on from frame -a to frame b as it does around: what differs by more is a cut.
    fn goes_on(&self, a: i32, b: i32) -> bool {
        let lag = a + b;
        let around = self.change(-a, lag).max(self.change(b + lag, lag));
        around >= 0 && 2 * self.change(b, lag) <= 3 * around + 2 * CODE
    }

    /// Where frames repeat the one before while the picture moves on: see the kernel.
    fn frozen(&self) -> [i32; 3] {
        let a = (0..4).find(|a| !self.still(-a)).unwrap_or(4);
        let b = (1..4).find(|b| !self.still(*b)).unwrap_or(4);
        let lag = a + b;
        if a == 0 || lag > self.longest + 1 || !self.valid(b) {
            return STAYS;
        }
        let steps = [-a, -a - 1, b + 1, b + 2].map(|k| self.change(k, 1));
        let most = steps.into_iter().fold(0, i32::max);
        if steps.iter().any(|step| *step >= 0 && 4 * step < most) {
            return STAYS;
        }
        let known = marks(|k| self.change(k, 1) >= 0);
        let marks = known & marks(|k| PART * self.change(k, 1) <= most);
        let marked = |k: i32| marks & bit(k) != 0;
        if !(1 - a..b).all(marked) {
            return STAYS;
        }
        let mut share = self.rhythm;
        if share > 0 {
            if (lag..=REACH).any(|p| marked(-p) && marked(p)) {
                return STAYS;
            }
            share = share.max(1000 * rhythm(marks, known, lag));
        }
        if most < MOVES || !self.goes_on(a, b) {
            return STAYS;
        }
        let [mut one, mut far, mut count] = [0; 3];
        for [last, step] in [[-a, -a], [b + lag, b + 1]] {
            if self.change(last, lag) >= 0 {
                one += self.change(step, 1);
                far += self.change(last, lag);
                count += 1;
            }
        }
        let least = 1000 * one + share * (far - one);
        match 1000 * count * self.change(b, lag) < least {
            true => STAYS,
            false => [FROZEN, a, b],
        }
    }

    /// Whether frame `k` has its picture where this frame has lost it.
    fn has(&self, k: i32) -> bool {
        self.valid(k) && self.number(0, 0) - self.number(k, 0) >= self.share
    }

    /// Whether frame `k`, where there is one, has its picture, with no more contrast than frame `good` nearer by.
    fn steady(&self, k: i32, good: i32) -> bool {
        !self.valid(k) || (self.has(k) && 4 * self.number(k, 1) <= 5 * self.number(good, 1))
    }

    /// A picture is lost where the frames on both sides have one, the nearest and those behind them.
    fn lost(&self) -> [i32; 3] {
        let a = (1..4).find(|a| self.has(-a)).unwrap_or(4);
        let b = (1..4).find(|b| self.has(*b)).unwrap_or(4);
        if a + b > self.longest + 1
            || !self.steady(-a - 1, -a)
            || !self.steady(b + 1, b)
            || !self.goes_on(a, b)
        {
            return STAYS;
        }
        let known = marks(|k| self.valid(k));
        let marks = marks(|k| !self.has(k));
        if self.rhythm > 0 && rhythm(marks, known, a + b) == 2 {
            return STAYS;
        }
        let black = self.number(0, 0) >= EMPTY && self.number(0, 2) <= DARK;
        [if black { BLACK } else { DAMAGED }, a, b]
    }
}

/// The bit of frame `k` in marks of the frames around.
fn bit(k: i32) -> u32 {
    1 << (k + REACH)
}

/// Marks of the frames around that are `of` a kind.
fn marks(of: impl Fn(i32) -> bool) -> u32 {
    let frames = (-REACH..=REACH).filter(|k| of(*k));
    frames.fold(0, |marks, k| marks | bit(k))
}

/// Of how many sides it is known that the marks come at an even distance, at least `first`, by a rhythm that all marks around
/// keep.
fn rhythm(marks: u32, known: u32, first: i32) -> i32 {
    let known_at = |k: i32| i32::from(known & bit(k) != 0);
    let even = |p: &i32| (marks ^ (marks >> p)) & known & (known >> p) == 0;
    let distances = (first..=REACH).filter(even);
    distances
        .map(|p| known_at(-p) + known_at(p))
        .max()
        .unwrap_or(0)
}

#[test]
fn a_rhythm_is_kept_by_all_marks() {
    let all = (1 << 15) - 1;
    let at = |frames: &[i32]| frames.iter().fold(0u32, |marks, k| marks | bit(*k));
    assert_eq!(rhythm(at(&[-5, 0, 5]), all, 2), 2);
    assert_eq!(rhythm(at(&[-5, 0, 4]), all, 2), 0);
    assert_eq!(rhythm(at(&[0]), all, 2), 0);
    assert_eq!(rhythm(at(&[-6, 0]), all >> 5, 2), 1);
}
