//! A value on its way into a column: said once, taken by either driver.

use domain::id::{CallId, ChannelId, KeyId, NodeId, TransactionId, UserId};
use domain::time::UnixMillis;
use serde::ser::{Error as _, Serialize, Serializer};
use std::io::{self, Write};

use crate::batch::Attempt;
use crate::counter::Subject;
use crate::dialect::Query;

/// A column's value. Nothing is copied or formatted before a driver asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'v> {
    Text(&'v str),
    /// A prefix, an underscore, and these bytes in hexadecimal digits.
    Id(&'static str, u128),
    Number(i64),
    /// A number in a column of text.
    Digits(u32),
    /// A JSON text.
    Attempts(&'v [Attempt]),
    NoText,
    NoNumber,
}

impl Value<'_> {
    /// Writes the value as a column of text holds it.
    pub(crate) fn write(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Text(text) => out.write_all(text.as_bytes()),
            Self::Id(prefix, bytes) => {
                let mut digits = [0; 32];
                hex::encode_to_slice(bytes.to_be_bytes(), &mut digits).map_err(io::Error::other)?;
                out.write_all(prefix.as_bytes())?;
                out.write_all(b"_")?;
                out.write_all(&digits)
            }
            Self::Number(number) => write!(out, "{number}"),
            Self::Digits(number) => write!(out, "{number}"),
            Self::Attempts(attempts) => Ok(serde_json::to_writer(out, attempts)?),
            Self::NoText | Self::NoNumber => Ok(()),
        }
    }

    fn text(self) -> String {
        let mut text = Vec::with_capacity(128);
        // Writing to memory cannot fail, and what is written is text.
        drop(self.write(&mut text));
        String::from_utf8(text).unwrap_or_default()
    }

    /// Binds the value as the statement's next parameter.
    pub(crate) fn bind(self, query: Query<'_>) -> Query<'_> {
        match self {
            Self::Text(text) => query.bind(text),
            Self::Id(..) | Self::Digits(_) | Self::Attempts(_) => query.bind(self.text()),
            Self::Number(number) => query.bind(number),
            Self::NoText => query.bind(None::<String>),
            Self::NoNumber => query.bind(None::<i64>),
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Id(prefix, bytes) => {
                serializer.collect_str(&format_args!("{prefix}_{bytes:032x}"))
            }
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Digits(number) => serializer.collect_str(number),
            Self::Attempts(attempts) => serializer
                .serialize_str(&serde_json::to_string(attempts).map_err(S::Error::custom)?),
            Self::NoText | Self::NoNumber => serializer.serialize_none(),
        }
    }
}

macro_rules! from_id {
    ($($id:ty),*) => {
        $(impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Self::Id(<$id>::PREFIX, u128::from_be_bytes(id.to_bytes()))
            }
        })*
    };
}
from_id!(CallId, ChannelId, KeyId, NodeId, TransactionId, UserId);

impl From<Subject> for Value<'_> {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::Key(id) => id.into(),
            Subject::User(id) => id.into(),
        }
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Number(i64::from(flag))
    }
}

/// A count of tokens; what does not fit was refused long before.
impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<UnixMillis> for Value<'_> {
    fn from(time: UnixMillis) -> Self {
        Self::Number(time.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_own_text() {
        let id = CallId::new(UnixMillis::new(7), [3; 10]);
        assert_eq!(Value::from(id).text(), id.to_string());
        let json = serde_json::to_string(&[Value::from(id), 1_i64.into(), Value::NoText]).unwrap();
        assert_eq!(json, format!("[\"{id}\",1,null]"));
    }
}
