// Connected components of weak and strong pixels by union and find (Playne and Hawick, "A new algorithm for parallel
// connected-component labelling on GPUs", 2018). A word is the index of another pixel of its component, in the end that
// of the first; its highest bit says that the component has a strong pixel. Words of no edge are all ones but that bit.
// Where short components are left out, as many words follow: at the first pixel's place, the pixels of its component.
const STRONG = 0x80000000u;
const NONE = 0x7fffffffu;

fn index(p: vec2i) -> i32 {
    return p.y * thin_extent().x + p.x;
}

fn is_edge(p: vec2i) -> bool {
    return all(p >= vec2i(0)) && all(p < thin_extent()) && thin_at(p).r > 0.5;
}

// The first pixel that `start_at` leads to. On the way each pixel is led to its parent's parent, so that later ways are
// shorter; another invocation may have led it further already.
fn root(start_at: u32) -> u32 {
    var at = start_at;
    var next = words_load(i32(at)) & NONE;
    loop {
        if (next == at) {
            return at;
        }
        let after = words_load(i32(next)) & NONE;
        if (after == next) {
            return next;
        }
        words_min(i32(at), after);
        at = next;
        next = after;
    }
    return at;
}

fn unite(first: u32, second: u32) {
    var a = first;
    var b = second;
    loop {
        a = root(a);
        b = root(b);
        if (a == b) {
            return;
        }
        let high = max(a, b);
        let low = min(a, b);
        let old = words_min(i32(high), low);
        if (old == high) {
            return;
        }
        a = old;
        b = low;
    }
}

// The word that counts the pixels of the component whose first pixel is `first`.
fn count_of(first: u32) -> i32 {
    return i32(first) + thin_extent().x * thin_extent().y;
}

fn start(at: vec2i) {
    let i = index(at);
    if (params.least > 1.0) {
        words_store(count_of(u32(i)), 0u);
    }
    words_store(i, select(NONE, u32(i), is_edge(at)));
}

fn join(at: vec2i) {
    if (!is_edge(at)) {
        return;
    }
    let me = u32(index(at));
    for (var k = 0; k < 4; k++) {
        let p = at + array(vec2i(-1, 0), vec2i(-1, -1), vec2i(0, -1), vec2i(1, -1))[k];
        if (is_edge(p)) {
            unite(me, u32(index(p)));
        }
    }
}

fn mark(at: vec2i) {
    if (is_edge(at) && thin_at(at).r > 1.5) {
        words_or(i32(root(u32(index(at)))), STRONG);
    }
}

fn count(at: vec2i) {
    if (params.least > 1.0 && is_edge(at)) {
        words_add(count_of(root(u32(index(at)))), 1u);
    }
}

fn flatten(at: vec2i) {
    if (!is_edge(at)) {
        return;
    }
    let i = index(at);
    // Ways are read alone here: the words that they lead through may be final, with the highest bit.
    var first = u32(i);
    loop {
        let next = words_load(i32(first)) & NONE;
        if (next == first) {
            break;
        }
        first = next;
    }
    let is_long = params.least <= 1.0 || words_load(count_of(first)) >= u32(params.least);
    words_store(i, first | select(0u, words_load(i32(first)) & STRONG, is_long));
}
