//! OpenAI's older routes: `POST /v1/completions` (JSON and SSE) and `POST /v1/embeddings`.

mod completions;
mod embeddings;

pub(super) use completions::{
    check as check_completion, json_steps as completion_steps, read as read_completion,
    stream_steps as completion_stream,
};
pub(super) use embeddings::{
    check as check_embeddings, json_steps as embeddings_steps, read as read_embeddings,
};

use super::seal::fnv;

/// A unit vector that is always the same for a text.
pub(super) fn vector(text: &str, size: u64) -> Vec<f32> {
    // The hash's upper bits, as a number from -1 to 1.
    let number = |index: u64| {
        let hash = fnv(&[text, &index.to_string()]);
        f32::from(u16::try_from(hash >> 48).unwrap_or(u16::MAX)) / 32_768.0 - 1.0
    };
    let numbers: Vec<f32> = (0..size.min(16_384)).map(number).collect();
    let length = numbers.iter().map(|it| it * it).sum::<f32>().sqrt();
    numbers.iter().map(|it| if length > 0.0 { it / length } else { 0.0 }).collect()
}
