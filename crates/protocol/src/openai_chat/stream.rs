//! A stream of chat chunks: what to do with each event, and what the call used so far.

use domain::usage::Usage;

use super::chunk::Chunk;
use super::place;
use super::{FinishReason, read_usage};
use crate::estimate::TextSize;
use crate::json::Reader;
use crate::observe::repeat::Repeat;
use crate::observe::{AbsurdUsage, Delivered, StreamMeter, Verdict};
use crate::sse::Event;

/// The state of one stream.
#[derive(Debug, Clone)]
pub struct ChatStream {
    we_asked: bool,
    choices: u64,
    usage: Option<Result<Usage, AbsurdUsage>>,
    usage_is_final: bool,
    delivered: Delivered,
    finished: u64,
    finish_reason: Option<FinishReason>,
    done: bool,
    malformed: u64,
    repeat: Repeat,
}

impl ChatStream {
    /// A stream of `choices` answers (`n`). `we_asked` says that the gateway, not the caller,
    /// asked for the usage.
    #[must_use]
    pub fn new(we_asked: bool, choices: u64) -> Self {
        Self {
            we_asked,
            choices: choices.max(1),
            usage: None,
            usage_is_final: false,
            delivered: Delivered::default(),
            finished: 0,
            finish_reason: None,
            done: false,
            malformed: 0,
            repeat: Repeat::default(),
        }
    }

    /// Why the answer that ended last did.
    #[must_use]
    pub const fn finish_reason(&self) -> Option<FinishReason> {
        self.finish_reason
    }

    /// How many events were not JSON; they are passed on.
    #[must_use]
    pub const fn malformed(&self) -> u64 {
        self.malformed
    }

    fn take_usage(&mut self, chunk: &Chunk<'_>) {
        let Some(bytes) = chunk.usage else { return };
        let Some(usage) = read_usage(bytes).transpose() else {
            return;
        };
        self.usage = Some(usage);
        self.usage_is_final = chunk.choices == 0 || self.is_finished();
    }
}

impl StreamMeter for ChatStream {
    fn event(&mut self, event: &Event) -> Verdict {
        let Some(data) = event.data() else {
            return Verdict::Forward;
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.done = true;
            return Verdict::Terminal;
        }
        let is_error = event.name() == Some(b"error");
        if !is_error && self.repeat.take(data, &mut self.delivered) {
            return Verdict::Forward;
        }
        let Ok(chunk) = Chunk::read(&mut Reader::without_utf8_check(data)) else {
            self.malformed = self.malformed.saturating_add(1);
            return if is_error { Verdict::Error } else { Verdict::Forward };
        };
        if chunk.tells_only_text() {
            self.repeat.learn(data, || {
                place::of_text(data).filter(|(part, place)| {
                    let size = TextSize::of(place.of(data));
                    chunk.delivered == Delivered::only(*part, size)
                })
            });
        }
        self.delivered.add(&chunk.delivered);
        self.finished = self.finished.saturating_add(u64::from(chunk.finished));
        self.finish_reason = chunk.finish_reason.or(self.finish_reason);
        self.take_usage(&chunk);
        if chunk.error.is_some() || is_error {
            Verdict::Error
        } else if self.we_asked && chunk.usage.is_some() && chunk.choices == 0 {
            Verdict::Drop
        } else {
            Verdict::Forward
        }
    }

    fn usage(&self) -> Result<Option<Usage>, AbsurdUsage> {
        self.usage.transpose()
    }

    /// It came without choices, came when every answer had ended, or the stream is done.
    fn usage_is_final(&self) -> bool {
        self.usage.is_some() && (self.usage_is_final || self.done)
    }

    fn delivered(&self) -> &Delivered {
        &self.delivered
    }

    /// Every answer ended.
    fn is_finished(&self) -> bool {
        self.finished >= self.choices
    }

    /// `[DONE]` came.
    fn is_done(&self) -> bool {
        self.done
    }
}
