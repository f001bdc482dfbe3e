//! What the journal holds, and how a record lies on disk.
//!
//! A frame is `length: u32, checksum: u32, sequence: i64, payload`, little-endian. The checksum
//! (CRC-32C) covers the sequence number and the payload. A length of zero ends a segment.

use domain::bill::{BillingMethod, Multiplier};
use domain::dialect::Dialect;
use domain::id::{CallId, ChannelId, KeyId, UserId};
use domain::money::Nanos;
use domain::time::UnixMillis;
use domain::usage::Usage;
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::batch::{FinishedCall, Outcome};

/// Bytes in front of a payload.
pub(crate) const FRAME_HEAD: usize = 16;
/// A record longer than this is none of ours.
const LONGEST: usize = 64 * 1024;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The call's bound is set aside, and the upstream may now be asked.
    Intent(Intent),
    /// The call's bound was raised while it streamed.
    Enlarge {
        /// The call.
        call: CallId,
        /// Its bound from now on.
        bound: Nanos,
    },
    /// What a long stream has used so far.
    Checkpoint(Checkpoint),
    /// The call is over.
    Settle(FinishedCall),
    /// The call ended without a settlement, through a fault of ours: it is held in doubt.
    Doubt(CallId),
    /// The process ended in order: nothing is under way.
    Shutdown,
    /// From here on, calls of a key may be forwarded before the disk has their intent.
    Declare(Declaration),
}

/// How much of a key may be forwarded before the disk has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The key.
    pub key: KeyId,
    /// The key's owner.
    pub user: UserId,
    /// The sum of bounds that may be lost.
    pub exposure: Nanos,
    /// When it was declared.
    pub at: UnixMillis,
    /// Start of the day, …
    pub day: UnixMillis,
    /// … and of the month then.
    pub month: UnixMillis,
}

/// A [`Record`] as it is written: of the same form, without owning its parts.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Line<'a> {
    Intent(&'a Intent),
    Enlarge { call: CallId, bound: Nanos },
    Checkpoint(Checkpoint),
    Settle(&'a FinishedCall),
    Doubt(CallId),
    Shutdown,
    Declare(Declaration),
}

/// Everything that is known of a call when it is forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The call.
    pub id: CallId,
    /// The key that makes it.
    pub key: KeyId,
    /// The key's owner.
    pub user: UserId,
    /// What is set aside.
    pub bound: Nanos,
    /// The model that the client asked for.
    pub model: Arc<str>,
    /// The first channel that is tried.
    pub channel: ChannelId,
    /// The group that it is routed through.
    pub group: Arc<str>,
    /// The client's wire format.
    pub dialect: Dialect,
    /// How it is charged.
    pub billing_method: BillingMethod,
    /// The price that it is charged at.
    pub price_version: i64,
    /// The dearest factor among the candidates.
    pub multiplier: Multiplier,
    /// When it was admitted.
    pub started_at: UnixMillis,
    /// Start of the hour, …
    pub hour: UnixMillis,
    /// … the day …
    pub day: UnixMillis,
    /// … and the month that it counts in.
    pub month: UnixMillis,
    /// The caller's address.
    pub client_ip: Arc<str>,
    /// The caller's program.
    pub user_agent: Arc<str>,
}

impl Intent {
    /// The call as finished, with nothing used: what every ending starts from.
    #[must_use]
    pub fn finished(&self, outcome: Outcome) -> FinishedCall {
        FinishedCall {
            id: self.id,
            key: self.key,
            user: self.user,
            model: self.model.clone(),
            upstream_model: self.model.clone(),
            channel: self.channel,
            group: self.group.clone(),
            dialect: self.dialect,
            upstream_dialect: self.dialect,
            billing_method: self.billing_method,
            price_version: self.price_version,
            multiplier: self.multiplier,
            counted: false,
            usage: Usage::default(),
            cost: Nanos::ZERO,
            charged: Nanos::ZERO,
            source: domain::usage::UsageSource::None,
            suspect: false,
            outcome,
            status: 0,
            started_at: self.started_at,
            first_byte_ms: None,
            duration_ms: 0,
            hour: self.hour,
            day: self.day,
            month: self.month,
            attempts: Vec::new(),
            client_ip: self.client_ip.clone(),
            user_agent: self.user_agent.clone(),
        }
    }
}

/// What a call has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The call.
    pub call: CallId,
    /// Tokens so far.
    pub usage: Usage,
    /// What they cost.
    pub cost: Nanos,
}

