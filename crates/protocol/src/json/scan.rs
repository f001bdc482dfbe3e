//! The inner loops of the reader: the end of a string, of a number.
//!
//! Three things matter inside a string: a quote, a backslash, a control character. [`Marks`] looks
//! for all of them at once, 64 bytes at a time, and keeps what it found as one bit a byte, so that
//! the next string or escape nearby costs a shift. That is faster here than a call of `memchr` for
//! each string, of which a body has thousands, and it finds the control characters on the way.

use wide::u8x16;

use super::JsonError;

/// Finds one past the closing quote of the string that `from` is inside of.
pub(super) fn string_end(bytes: &[u8], from: usize, marks: &mut Marks) -> Result<usize, JsonError> {
    let mut position = from;
    loop {
        position = marks.next(bytes, position);
        match bytes.get(position) {
            Some(b'"') => return Ok(position + 1),
            Some(b'\\') => position = escape_end(bytes, position)?,
            Some(_) => {
                return Err(JsonError::new(
                    position,
                    "a control character must be escaped in a string",
                ));
            }
            None => return Err(JsonError::new(position, "the text ends inside a string")),
        }
    }
}

/// One past the escape that starts with the backslash at `at`.
#[inline]
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(JsonError::new(at, "a \\u escape needs four hexadecimal digits")),
        },
        Some(_) => Err(JsonError::new(at, "unknown escape in a string")),
        None => Err(JsonError::new(at, "the text ends inside a string")),
    }
}

const BLOCK: usize = 64;

/// The special bytes of the 64 that start at some place, one bit each.
#[derive(Debug)]
pub(super) struct Marks {
    start: usize,
    bits: u64,
}

impl Marks {
    /// Nothing looked at yet: no place in a text is within a block of this start.
    pub(super) const NONE: Self = Self { start: usize::MAX / 2, bits: 0 };

    /// The place of the first special byte at `position` or later; the end where there is none.
    #[inline]
    pub(super) fn next(&mut self, bytes: &[u8], position: usize) -> usize {
        let offset = position.wrapping_sub(self.start);
        if offset < BLOCK {
            let bits = self.bits >> offset;
            if bits != 0 {
                return position + bits.trailing_zeros() as usize;
            }
            return self.look_on(bytes, self.start + BLOCK);
        }
        self.look_on(bytes, position)
    }

    #[inline(never)]
    fn look_on(&mut self, bytes: &[u8], position: usize) -> usize {
        let rest = bytes.get(position..).unwrap_or_default();
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        let mut start = position;
        for block in blocks {
            let bits = special_bits(block);
            if bits != 0 {
                *self = Self { start, bits };
                return start + bits.trailing_zeros() as usize;
            }
            start += BLOCK;
        }
        // The last block once more, but for what of it has been looked at.
        let bits = match bytes.last_chunk() {
            Some(last) => special_bits(last)
                .checked_shr(u32::try_from(BLOCK - tail.len()).unwrap_or(u32::MAX)),
            None => {
                let mut block = [b' '; BLOCK];
                for (padded, byte) in block.iter_mut().zip(tail) {
                    *padded = *byte;
                }
                Some(special_bits(&block))
            }
        };
        let bits = bits.unwrap_or_default();
        *self = Self { start, bits };
        bytes.len().min(start + bits.trailing_zeros() as usize)
    }
}

/// One bit for each byte of a block, the lowest for the first.
#[inline]
fn special_bits(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    lanes.iter().rev().fold(0, |bits, lane| {
        let lane = u8x16::new(*lane);
        let control = lane.min(u8x16::splat(0x1f)).simd_eq(lane);
        let special =
            control | lane.simd_eq(u8x16::splat(b'"')) | lane.simd_eq(u8x16::splat(b'\\'));
        (bits << 16) | u64::from(special.to_bitmask())
    })
}

/// Finds the end of the number that starts at `from`.
pub(super) fn number_end(bytes: &[u8], from: usize) -> Result<usize, JsonError> {
    let mut position = from;
    if bytes.get(position) == Some(&b'-') {
        position += 1;
    }
    position = match bytes.get(position) {
        Some(b'0') => position + 1,
        Some(b'1'..=b'9') => digits_end(bytes, position),
        _ => return Err(JsonError::new(position, "a digit was expected")),
    };
    if bytes.get(position) == Some(&b'.') {
        position = some_digits_end(bytes, position + 1)?;
    }
    if matches!(bytes.get(position), Some(b'e' | b'E')) {
        position += 1;
        if matches!(bytes.get(position), Some(b'+' | b'-')) {
            position += 1;
        }
        position = some_digits_end(bytes, position)?;
    }
    Ok(position)
}

fn some_digits_end(bytes: &[u8], from: usize) -> Result<usize, JsonError> {
    match digits_end(bytes, from) {
        end if end > from => Ok(end),
        _ => Err(JsonError::new(from, "a digit was expected")),
    }
}

fn digits_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit());
    from + digits.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::Marks;
    use proptest::prelude::*;

    const fn is_special(byte: u8) -> bool {
        byte < 0x20 || byte == b'"' || byte == b'\\'
    }

    proptest! {
        #[test]
        fn every_special_byte_is_found(
            bytes in proptest::collection::vec(
                prop_oneof![40 => Just(b'a'), 20 => 0x20..=0xFF_u8, 1 => any::<u8>(), 1 => Just(b'"')],
                0..400,
            ),
            steps in proptest::collection::vec(0..5_usize, 1..20),
        ) {
            let mut marks = Marks::NONE;
            let mut position = 0;
            for step in steps.iter().cycle() {
                let found = marks.next(&bytes, position);
                let rest = bytes.iter().skip(position);
                let wanted = rest.take_while(|byte| !is_special(**byte)).count() + position;
                prop_assert_eq!(found, wanted.min(bytes.len()));
                position = found + 1 + step;
                if position > bytes.len() {
                    break;
                }
            }
        }
    }
}
