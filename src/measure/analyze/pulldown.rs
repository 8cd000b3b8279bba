//! The cycles of 2:3 pulldown in a video: which frame of a cycle each of its frames is.

/// Frames of a cycle. The first field of the third repeats that of the second, and the second field of the fifth that of the
/// fourth.
const CYCLE: usize = 5;
const FIRST_REPEATS: usize = 2;
const SECOND_REPEATS: usize = 4;
/// What it costs that a frame shows another field repeated than its place in the cycle says, or none.
const MISMATCH: u32 = 4;
/// What it costs that the cycle begins anew at a frame, or that it begins or ends: about as much as three mismatches.
const TURN: u32 = 13;
/// Least length of a stretch, in frames: two cycles. What is shorter is left as it is.
const SHORTEST: usize = 2 * CYCLE;

/// What a frame shows of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The top, or the bottom field is that of the frame before, and the other is not.
    Top,
    Bottom,
    /// Both moved.
    None,
    /// Too little moves to tell.
    Unknown,
}

/// Frames of a video that are those of cycles, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycles {
    pub from: usize,
    /// Exclusive.
    pub to: usize,
    /// The place of the first in its cycle, 0 to 4.
    pub first: usize,
}

/// The cycles in frames of which `repeats` is known, where the top field is shown first, or the bottom field: the order that fits
/// better. The most likely path through the places of a cycle, and through frames without one (Viterbi, 1967).
pub fn cycles(repeats: &[Repeat]) -> (bool, Vec<Cycles>) {
    let [top, bottom] = [true, false].map(|top_first| path(repeats, top_first));
    let top_first = top.0 <= bottom.0;
    let places = if top_first { top.1 } else { bottom.1 };
    (top_first, stretches(&places))
}

/// The place of each frame in its cycle, [`CYCLE`] where it has none, and what the path costs.
fn path(repeats: &[Repeat], top_first: bool) -> (u32, Vec<usize>) {
    const STATES: usize = CYCLE + 1;
    let mut costs = [0u32; STATES];
    let mut before: Vec<[usize; STATES]> = Vec::with_capacity(repeats.len());
    for repeat in repeats {
        let least = (0..STATES).min_by_key(|state| costs[*state]).unwrap_or(0);
        let mut next = [0; STATES];
        let mut came = [0; STATES];
        for state in 0..STATES {
            let straight = match state {
                CYCLE => CYCLE,
                place => (place + CYCLE - 1) % CYCLE,
            };
            let (from, cost) = match costs[straight] <= costs[least] + TURN {
                true => (straight, costs[straight]),
                false => (least, costs[least] + TURN),
            };
            came[state] = from;
            next[state] = cost + mismatch(*repeat, state, top_first);
        }
        costs = next;
        before.push(came);
    }
    let mut state = (0..STATES)
        .rev()
        .min_by_key(|state| costs[*state])
        .unwrap_or(CYCLE);
    let cost = costs[state];
    let mut places: Vec<usize> = before
        .iter()
        .rev()
        .map(|came| {
            let place = state;
            state = came[place];
            place
        })
        .collect();
    places.reverse();
    (cost, places)
}

fn mismatch(repeat: Repeat, state: usize, top_first: bool) -> u32 {
    let (first, second) = match top_first {
        true => (Repeat::Top, Repeat::Bottom),
        false => (Repeat::Bottom, Repeat::Top),
    };
    let expected = match state {
        FIRST_REPEATS => first,
        SECOND_REPEATS => second,
        _ => Repeat::None,
    };
    match repeat == Repeat::Unknown || repeat == expected {
        true => 0,
        false => MISMATCH,
    }
}

/// Runs of places that follow each other. A run ends before a frame whose film is whole only with the next one.
fn stretches(places: &[usize]) -> Vec<Cycles> {
    let mut all = Vec::new();
    let mut from = 0;
    while from < places.len() {
        let follows =
            |at: &usize| places[*at] < CYCLE && places[*at] == (places[at - 1] + 1) % CYCLE;
        let mut to = from + 1;
        while to < places.len() && follows(&to) {
            to += 1;
        }
        if places[from] < CYCLE {
            let end = to - usize::from(places[to - 1] == FIRST_REPEATS);
            if end - from >= SHORTEST {
                all.push(Cycles {
                    from,
                    to: end,
                    first: places[from],
                });
            }
        }
        from = to;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What frames show that begin at this place of a cycle.
    fn film(frames: usize, first: usize, top_first: bool) -> Vec<Repeat> {
        let show = |n: usize| match ((n + first) % CYCLE, top_first) {
            (FIRST_REPEATS, true) | (SECOND_REPEATS, false) => Repeat::Top,
            (FIRST_REPEATS, false) | (SECOND_REPEATS, true) => Repeat::Bottom,
            _ => Repeat::None,
        };
        (0..frames).map(show).collect()
    }

    #[test]
    fn place_and_order_are_found() {
        for top_first in [true, false] {
            for first in 0..CYCLE {
                let (order, found) = cycles(&film(43, first, top_first));
                assert_eq!(order, top_first, "{first}");
                // The last frame may be one whose other half is missing.
                let to = if (42 + first) % CYCLE == FIRST_REPEATS {
                    42
                } else {
                    43
                };
                assert_eq!(found, [Cycles { from: 0, to, first }]);
            }
        }
    }

    #[test]
    fn video_between_film_and_cuts_in_the_cycle_are_found() {
        let mut shown = film(40, 0, true);
        shown.extend([Repeat::None; 40]);
        shown.extend(film(40, 3, true));
        shown.extend(film(41, 1, true));
        let (_, found) = cycles(&shown);
        let places: Vec<_> = found
            .iter()
            .map(|part| (part.from, part.to, part.first))
            .collect();
        // Where frames show nothing repeated, either may end a frame or two later.
        assert_eq!(places.len(), 3, "{places:?}");
        assert!(
            places[0].0 == 0 && places[0].2 == 0 && (40..=42).contains(&places[0].1),
            "{places:?}"
        );
        let begin = |(from, _, first): (usize, usize, usize)| (first + 120 - from) % CYCLE;
        assert_eq!(begin(places[1]), begin((80, 0, 3)), "{places:?}");
        assert_eq!(
            (places[2].1, begin(places[2])),
            (161, begin((120, 0, 1))),
            "{places:?}"
        );
    }

    #[test]
    fn stills_and_mistakes_do_not_end_a_cycle_and_video_has_none() {
        let mut shown = film(60, 2, false);
        shown[20..33].fill(Repeat::Unknown);
        shown[45] = Repeat::None;
        assert_eq!(cycles(&shown).1.len(), 1);
        assert_eq!(cycles(&[Repeat::None; 50]).1, []);
        assert_eq!(cycles(&[Repeat::Unknown; 50]).1, []);
        assert_eq!(cycles(&[]).1, []);
    }
}
