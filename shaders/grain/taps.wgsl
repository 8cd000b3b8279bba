// Pixels that the filters of grain reach to each side.
const REACH = 28;

// Weights of white noise by distance in pixels of the measured picture, for every whole number; gone from 6 on.
alias Taps = array<f32, 10>;

// The weight at distance `u`: Catmull-Rom between the whole numbers.
fn tap(given: Taps, u: f32) -> f32 {
    if (u >= 7.0) {
        return 0.0;
    }
    var taps = given;
    let i = i32(floor(u));
    let f = u - floor(u);
    let a = taps[abs(i - 1)];
    let b = taps[i];
    let c = taps[i + 1];
    let d = taps[i + 2];
    return b + 0.5 * f * (c - a + f * (2.0 * a - 5.0 * b + 4.0 * c - d + f * (3.0 * (b - c) + d - a)));
}

// How far a filter reaches where the picture is `larger` than the measured one.
fn reach(larger: f32) -> i32 {
    return min(i32(ceil(7.0 * larger)), REACH);
}
