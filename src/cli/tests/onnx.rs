//! Models that tests make.

/// A model with the input and output `p` of any size, which gives what it gets: ONNX operators of version 13.
pub fn identity() -> Vec<u8> {
    let message = |field: u8, content: &[u8]| {
        let mut out = vec![field << 3 | 2, u8::try_from(content.len()).unwrap()];
        out.extend_from_slice(content);
        out
    };
    let axis = |name: &[u8]| message(1, &message(2, name));
    let channels = message(1, &[1 << 3, 3]);
    let shape = [axis(b"n"), channels, axis(b"h"), axis(b"w")].concat();
    let dense = [vec![1 << 3, 1], message(2, &shape)].concat();
    let value = |name: &[u8]| [message(1, name), message(2, &message(1, &dense))].concat();
    let node = [message(1, b"a"), message(2, b"b"), message(4, b"Identity")].concat();
    let graph = [
        message(1, &node),
        message(2, b"g"),
        message(11, &value(b"a")),
        message(12, &value(b"b")),
    ];
    let graph = graph.concat();
    let opset = [message(1, b""), vec![2 << 3, 13]].concat();
    [vec![1 << 3, 8], message(7, &graph), message(8, &opset)].concat()
}
