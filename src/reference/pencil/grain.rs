use std::sync::OnceLock;

use crate::reference::common::noise::noise;
use crate::reference::{Io, Out};

/// The relief of the paper along row `y`, `width` pixels of it.
fn relief(y: usize, width: usize, pixel: f32) -> Vec<f32> {
    let y = y as f32 * pixel;
    let along = (0..width).map(|x| {
        let x = x as f32 * pixel;
        0.5 * noise(x / 2.0, y / 2.0, 0)
            + 0.3 * noise(x / 4.5, y / 4.5, 1)
            + 0.2 * noise(x / 11.0, y / 11.0, 2)
    });
    along.collect()
}

/// Paper grain: dark strokes are broken up in the valleys of the paper; bare paper stays nearly white.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    // The paper does not move, so each row of its relief is computed once, by the thread that needs it first.
    let tooth = io.once(|| vec![OnceLock::new(); io.height]);
    let tooth = tooth[io.y].get_or_init(|| relief(io.y, io.width, io.param("pixel")));
    let drawing = io.here("drawing").r();
    for ((value, drawing), tooth) in out.gray().iter_mut().zip(drawing).zip(tooth) {
        let paper = 1.0 - 0.08 * tooth;
        let graphite = 1.0 - drawing;
        *value = paper * (1.0 - graphite * (1.0 - 0.55 * tooth));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc;
    use std::time::Duration;

    use rayon::prelude::*;

    use super::*;
    use crate::frame::Facts;
    use crate::reference::row::{Bound, Memo, Row};

    /// Draws `height` rows of mid gray in parallel.
    fn draw(width: usize, height: usize) -> Vec<f32> {
        let (gray, facts, memo) = (vec![0.5; width], Facts::default(), Memo::new());
        let params = [("pixel".to_owned(), 1.0)];
        let mut drawn = vec![0.0; width * height];
        let rows = drawn.par_chunks_mut(width).enumerate();
        rows.for_each(|(y, line)| {
            let kept = RefCell::new(None);
            let io = Io {
                y,
                width,
                height,
                facts: &facts,
                inputs: &[("drawing", Bound::Here(Row::new(&gray, 1)))],
                params: &params,
                memo: &memo,
                kept: &kept,
            };
            row(&io, &mut Out::new(line, 1));
        });
        drawn
    }

    #[test]
    fn threads_that_draw_together_do_not_wait_for_each_other_for_ever() {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build();
            let first = draw(48, 64);
            let same = pool
                .unwrap()
                .install(|| (0..1000).all(|_| draw(48, 64) == first));
            sender.send(same).unwrap();
        });
        let drawn = receiver.recv_timeout(Duration::from_secs(60));
        assert_eq!(drawn, Ok(true), "a thread waits for itself");
    }
}
