//! Fewer points of a line, of which none that stands out is lost.

/// The time a line goes over is cut into so many columns; a line has at most two points in each.
pub(super) const COLUMNS: usize = 600;

/// A value at a time, in seconds.
pub(super) type Point = (f64, f64);

/// Larger values are not drawn: their differences could be infinite.
const LARGEST: f64 = 1e100;

/// Values over time. Where there is none, or one that is not finite, the line has a gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve<'a> {
    /// Seconds, growing.
    pub times: &'a [f64],
    /// One for each time.
    pub values: &'a [Option<f64>],
}

impl Curve<'_> {
    /// Its points, those without a value as `None`.
    pub fn points(&self) -> impl Iterator<Item = (f64, Option<f64>)> {
        let pairs = self.times.iter().zip(self.values);
        let pairs = pairs.filter(|(time, _)| time.is_finite());
        pairs.map(|(time, value)| (*time, value.filter(|value| value.abs() < LARGEST)))
    }

    /// The points that have a value.
    pub fn drawn(&self) -> impl Iterator<Item = Point> {
        self.points()
            .filter_map(|(time, value)| Some((time, value?)))
    }

    /// Its connected parts between `begin` and `end` seconds: of each column the least and the largest value. A gap that is
    /// narrower than a column is closed.
    pub fn thinned(&self, begin: f64, end: f64) -> Vec<Vec<Point>> {
        let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
        let mut column: Option<Column> = None;
        let mut gap = false;
        let inside = |point: &(f64, Option<f64>)| (begin..=end).contains(&point.0);
        for (time, value) in self.points().filter(inside) {
            let Some(value) = value else {
                gap = true;
                continue;
            };
            let share = (time - begin) / (end - begin).max(f64::MIN_POSITIVE);
            let index = ((share * COLUMNS as f64) as usize).min(COLUMNS - 1);
            let point = (time, value);
            match &mut column {
                Some(column) if column.index == index => column.add(point),
                _ => {
                    let before = column.replace(Column::new(index, point));
                    if let Some(before) = before {
                        before.write(&mut runs);
                        if gap && index > before.index + 1 {
                            runs.push(Vec::new());
                        }
                    }
                }
            }
            gap = false;
        }
        if let Some(column) = column {
            column.write(&mut runs);
        }
        runs.retain(|run| !run.is_empty());
        runs
    }
}

/// The least and the largest value of a column so far.
struct Column {
    index: usize,
    least: Point,
    most: Point,
}

impl Column {
    fn new(index: usize, point: Point) -> Self {
        Self {
            index,
            least: point,
            most: point,
        }
    }

    fn add(&mut self, point: Point) {
        if point.1 < self.least.1 {
            self.least = point;
        }
        if point.1 > self.most.1 {
            self.most = point;
        }
    }

    /// Adds its points to the last of `runs`, in the order of time.
    fn write(&self, runs: &mut [Vec<Point>]) {
        let Some(run) = runs.last_mut() else { return };
        let (first, second) = match self.least.0 <= self.most.0 {
            true => (self.least, self.most),
            false => (self.most, self.least),
        };
        run.push(first);
        if second != first {
            run.push(second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost() {
        let times: Vec<f64> = (0..50_000).map(|n| f64::from(n) / 25.0).collect();
        let mut values: Vec<Option<f64>> = (0..50_000)
            .map(|n| Some(1.0 + f64::from(n % 7) * 0.01))
            .collect();
        values[31_234] = Some(9.0);
        values[31_235] = Some(-3.0);
        values[7] = Some(f64::INFINITY);
        let curve = Curve {
            times: &times,
            values: &values,
        };
        let runs = curve.thinned(0.0, times[49_999]);
        assert_eq!(runs.len(), 1);
        let kept = &runs[0];
        assert!(kept.len() <= 2 * COLUMNS && kept.len() > COLUMNS);
        assert!(kept.contains(&(31_234.0 / 25.0, 9.0)));
        assert!(kept.contains(&(31_235.0 / 25.0, -3.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_long_gap_stays() {
        let times: Vec<f64> = (0..100).map(f64::from).collect();
        let mut values = vec![Some(1.0); 100];
        values[40..60].fill(None);
        let curve = Curve {
            times: &times,
            values: &values,
        };
        let runs = curve.thinned(0.0, 99.0);
        let lengths: Vec<usize> = runs.iter().map(Vec::len).collect();
        assert_eq!(lengths, [40, 40]);
        // Values that are no numbers are gaps, too, and times that are none are left out.
        let odd = Curve {
            times: &[0.0, f64::NAN, 1.0],
            values: &[Some(f64::NAN), Some(1.0), Some(2.0)],
        };
        assert_eq!(odd.thinned(0.0, 1.0), [[(1.0, 2.0)]]);
    }
}
