import super::screen::cover;

// Amplitude-modulated halftone: each ink in its own screen, at the angles of offset printing.
fn pixel(at: vec2i) -> vec4f {
    let inks = inks_here();
    let p = vec2f(at);
    // Cosine and sine of 15, 75, 0 and 45 degrees.
    let dots = vec4f(
        cover(inks.r, p, vec2f(0.9659258, 0.25881904), params.pitch),
        cover(inks.g, p, vec2f(0.25881904, 0.9659258), params.pitch),
        cover(inks.b, p, vec2f(1.0, 0.0), params.pitch),
        cover(inks.a, p, vec2f(0.70710677, 0.70710677), params.pitch),
    );
    return inks + (dots - inks) * params.resolved;
}
