//! What a training learns from: its pictures, its loss, and its steps.

use super::engine::{Features, Pass, StyleLoss, content_loss, pair_loss, run};
use super::error::{Result, TrainError};
use super::load::{self, Pair, Stored};
use super::network::NETWORK;
use super::random::Random;
use super::recipe::{Lesson, Loss, Recipe};
use super::rgb::Rgb;
use super::state::State;

/// How fast the network learns at most, from a beginning and from a trained one.
const RATE: f32 = 3e-3;
const RATE_FROM: f32 = 5e-4;
/// Steps in which the rate rises from nothing.
const WARM_UP: f32 = 20.0;
/// One picture of so many is kept for validation.
const ONE_OF: usize = 8;
/// At most so many pictures are validated with.
const VALIDATED: usize = 6;
/// Every so many steps the same picture with a little noise and from another place must give the same.
const CALM_EVERY: u64 = 4;
const CALM_WEIGHT: f32 = 20.0;
/// A picture that is learnt from, or validated with, and what is wanted of it where that is known.
struct Example {
    input: Stored,
    target: Option<Stored>,
}

/// A lesson with its pictures read.
pub struct Prepared {
    train: Vec<Example>,
    validation: Vec<Example>,
    size: usize,
    measure: Measure,
}

/// What the loss is measured by.
enum Measure {
    Style(Box<StyleLoss>, f32),
    Pairs(Box<Features>, Loss),
}

impl Prepared {
    /// Reads the pictures of `recipe`.
    ///
    /// # Errors
    /// `Usage` for pictures that cannot be trained with; those of reading.
    pub fn new(recipe: &Recipe) -> Result<Self> {
        let (least, most) = (recipe.size, recipe.size * 2);
        let (examples, measure) = match &recipe.lesson {
            Lesson::Style {
                image,
                scale,
                content_weight,
                content,
            } => {
                let style =
                    load::limited(load::picture(image)?, (recipe.size as f32 * scale) as usize);
                if style.width.min(style.height) < recipe.size / 2 {
                    return Err(TrainError::usage(
                        format!(
                            "{} is {}x{}, too small for a look",
                            image.display(),
                            style.width,
                            style.height
                        ),
                        format!(
                            "use a picture of {0}x{0} or more, or a smaller --size",
                            recipe.size
                        ),
                    ));
                }
                let mut examples = Vec::new();
                for path in load::files(content)? {
                    let frames = load::frames(&path, least, most)?;
                    examples.extend(frames.into_iter().map(|input| Example {
                        input,
                        target: None,
                    }));
                }
                let style = StyleLoss::new(&style, recipe.seed);
                (examples, Measure::Style(Box::new(style), *content_weight))
            }
            Lesson::Pairs { data, loss } => {
                let example = |Pair { input, target }| Example {
                    input,
                    target: Some(target),
                };
                let pairs = load::pairs(data, least, most)?;
                let features = Box::new(Features::new());
                (
                    pairs.into_iter().map(example).collect(),
                    Measure::Pairs(features, *loss),
                )
            }
        };
        let count = examples.len();
        if count < 2 {
            return Err(TrainError::usage(
                format!("there is {count} picture to learn from"),
                "give 2 or more: some are kept for validation",
            ));
        }
        // Spread over all, so that each clip has some of both.
        let kept = |index: &usize| index % ONE_OF == 1;
        let (mut train, mut validation) = (Vec::new(), Vec::new());
        for (index, example) in examples.into_iter().enumerate() {
            let side = if kept(&index) {
                &mut validation
            } else {
                &mut train
            };
            side.push(example);
        }
        let every = validation.len().div_ceil(VALIDATED);
        let validation = validation.into_iter().step_by(every).collect();
        Ok(Self {
            train,
            validation,
            size: recipe.size,
            measure,
        })
    }

    /// How many pictures are learnt from, and how many are validated with.
    pub fn counts(&self) -> (usize, usize) {
        (self.train.len(), self.validation.len())
    }

