//! The cycles of 2:3 pulldown in a video: which frame of a cycle each of its frames is.

use super::bytes::percentile;
use crate::frame::CYCLE;

/// The places in a cycle, from 0, at which the field that is shown first is that of the frame before, and at which the other is.
const FIRST_REPEATS: usize = 2;
const SECOND_REPEATS: usize = 4;
/// Least length of a stretch, in frames: two cycles. What is shorter is left as it is.
const SHORTEST: usize = 2 * CYCLE;
/// What a frame with a repeated field costs before it says so, as a part of what such a field says in this video, and at least: so
/// video without repeated fields has none.
const COST: f64 = 0.4;
const LEAST_COST: f64 = 0.05;
/// What it costs that a cycle begins, ends, or begins anew at a frame, in the same.
const TURN: f64 = 2.0;
const LEAST_TURN: f64 = 0.2;
/// What a field says that is no repeated one, at most.
const QUIET: f64 = 0.15;
/// Of the frames of film two in five have a repeated field: what these say is at this place of all, in their order.
const PLACE: f64 = 0.8;

/// What a frame shows of its fields: how much more its bottom field differs from that of the frame before than its top field
/// does, as a share of the greater difference. Near 1 the top field is repeated, near -1 the bottom field, near 0 neither; what
/// coders change brings it nearer to 0. None where too little moves to tell.
pub type Repeated = Option<f64>;

/// Frames of a video that are those of cycles, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycles {
    pub from: usize,
    /// Exclusive.
    pub to: usize,
    /// The place of the first in its cycle, 0 to 4.
    pub first: usize,
}

/// The cycles in frames that show `repeated`, where the top field is shown first, or the bottom field: the order that fits better.
/// The most likely path through the places of a cycle, and through frames without one (Viterbi, 1967).
pub fn cycles(repeated: &[Repeated]) -> (bool, Vec<Cycles>) {
    let mut sizes: Vec<f64> = repeated.iter().flatten().map(|r| r.abs()).collect();
    let usual = percentile(&mut sizes, PLACE);
    let [top, bottom] = [1.0, -1.0].map(|first| path(repeated, usual, first));
    let top_first = top.0 <= bottom.0;
    let places = if top_first { top.1 } else { bottom.1 };
    (top_first, stretches(&places))
}

/// The place of each frame in its cycle, [`CYCLE`] where it has none, and what the path costs. `first` is 1 where the top field is
/// shown first, else -1; `usual` is what a repeated field says.
fn path(repeated: &[Repeated], usual: f64, first: f64) -> (f64, Vec<usize>) {
    const STATES: usize = CYCLE + 1;
    let turn = (TURN * usual).max(LEAST_TURN);
    let each = (COST * usual).max(LEAST_COST);
    let least_of = |costs: &[f64; STATES]| {
        let states = (0..STATES).rev();
        states
            .min_by(|a, b| costs[*a].total_cmp(&costs[*b]))
            .unwrap_or(CYCLE)
    };
    let mut costs = [0.0; STATES];
    let mut before: Vec<[usize; STATES]> = Vec::with_capacity(repeated.len());
    for repeated in repeated {
        let least = least_of(&costs);
        let mut next = [0.0; STATES];
        let mut came = [0; STATES];
        for state in 0..STATES {
            let straight = match state {
                CYCLE => CYCLE,
                place => (place + CYCLE - 1) % CYCLE,
            };
            let (from, cost) = match costs[straight] <= costs[least] + turn {
                true => (straight, costs[straight]),
                false => (least, costs[least] + turn),
            };
            came[state] = from;
            next[state] = cost + repeated.map_or(0.0, |r| cost_of(first * r, state, each));
        }
        costs = next;
        before.push(came);
    }
    let mut state = least_of(&costs);
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

/// What it costs to take a frame for that of a place; `repeated` is above 0 where the field that is shown first is repeated.
fn cost_of(repeated: f64, state: usize, each: f64) -> f64 {
    match state {
        CYCLE => 0.0,
        FIRST_REPEATS => each - repeated,
        SECOND_REPEATS => each + repeated,
        _ => (repeated.abs() - QUIET).max(0.0),
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
    use super::super::bytes::tests::hash;
    use super::*;

    /// What frames show that begin at this place of a cycle.
    fn film(frames: usize, first: usize, top_first: bool) -> Vec<Repeated> {
        coded(frames, first, top_first, 0.8)
    }

    /// The same where a repeated field says no more than `says`.
    fn coded(frames: usize, first: usize, top_first: bool, says: f64) -> Vec<Repeated> {
        let show = |n: usize| match ((n + first) % CYCLE, top_first) {
            (FIRST_REPEATS, true) | (SECOND_REPEATS, false) => says,
            (FIRST_REPEATS, false) | (SECOND_REPEATS, true) => -says,
            _ => 0.0,
        };
        (0..frames).map(|n| Some(show(n))).collect()
    }

    /// What frames show of which no field is repeated: something between -`size` and `size`.
    fn video(frames: usize, size: f64) -> Vec<Repeated> {
        let random = |n: usize| f64::from(hash(n) % 2001) / 1000.0 - 1.0;
        (0..frames).map(|n| Some(size * random(n))).collect()
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
        shown.extend(video(40, 0.03));
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
    fn film_is_found_where_coders_changed_its_fields() {
        for says in [0.1, 0.2, 0.4] {
            let shown = coded(200, 1, true, says);
            let noise = video(200, 0.4 * says);
            let shown: Vec<Repeated> = shown
                .iter()
                .zip(noise)
                .map(|(r, noise)| Some(r.unwrap_or(0.0) + noise.unwrap_or(0.0)))
                .collect();
            let (top_first, found) = cycles(&shown);
            assert!(top_first, "{says}");
            assert_eq!(found.len(), 1, "{says}: {found:?}");
            assert!(
                found[0].from <= 3 && found[0].to >= 196,
                "{says}: {found:?}"
            );
            assert_eq!((found[0].first + 200 - found[0].from) % CYCLE, 1, "{says}");
        }
    }

    #[test]
    fn stills_and_mistakes_do_not_end_a_cycle_and_video_has_none() {
        let mut shown = film(60, 2, false);
        shown[20..33].fill(None);
        shown[45] = Some(0.0);
        assert_eq!(cycles(&shown).1.len(), 1);
        for size in [0.0, 0.03, 0.1, 0.3, 1.0] {
            assert_eq!(cycles(&video(400, size)).1, [], "{size}");
        }
        assert_eq!(cycles(&[None; 50]).1, []);
        assert_eq!(cycles(&[]).1, []);
    }
}
