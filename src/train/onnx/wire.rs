//! The encoding of Protocol Buffers: fields one after the other, each a number and a value.

/// A message that is being written.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A whole number.
    pub fn integer(mut self, field: u32, value: i64) -> Self {
        self.varint(u64::from(field) << 3);
        self.varint(value as u64);
        self
    }

    /// A 32-bit float.
    pub fn float(mut self, field: u32, value: f32) -> Self {
        self.varint(u64::from(field) << 3 | 5);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Bytes.
    pub fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// Text.
    pub fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    /// A message inside this one.
    pub fn message(self, field: u32, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// What `each` adds for each of `values`.
    pub fn all<T>(self, values: &[T], each: impl Fn(Self, &T) -> Self) -> Self {
        values.iter().fold(self, each)
    }
}

/// A value that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Integer(u64),
    Bytes(&'a [u8]),
    /// A fixed number of 4 or 8 bytes, which nothing here reads.
    Fixed,
}

/// The fields of a message in their order; `None` where the bytes are no message.
pub fn fields(mut bytes: &[u8]) -> Option<Vec<(u32, Value<'_>)>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let field = u32::try_from(key >> 3).ok()?;
        let value = match key & 7 {
            0 => Value::Integer(varint(&mut bytes)?),
            1 => fixed(&mut bytes, 8)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (value, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                Value::Bytes(value)
            }
            5 => fixed(&mut bytes, 4)?,
            _ => return None,
        };
        out.push((field, value));
    }
    Some(out)
}

fn fixed<'a>(bytes: &mut &[u8], length: usize) -> Option<Value<'a>> {
    *bytes = bytes.split_at_checked(length)?.1;
    Some(Value::Fixed)
}

/// A number in groups of 7 bits.
pub fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
