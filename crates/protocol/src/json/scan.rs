//! The inner loops of the reader: the end of a string, of a number.
//!
//! Three things matter inside a string: a quote, a backslash, a control character. [`Marks`] looks
//! for all of them at once, 64 bytes at a time, and keeps what it found as one bit a byte, so that
//! the next string or escape nearby costs a shift. Its fixed-size loops compile to vector
//! instructions without any unsafe code; that is faster here than a call of `memchr` for each
//! string, of which a body has thousands, and it finds the control characters on the way.

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
        let mut block = [b' '; BLOCK];
        for (padded, byte) in block.iter_mut().zip(tail) {
            *padded = *byte;
        }
        let bits = special_bits(&block);
        *self = Self { start, bits };
        bytes.len().min(start + bits.trailing_zeros() as usize)
    }
}

#[inline]
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// One bit for each byte of a block, the lowest for the first.
#[inline]
fn special_bits(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0_u8; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is_special(*byte));
    }
    let (words, _) = flags.as_chunks::<8>();
    let any = words.iter().fold(0, |any, word| any | u64::from_le_bytes(*word));
    if any == 0 {
        return 0;
    }
    // Each factor lifts the flag of one byte to its own bit of the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let gathered = words.iter().map(|word| u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56);
    gathered.rev().fold(0, |bits, byte| (bits << 8) | byte)
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
    use super::{Marks, is_special};
    use proptest::prelude::*;

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
