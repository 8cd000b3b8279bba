// Discs and boxes by their distances: structs, arrays, macros and functions that write their parameters.
precision highp float;
#define PI 3.14159265
#define turned(a) mat2(cos(a), sin(a), -sin(a), cos(a))
#ifdef UNKNOWN
    this is not read
#endif

struct Shape {
    vec2 place;
    float size;
    int kind;
};

const int COUNT = 3;
const vec3 INKS[3] = vec3[3](vec3(0.9, 0.2, 0.1), vec3(0.1, 0.5, 0.9), vec3(0.2, 0.8, 0.3));
float pixel = 0.0;

float disc(vec2 p, float r) { return length(p) - r; }
float disc(vec2 p) { return disc(p, 0.1); }
float box(vec2 p, vec2 half_size) {
    vec2 d = abs(p) - half_size;
    return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
}

void nearer(inout float best, inout int which, float distance, int index) {
    if (distance < best) {
        best = distance;
        which = index;
    }
}

Shape shape(int index) {
    Shape s;
    s.place = 0.35 * vec2(cos(float(index) * 2.0 * PI / 3.0), sin(float(index) * 2.0 * PI / 3.0));
    s.size = 0.12 + 0.04 * float(index);
    s.kind = index % 2;
    return s;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    pixel = 1.0 / iResolution.y;
    vec2 p = (fragCoord - 0.5 * iResolution.xy) * pixel;
    p *= turned(0.2 * iTime);
    float best = 1e3;
    int which = 0;
    for (int i = 0; i < COUNT; ++i) {
        Shape s = shape(i);
        float d;
        switch (s.kind) {
            case 0: d = disc(p - s.place, s.size); break;
            default: d = box(p - s.place, vec2(s.size, 0.5 * s.size));
        }
        nearer(best, which, d, i);
    }
    nearer(best, which, disc(p), 2);
    float cover = clamp(0.5 - best / pixel, 0.0, 1.0);
    vec3 paper = vec3(0.95) - 0.1 * step(0.5, fract(float(iFrame) * 0.5 + 8.0 * p.x));
    fragColor.rgb = mix(paper, INKS[which], cover);
    fragColor.a = 1.0;
}
