// Waves of colour, drawn over the picture.
#define WAVES 5

float wave(vec2 p, float turn) {
    vec2 direction = vec2(cos(turn), sin(turn));
    return sin(dot(p, direction) * 8.0 + iTime * 2.0);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float sum = 0.0;
    for (int i = 0; i < WAVES; i++) {
        sum += wave(uv, float(i) * 1.3);
        if (i > 3) continue;
        uv *= 1.1;
    }
    int left = 3;
    while (left > 0) {
        sum += 0.1 * sin(float(left) * uv.x);
        left--;
    }
    // Darker at the top of the picture, where y is large.
    vec3 col = 0.5 + 0.5 * cos(vec3(0.0, 2.0, 4.0) + sum);
    col *= 1.0 - 0.8 * fragCoord.y / iResolution.y;
    fragColor = vec4(col, 1.0);
}
