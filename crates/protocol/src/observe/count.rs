//! Reading the counts of a usage object: strictly, since they become money.

use super::{AbsurdUsage, LARGEST_COUNT};
use crate::json::{Kind, Reader};

/// Walks an object; `null` is none.
pub(crate) fn members<'a>(
    reader: &mut Reader<'a>,
    name: &'static str,
    mut read: impl FnMut(&mut Reader<'a>, &[u8]) -> Result<(), AbsurdUsage>,
) -> Result<bool, AbsurdUsage> {
    match reader.kind()? {
        Kind::Object => {
            let mut members = reader.object()?;
            while let Some(key) = members.next(reader)? {
                read(reader, &key.name())?;
            }
            Ok(true)
        }
        Kind::Null => {
            reader.skip()?;
            Ok(false)
        }
        _ => Err(AbsurdUsage::NotAnObject(name)),
    }
}

/// A count; `null` is none.
pub(crate) fn count(
    reader: &mut Reader<'_>,
    name: &'static str,
) -> Result<Option<u64>, AbsurdUsage> {
    let kind = reader.kind()?;
    let span = reader.skip()?;
    match kind {
        Kind::Null => Ok(None),
        Kind::Number => std::str::from_utf8(reader.bytes(span))
            .ok()
            .and_then(|digits| digits.parse().ok())
            .filter(|count| *count <= LARGEST_COUNT)
            .map(Some)
            .ok_or(AbsurdUsage::NotACount(name)),
        _ => Err(AbsurdUsage::NotACount(name)),
    }
}