/// Writes a record's frame behind what `buffer` holds.
pub(crate) fn encode(
    sequence: i64,
    line: Line<'_>,
    buffer: &mut Vec<u8>,
) -> Result<(), postcard::Error> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; FRAME_HEAD]);
    postcard::serialize_with_flavor(&line, Tail(buffer))?;
    let length = buffer.len() - start - FRAME_HEAD;
    if length > LONGEST {
        return Err(postcard::Error::SerializeBufferFull);
    }
    let Some(frame) = buffer.get_mut(start..) else {
        return Err(postcard::Error::SerializeBufferFull);
    };
    let Ok(length) = u32::try_from(length) else {
        return Err(postcard::Error::SerializeBufferFull);
    };
    if let Some(slot) = frame.get_mut(8..16) {
        slot.copy_from_slice(&sequence.to_le_bytes());
    }
    let checksum = crc32c::crc32c(frame.get(8..).unwrap_or_default());
    if let Some(slot) = frame.get_mut(..4) {
        slot.copy_from_slice(&length.to_le_bytes());
    }
    if let Some(slot) = frame.get_mut(4..8) {
        slot.copy_from_slice(&checksum.to_le_bytes());
    }
    Ok(())
}

/// Takes a payload behind what the buffer holds. Ids and numbers come byte by byte, so a byte must
/// cost next to nothing.
struct Tail<'b>(&'b mut Vec<u8>);

impl Flavor for Tail<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// What lies at the start of some bytes.
#[derive(Debug)]
pub(crate) enum Frame {
    /// A whole record and the bytes it takes.
    Record(i64, Box<Record>, usize),
    /// Nothing more was written.
    End,
    /// Bytes that are no whole record: a torn tail.
    Torn,
}

/// Reads the record at the start of some bytes.
pub(crate) fn decode(bytes: &[u8]) -> Frame {
    let word = |at: usize| {
        bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes)
    };
    let (Some(length), Some(checksum)) = (word(0), word(4)) else {
        return if bytes.iter().all(|byte| *byte == 0) { Frame::End } else { Frame::Torn };
    };
    if length == 0 {
        return if checksum == 0 { Frame::End } else { Frame::Torn };
    }
    let Ok(length) = usize::try_from(length) else {
        return Frame::Torn;
    };
    let Some(covered) = bytes.get(8..FRAME_HEAD + length).filter(|_| length <= LONGEST) else {
        return Frame::Torn;
    };
    if crc32c::crc32c(covered) != checksum {
        return Frame::Torn;
    }
    let (Some(sequence), Some(payload)) =
        (covered.get(..8).and_then(|b| b.try_into().ok()), covered.get(8..))
    else {
        return Frame::Torn;
    };
    match postcard::from_bytes(payload) {
        Ok(record) => {
            Frame::Record(i64::from_le_bytes(sequence), Box::new(record), FRAME_HEAD + length)
        }
        Err(_) => Frame::Torn,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn intent() -> Intent {
        let now = UnixMillis::new(5);
        Intent {
            id: CallId::new(now, [1; 10]),
            key: KeyId::new(now, [2; 10]),
            user: UserId::new(now, [3; 10]),
            bound: Nanos::new(4),
            model: "m".into(),
            channel: ChannelId::new(now, [5; 10]),
            group: "default".into(),
            dialect: Dialect::Chat,
            billing_method: BillingMethod::UsageBased,
            price_version: 6,
            multiplier: Multiplier::ONE,
            started_at: now,
            hour: now,
            day: now,
            month: now,
            client_ip: "::1".into(),
            user_agent: "".into(),
        }
    }

    #[test]
    fn a_record_survives_the_disk_and_a_torn_one_is_noticed() {
        let intent = intent();
        let finished = intent.finished(Outcome::Completed);
        let (call, bound) = (intent.id, intent.bound);
        let checkpoint = Checkpoint { call, usage: Usage::default(), cost: bound };
        let (key, user, at) = (intent.key, intent.user, intent.started_at);
        let declaration = Declaration { key, user, exposure: bound, at, day: at, month: at };
        for (line, record) in [
            (Line::Intent(&intent), Record::Intent(intent.clone())),
            (Line::Enlarge { call, bound }, Record::Enlarge { call, bound }),
            (Line::Checkpoint(checkpoint), Record::Checkpoint(checkpoint)),
            (Line::Settle(&finished), Record::Settle(finished.clone())),
            (Line::Doubt(call), Record::Doubt(call)),
            (Line::Shutdown, Record::Shutdown),
            (Line::Declare(declaration), Record::Declare(declaration)),
        ] {
            let mut bytes = Vec::new();
            encode(42, line, &mut bytes).unwrap();
            let Frame::Record(sequence, read, length) = decode(&bytes) else { panic!("whole") };
            assert_eq!((sequence, *read, length), (42, record, bytes.len()));
            for cut in 1..bytes.len() {
                assert!(!matches!(decode(&bytes[..cut]), Frame::Record(..)), "{cut}");
            }
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x10;
                assert!(!matches!(decode(&damaged), Frame::Record(..)), "{at}");
            }
        }
        assert!(matches!(decode(&[0; 64]), Frame::End));
    }

    #[test]
    fn a_record_that_could_not_be_read_back_is_not_written() {
        let mut finished = intent().finished(Outcome::Failed);
        finished.upstream_model = "m".repeat(LONGEST).into();
        let mut bytes = Vec::new();
        assert!(encode(1, Line::Settle(&finished), &mut bytes).is_err());
    }
}