    /// A picture that is validated with.
    pub fn sample(&self) -> &Stored {
        &self.validation[0].input
    }

    /// One step; returns its loss.
    pub fn step(&self, recipe: &Recipe, state: &mut State) -> f32 {
        let step = state.step();
        let mut random = Random::new(recipe.seed, 0x57e9, step);
        let example = &self.train[random.below(self.train.len())];
        let (input, target) = self.crop(example, &mut random);
        let pass = Pass::new(&NETWORK, &state.values, &input);
        let output = pass.output();
        let (mut loss, mut slopes) = self.loss(&output, &input, target.as_ref(), step);
        let mut sums: Vec<Vec<f32>> = state.values.iter().map(|v| vec![0.0; v.len()]).collect();
        if matches!(self.measure, Measure::Style(..)) && step % CALM_EVERY == CALM_EVERY - 1 {
            let side = self.size - 8;
            let (top, left) = (random.below(8), random.below(8));
            let again = input.part(left, top, side, side);
            let again = Pass::new(&NETWORK, &state.values, &again.noisy(0.02, &mut random));
            let mut differences = again.output().values;
            let factor = CALM_WEIGHT / differences.len() as f32;
            let at = |index: usize| {
                let (channel, at) = (index / (side * side), index % (side * side));
                (channel * self.size + top + at / side) * self.size + left + at % side
            };
            for (index, difference) in differences.iter_mut().enumerate() {
                *difference -= output.values[at(index)];
                loss += factor * *difference * *difference;
                *difference *= 2.0 * factor;
                slopes[at(index)] -= *difference;
            }
            again.back(differences, &mut sums);
        }
        pass.back(slopes, &mut sums);
        let part = step as f32 / recipe.steps as f32;
        let most = if recipe.from.is_some() {
            RATE_FROM
        } else {
            RATE
        };
        let rising = ((step + 1) as f32 / WARM_UP).min(1.0);
        let falling = 0.51 + 0.5 * (std::f32::consts::PI * part).cos();
        state
            .adam
            .step(&mut state.values, &sums, most * rising * falling);
        loss
    }

    fn crop(&self, example: &Example, random: &mut Random) -> (Rgb, Option<Rgb>) {
        let colours = example.target.is_none();
        let mut same = random.clone();
        let input = example.input.rgb().crop(self.size, colours, random);
        let target = &example.target;
        let target = target
            .as_ref()
            .map(|target| target.rgb().crop(self.size, colours, &mut same));
        (input, target)
    }

    /// The loss of `output`, and how it depends on each of its numbers.
    fn loss(&self, output: &Rgb, input: &Rgb, target: Option<&Rgb>, step: u64) -> (f32, Vec<f32>) {
        match (&self.measure, target) {
            (Measure::Style(style, weight), _) => {
                let (mut loss, mut slopes) = style.of(output, step);
                let (content, of_content) = content_loss(output, input);
                loss += weight * content;
                for (slope, of_content) in slopes.iter_mut().zip(of_content) {
                    *slope += weight * of_content;
                }
                (loss, slopes)
            }
            (Measure::Pairs(features, loss), target) => {
                let target = target.expect("pairs have targets");
                pair_loss(*loss, features, output, target)
            }
        }
    }

    /// The mean loss on the middle of the pictures kept for validation.
    pub fn validate(&self, values: &[Vec<f32>]) -> f32 {
        let one = |example: &Example| {
            let middle = |picture: &Stored| {
                let picture = load::limited(picture.rgb(), self.size);
                let (x, y) = (
                    (picture.width - self.size) / 2,
                    (picture.height - self.size) / 2,
                );
                picture.part(x, y, self.size, self.size)
            };
            let input = middle(&example.input);
            let target = example.target.as_ref().map(middle);
            let output = run(&NETWORK, values, &input);
            // The same directions each time: numbers of two steps can be compared.
            self.loss(&output, &input, target.as_ref(), 0).0
        };
        let losses = self.validation.iter().map(one);
        losses.sum::<f32>() / self.validation.len() as f32
    }
}
