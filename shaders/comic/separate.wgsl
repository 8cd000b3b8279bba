// What an ink stops of red, green and blue, and what the three inks must let through.
struct Print {
    cyan: vec3f,
    magenta: vec3f,
    yellow: vec3f,
    wanted: vec3f,
}

// Cyan, magenta and yellow that let through what is wanted, from a guess on. Each is set by the primary that it stops most, in
// turn; two rounds are enough. What cannot be printed stays at the nearest.
fn inks_of(print: Print, guess: vec3f) -> vec3f {
    var ink = guess;
    for (var turn = 0; turn < 2; turn++) {
        let red = max((1.0 - ink.g * print.magenta.r) * (1.0 - ink.b * print.yellow.r), 0.05);
        ink.r = clamp((1.0 - print.wanted.r / red) / max(print.cyan.r, 0.1), 0.0, 1.0);
        let green = max((1.0 - ink.r * print.cyan.g) * (1.0 - ink.b * print.yellow.g), 0.05);
        ink.g = clamp((1.0 - print.wanted.g / green) / max(print.magenta.g, 0.1), 0.0, 1.0);
        let blue = max((1.0 - ink.r * print.cyan.b) * (1.0 - ink.g * print.magenta.b), 0.05);
        ink.b = clamp((1.0 - print.wanted.b / blue) / max(print.yellow.b, 0.1), 0.0, 1.0);
    }
    return ink;
}

// Inks that print the picture: C, M, Y and K in 0..1. They are solved for what the print becomes on average: dots of screens
// at different angles cover each other by chance, so the mean of a primary is the product of what each ink and the paper let
// through (Demichel 1924, Neugebauer 1937). K takes over a part of what all three others print.
fn pixel(at: vec2i) -> vec4f {
    let rgb = clamp(picture_here().rgb, vec3f(0.0), vec3f(1.0));
    let paper = vec3f(params.paper_r, params.paper_g, params.paper_b);
    let black = 1.0 - vec3f(params.black_r, params.black_g, params.black_b);
    var print = Print(
        1.0 - vec3f(params.cyan_r, params.cyan_g, params.cyan_b),
        1.0 - vec3f(params.magenta_r, params.magenta_g, params.magenta_b),
        1.0 - vec3f(params.yellow_r, params.yellow_g, params.yellow_b),
        min(rgb / max(paper, vec3f(0.004)), vec3f(1.0)),
    );
    let without = inks_of(print, 1.0 - rgb);
    let gray = min(without.r, min(without.g, without.b));
    let k = params.gray_replacement * max(gray - params.black_start, 0.0) / (1.0 - params.black_start);
    print.wanted = min(rgb / max(paper * (1.0 - k * black), vec3f(0.004)), vec3f(1.0));
    return vec4f(inks_of(print, without), k);
}
