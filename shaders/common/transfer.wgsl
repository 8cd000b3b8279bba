import super::power::{power, log2_of, exp2_of};

// Signal to light, and back. The light is that of the display, in HLG that of the scene. Reference white in PQ and HLG is
// that of BT.2408. The curve of sRGB is that of IEC 61966-2-1; negative values are mirrored.

const HLG_A = 0.17883277;
const HLG_B = 0.28466892;
const HLG_C = 0.55991073;
// Scene light of HLG at reference white, of 1.
const HLG_WHITE = 0.26496256;
const PQ_WHITE = 0.0203;

// The light of one channel of a signal. `transfer` says by which curve: 0 a power of `gamma`, 1 PQ, 2 HLG, 3 sRGB. Light 1
// is reference white: 203 cd/m² in PQ, signal 0.75 in HLG, else signal 1.
fn light_of(signal: f32, transfer: f32, gamma: f32) -> f32 {
    if (transfer == 1.0) {
        let n = power(max(signal, 0.0), 1.0 / 78.84375);
        return power(max(n - 0.8359375, 0.0) / (18.8515625 - 18.6875 * min(n, 1.0)), 1.0 / 0.1593017578125) / PQ_WHITE;
    }
    if (transfer == 2.0) {
        let low = signal * abs(signal) / 3.0;
        let high = (exp2_of((signal - HLG_C) / HLG_A * 1.44269504) + HLG_B) / 12.0;
        return select(high, low, signal <= 0.5) / HLG_WHITE;
    }
    if (transfer == 3.0) {
        let size = abs(signal);
        let curved = power((size + 0.055) / 1.055, 2.4);
        return sign(signal) * select(curved, size / 12.92, size <= 0.04045);
    }
    return power(signal, gamma);
}

// The signal of one channel of light: the inverse of `light_of`.
fn signal_of(light: f32, transfer: f32, gamma: f32) -> f32 {
    if (transfer == 1.0) {
        let l = power(max(light * PQ_WHITE, 0.0), 0.1593017578125);
        return power((0.8359375 + 18.8515625 * l) / (1.0 + 18.6875 * l), 78.84375);
    }
    if (transfer == 2.0) {
        let l = light * HLG_WHITE;
        let low = sign(l) * sqrt(3.0 * abs(l));
        let high = HLG_A * 0.69314718 * log2_of(max(12.0 * l - HLG_B, 1e-6)) + HLG_C;
        return select(high, low, l <= 1.0 / 12.0);
    }
    if (transfer == 3.0) {
        let size = abs(light);
        let curved = 1.055 * power(size, 1.0 / 2.4) - 0.055;
        return sign(light) * select(curved, size * 12.92, size <= 0.0031308);
    }
    return power(light, 1.0 / gamma);
}

// The light of a signal, each channel by `light_of`.
fn light(signal: vec3f, transfer: f32, gamma: f32) -> vec3f {
    return vec3f(light_of(signal.r, transfer, gamma), light_of(signal.g, transfer, gamma), light_of(signal.b, transfer, gamma));
}

// The signal of light, each channel by `signal_of`.
fn signal(light: vec3f, transfer: f32, gamma: f32) -> vec3f {
    return vec3f(signal_of(light.r, transfer, gamma), signal_of(light.g, transfer, gamma), signal_of(light.b, transfer, gamma));
}
