// The picture, bent by a ripple, its colours apart, with a bar of its own at the bottom.
#define T(p) texture(iChannel0, p).rgb

void mainImage( out vec4 O, vec2 I )
{
    vec2 uv = I / iResolution.xy, from = uv - 0.5;
    from.x *= iChannelResolution[0].x / iChannelResolution[0].y;
    float far = length(from);
    float bend = 0.01 * sin(60.0 * far - 4.0 * iTime) / (0.2 + far);
    vec2 at = uv + bend * normalize(from + 1e-4);
    vec3 col = vec3(T(at + vec2(0.004, 0)).r, T(at).g, T(at - vec2(0.004, 0)).b);
    if (I.y < 0.1 * iResolution.y)
        col = texelFetch(iChannel0, ivec2(I), 0).rgb;
    O = vec4(mix(col, col.gbr, iMouse.z > 0.0 ? 1.0 : 0.0), 1);
}
