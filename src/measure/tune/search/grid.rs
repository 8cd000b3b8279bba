//! Search over a grid.
//!
//! The points come in an order in which those that were tried so far are spread: each is the one that is farthest from all
//! before it, the defaults included (Gonzalez 1985, "Clustering to minimize the maximum intercluster distance"). The corners come
//! first, then what is between them, and an interrupted grid is a coarser one.

use super::error::{Result, SearchError};
use super::space::{Parameter, Space};
use super::value::{Value, Values};

/// The values of one parameter on the grid.
#[derive(Debug)]
struct Axis {
    values: Vec<Value>,
    /// How far along the range each value is, 0 to 1.
    parts: Vec<f64>,
    /// Whether the values have an order; without one, each is as far from each other as the ends of a range are.
    ordered: bool,
}

/// The state of the method.
#[derive(Debug)]
pub(super) struct Grid {
    axes: Vec<Axis>,
    /// For each point, the square of its distance from the nearest one that was tried; `None` where it was tried itself.
    distances: Vec<Option<f64>>,
}

impl Grid {
    /// A grid of at most `points` points, the most that there can be with the numbers of values of all numbers alike; at least
    /// two values for each number, and all for choices and switches.
    ///
    /// # Errors
    /// `GridTooLarge` if even that is more than `points`.
    pub(super) fn new(space: &Space, points: usize) -> Result<Self> {
        let axes = space.parameters.iter().zip(counts(space, points)?);
        let axes: Vec<Axis> = axes
            .map(|(parameter, count)| Axis::new(parameter, count))
            .collect();
        let total = axes.iter().map(|axis| axis.values.len()).product();
        let mut grid = Self {
            axes,
            distances: vec![Some(f64::INFINITY); total],
        };
        let defaults = space
            .parameters
            .iter()
            .zip(&grid.axes)
            .map(|(parameter, axis)| axis.place(parameter))
            .collect::<Vec<_>>();
        grid.tried(&defaults);
        Ok(grid)
    }

    /// The values of the next point; `None` where there are no more.
    pub(super) fn next(&mut self, space: &Space) -> Option<Values> {
        let mut farthest: Option<(usize, f64)> = None;
        for (point, distance) in self.distances.iter().enumerate() {
            if let Some(distance) = *distance
                && farthest.is_none_or(|(_, most)| distance > most)
            {
                farthest = Some((point, distance));
            }
        }
        let (point, _) = farthest?;
        self.distances[point] = None;
        let indexes = self.indexes(point);
        let places: Vec<_> = self
            .axes
            .iter()
            .zip(&indexes)
            .map(|(axis, index)| (Some(*index), axis.parts[*index]))
            .collect();
        self.tried(&places);
        let values = self
            .axes
            .iter()
            .zip(&indexes)
            .map(|(axis, index)| axis.values[*index].clone());
        Some(space.named(values))
    }

    /// Takes note that what is at `places` was tried: of each axis, the index and the part of its range.
    fn tried(&mut self, places: &[(Option<usize>, f64)]) {
        for point in 0..self.distances.len() {
            let Some(nearest) = self.distances[point] else {
                continue;
            };
            let mut rest = point;
            let mut distance = 0.0;
            for (axis, (index, part)) in self.axes.iter().zip(places) {
                let own = rest % axis.values.len();
                rest /= axis.values.len();
                distance += if axis.ordered {
                    (axis.parts[own] - part).powi(2)
                } else {
                    f64::from(u8::from(Some(own) != *index))
                };
            }
            self.distances[point] = Some(nearest.min(distance));
        }
    }

    /// Where on each axis a point is.
    fn indexes(&self, point: usize) -> Vec<usize> {
        let mut rest = point;
        let digit = |axis: &Axis| {
            let index = rest % axis.values.len();
            rest /= axis.values.len();
            index
        };
        self.axes.iter().map(digit).collect()
    }
}

impl Axis {
    fn new(parameter: &Parameter, count: usize) -> Self {
        let values = parameter.domain.spread(count);
        Self {
            parts: values
                .iter()
                .map(|value| parameter.domain.part(value))
                .collect(),
            ordered: parameter.domain.is_number(),
            values,
        }
    }

    /// Where the default is.
    fn place(&self, parameter: &Parameter) -> (Option<usize>, f64) {
        let index = self
            .values
            .iter()
            .position(|value| *value == parameter.default);
        (index, parameter.domain.part(&parameter.default))
    }
}

/// The number of values of each parameter.
fn counts(space: &Space, points: usize) -> Result<Vec<usize>> {
    let most = |parameter: &Parameter| parameter.domain.count().unwrap_or(usize::MAX);
    let least = |parameter: &Parameter| {
        if parameter.domain.is_number() {
            2
        } else {
            most(parameter)
        }
    };
    let mut counts: Vec<usize> = space.parameters.iter().map(least).collect();
    let total = |counts: &[usize]| {
        counts
            .iter()
            .fold(1_usize, |total, count| total.saturating_mul(*count))
    };
    if total(&counts) > points {
        return Err(SearchError::GridTooLarge {
            needed: total(&counts).saturating_add(1),
            trials: points.saturating_add(1),
        });
    }
    loop {
        let grown = (0..counts.len()).filter(|parameter| {
            let mut more = counts.clone();
            more[*parameter] += 1;
            counts[*parameter] < most(&space.parameters[*parameter]) && total(&more) <= points
        });
        match grown.min_by_key(|parameter| counts[*parameter]) {
            Some(parameter) => counts[parameter] += 1,
            None => return Ok(counts),
        }
    }
}
