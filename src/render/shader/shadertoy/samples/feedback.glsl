// Reads a buffer of its own, which a style has not.
void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = fragCoord / iResolution.xy; // iChannel2 in a comment is no reading
    vec3 before = texture(iChannel1, uv).rgb;
    fragColor = vec4(mix(before, texture(iChannel0, uv).rgb, 0.1), 1.0);
}
