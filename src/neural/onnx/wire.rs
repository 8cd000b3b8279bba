//! The wire format of protocol buffers: fields one after the other, each with a number and a kind.

/// Why bytes are no protocol buffer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field reaches beyond the end: the file was cut off.
    #[error("it ends in the middle: at least {missing} bytes are missing")]
    CutOff { missing: u64 },
    #[error("it is damaged at byte {at}")]
    Damaged { at: usize },
    #[error("it is no ONNX file")]
    NotOnnx,
    #[error("it has no graph, version or outputs of an ONNX model")]
    NoModel,
    #[error("it is nested more than {most} deep")]
    TooDeep { most: usize },
    #[error("it has more than {most} {what}")]
    TooMany { what: &'static str, most: usize },
}

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Number(u64),
    /// Text, bytes, packed numbers, or a message.
    Bytes(Message<'a>),
    /// Eight or four bytes that no field of ours has.
    Fixed,
}

/// Bytes of a message, and where they begin in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Message<'a> {
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn text(self) -> String {
        String::from_utf8_lossy(self.bytes).into_owned()
    }

    /// The fields, in their order. After an error there are no more.
    pub fn fields(self) -> Fields<'a> {
        Fields { rest: self }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(length) else {
            let missing = (length - self.bytes.len()) as u64;
            return Err(WireError::CutOff { missing });
        };
        self.bytes = rest;
        self.at += length;
        Ok(taken)
    }

    /// A number of one to ten bytes.
    fn varint(&mut self) -> Result<u64, WireError> {
        let at = self.at;
        let mut number = 0;
        for place in 0..10 {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(WireError::Damaged { at })
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), WireError> {
        let at = self.at;
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| WireError::Damaged { at })?;
                let at = self.at;
                let bytes = self.take(length)?;
                Value::Bytes(Message { bytes, at })
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(WireError::Damaged { at }),
        };
        match key >> 3 {
            0 => Err(WireError::Damaged { at }),
            number => Ok((number, value)),
        }
    }
}

/// See [`Message::fields`].
pub struct Fields<'a> {
    rest: Message<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.bytes.is_empty() {
            return None;
        }
        let field = self.rest.field();
        if field.is_err() {
            self.rest.bytes = &[];
        }
        Some(field)
    }
}
