//! What the input of a request holds: how much text, and what else than text.

use crate::json::Text;

use super::field::raw_bytes;

/// What the input holds, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Content {
    /// How many messages there are, or items, turns, prompts, texts to embed.
    pub messages: u64,
    /// Bytes of text as written in the body, escapes and all: messages, the system prompt, prompts.
    pub text_bytes: u64,
    /// Input that is given as tokens rather than text.
    pub token_ids: u64,
    /// Image parts.
    pub images: u64,
    /// Bytes in the body of images that are given inline.
    pub inline_image_bytes: u64,
    /// Parts with audio as input.
    pub audio_parts: u64,
    /// Bytes in the body of audio that is given inline.
    pub inline_audio_bytes: u64,
    /// References to audio of an earlier answer, which is not in the body.
    pub audio_references: u64,
    /// Files given by an id or a URL.
    pub files_by_id: u64,
    /// Files given inline.
    pub inline_files: u64,
    /// Bytes in the body of files that are given inline.
    pub inline_file_bytes: u64,
    /// Input that the provider keeps: earlier answers, conversations, prompts, caches.
    pub stored_inputs: u64,
    /// Parts of a type that is not known here (video, documents of other vendors).
    pub other_parts: u64,
}

impl Content {
    pub(super) const NONE: Self = Self {
        messages: 0,
        text_bytes: 0,
        token_ids: 0,
        images: 0,
        inline_image_bytes: 0,
        audio_parts: 0,
        inline_audio_bytes: 0,
        audio_references: 0,
        files_by_id: 0,
        inline_files: 0,
        inline_file_bytes: 0,
        stored_inputs: 0,
        other_parts: 0,
    };

    pub(super) fn text(&mut self, text: &Text<'_>) {
        self.text_bytes += raw_bytes(text);
    }

    pub(super) const fn image(&mut self, inline_bytes: u64) {
        self.images += 1;
        self.inline_image_bytes += inline_bytes;
    }

    pub(super) const fn audio(&mut self, inline_bytes: u64) {
        self.audio_parts += 1;
        self.inline_audio_bytes += inline_bytes;
    }

    pub(super) const fn inline_file(&mut self, bytes: u64) {
        self.inline_files += 1;
        self.inline_file_bytes += bytes;
    }
}
