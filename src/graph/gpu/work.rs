//! Splits a dispatch into parts that are short enough. A driver kills work that takes too long (2 s on Windows, some
//! seconds on integrated GPUs), and no dimension of a dispatch may have more than 65 535 workgroups.

/// The most workgroups of a dispatch in one dimension, as every device allows them.
const MOST_GROUPS: u32 = 65_535;
/// The longest that a dispatch should take, in seconds.
const BUDGET: f64 = 0.25;

/// The grid that a dispatch runs over, in cells. A cell is the smallest part that is dispatched by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    /// Invocations in x and y.
    size: (u32, u32),
    /// Invocations of a workgroup in x and y.
    group: (u32, u32),
    /// Invocations of a cell in x and y: whole workgroups.
    cell: (u32, u32),
}

/// A part of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// Its first invocation.
    pub origin: (u32, u32),
    /// Workgroups in x and y.
    pub groups: (u32, u32),
    /// The number of cells in it.
    pub cells: u32,
}

impl Grid {
    /// A grid of `size` invocations in groups of `group`, whose cells have no more than `most` invocations, as far as
    /// whole workgroups allow it.
    pub fn new(size: (u32, u32), group: (u32, u32), most: u32) -> Self {
        let whole = |n: u32, unit: u32| (n / unit).max(1) * unit;
        let widest = whole(most / group.1, group.0).min(MOST_GROUPS * group.0);
        let width = size.0.max(1).next_multiple_of(group.0).min(widest);
        let height = whole(most / width, group.1).min(MOST_GROUPS * group.1);
        Self {
            size,
            group,
            cell: (width, height),
        }
    }

    /// Cells in x and y.
    fn counts(&self) -> (u32, u32) {
        let (columns, rows) = self.size;
        (columns.div_ceil(self.cell.0), rows.div_ceil(self.cell.1))
    }

    /// The number of its cells.
    pub fn cells(&self) -> u32 {
        let (columns, rows) = self.counts();
        columns * rows
    }

    /// The grid in parts of up to `cells` cells each.
    pub fn parts(&self, cells: u32) -> Vec<Part> {
        let (columns, rows) = self.counts();
        // Cells are joined along the axis that has several; where both have, below each other.
        let cells = cells.max(1);
        let most = |axis: usize| {
            let side = [self.cell.0, self.cell.1][axis] / [self.group.0, self.group.1][axis];
            (MOST_GROUPS / side).max(1)
        };
        let joined = match rows {
            1 => (cells.min(most(0)), 1),
            _ => (1, cells.min(most(1))),
        };
        let mut parts = Vec::new();
        for y in (0..rows).step_by(joined.1 as usize) {
            for x in (0..columns).step_by(joined.0 as usize) {
                let origin = (x * self.cell.0, y * self.cell.1);
                let count = (joined.0.min(columns - x), joined.1.min(rows - y));
                let left = (self.size.0 - origin.0, self.size.1 - origin.1);
                let groups = (
                    left.0.min(count.0 * self.cell.0).div_ceil(self.group.0),
                    left.1.min(count.1 * self.cell.1).div_ceil(self.group.1),
                );
                parts.push(Part {
                    origin,
                    groups,
                    cells: count.0 * count.1,
                });
            }
        }
        parts
    }

    /// The parts whose cells, at `seconds` each, take no longer than the budget together.
    pub fn parts_within_budget(&self, seconds: f64) -> Vec<Part> {
        let cells = BUDGET / seconds.max(f64::MIN_POSITIVE);
        self.parts(cells.min(f64::from(u32::MAX)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each invocation of the grid is in exactly one part, and no part has too many workgroups.
    fn covers(grid: &Grid, parts: &[Part]) {
        let mut area = 0u64;
        for (index, part) in parts.iter().enumerate() {
            assert!(
                part.groups.0 <= MOST_GROUPS && part.groups.1 <= MOST_GROUPS,
                "{part:?}"
            );
            assert_eq!(
                (part.origin.0 % grid.group.0, part.origin.1 % grid.group.1),
                (0, 0)
            );
            let end = (
                (part.origin.0 + part.groups.0 * grid.group.0).min(grid.size.0),
                (part.origin.1 + part.groups.1 * grid.group.1).min(grid.size.1),
            );
            area += u64::from(end.0 - part.origin.0) * u64::from(end.1 - part.origin.1);
            let apart = |other: &Part| {
                other.origin.0 >= end.0 || other.origin.1 >= end.1 || other.origin < part.origin
            };
            // With the next ones; to compare all with all would take long.
            assert!(parts[index + 1..].iter().take(64).all(apart), "{part:?}");
        }
        assert_eq!(
            area,
            u64::from(grid.size.0) * u64::from(grid.size.1),
            "{grid:?}"
        );
    }

    #[test]
    fn parts_cover_their_grid() {
        for (size, group) in [
            ((1920, 1080), (16, 16)),
            ((7680, 4320), (16, 16)),
            ((1, 1), (16, 16)),
            // All pixels of 1080p in one row, as a phase may ask for.
            ((2_073_600, 1), (16, 16)),
            ((33_177_600, 1), (256, 1)),
            ((1, 2_073_600), (16, 16)),
            ((300_000, 40), (16, 16)),
        ] {
            for most in [4000, 1 << 18] {
                let grid = Grid::new(size, group, most);
                for cells in [1, 2, 5, u32::MAX] {
                    let parts = grid.parts(cells);
                    covers(&grid, &parts);
                    let count: u32 = parts.iter().map(|part| part.cells).sum();
                    assert_eq!(count, grid.cells());
                    // What begins a part begins a cell, so that all places are known beforehand.
                    let cells = grid.parts(1);
                    let begins: std::collections::HashSet<_> =
                        cells.iter().map(|cell| cell.origin).collect();
                    assert!(parts.iter().all(|part| begins.contains(&part.origin)));
                }
            }
        }
    }

    #[test]
    fn a_dispatch_takes_no_longer_than_its_budget() {
        let grid = Grid::new((7680, 4320), (16, 16), 1 << 18);
        assert_eq!(grid.cells(), 135);
        // 10 s in all, as a wide bilateral filter takes on an integrated GPU.
        let parts = grid.parts_within_budget(10.0 / 135.0);
        assert!(
            parts
                .iter()
                .all(|part| f64::from(part.cells) * 10.0 / 135.0 <= BUDGET)
        );
        assert_eq!(parts.len(), 45);
        assert_eq!(
            grid.parts_within_budget(0.001).len(),
            1,
            "135 ms are short enough"
        );
        assert_eq!(grid.parts_within_budget(0.0).len(), 1);
    }
}
