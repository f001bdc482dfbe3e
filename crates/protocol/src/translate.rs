//! A call between two dialects: its request on the way up, its answer on the way down.

use domain::dialect::Dialect;
use std::sync::Arc;

use crate::canonical::{
    Answer, AnswerEvent, Asked, Losses, Request, ToolNames, Untranslatable, UpstreamFailure,
};
use crate::edit::MaximumName;
use crate::sse::Event;
use crate::{anthropic_messages, gemini, openai_chat, openai_responses};

/// What the address says of a request, in the dialect that says it there.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// The model.
    pub model: &'a str,
    /// Whether a stream is wanted.
    pub stream: bool,
}

/// Reads a request in the caller's dialect.
///
/// # Errors
/// It has a part that no other dialect can express.
pub fn read_request(
    dialect: Dialect,
    body: &[u8],
    address: Address<'_>,
) -> Result<(Request, Losses), Untranslatable> {
    match dialect {
        Dialect::Chat => openai_chat::read_request(body),
        Dialect::Responses => openai_responses::read_request::read_request(body),
        Dialect::Messages => anthropic_messages::read_request::read_request(body),
        Dialect::Gemini => gemini::read_request(body, address.model, address.stream),
    }
}

/// How the upstream is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Upstream<'a> {
    /// Its dialect.
    pub dialect: Dialect,
    /// Its name for the model.
    pub model: &'a str,
    /// The most output where the caller names none and the dialect wants a number.
    pub most_output: u64,
    /// What a chat upstream calls the output maximum.
    pub maximum: MaximumName,
}

/// A request that was written for an upstream of another dialect, and the way back.
#[derive(Debug, Clone)]
pub struct Translation {
    /// The caller's dialect.
    pub from: Dialect,
    /// The upstream's dialect.
    pub to: Dialect,
    request: Arc<Request>,
    names: ToolNames,
}

impl Translation {
    /// Writes a request for an upstream: the body, what was left out, and the way back.
    ///
    /// # Errors
    /// The upstream's dialect cannot express it.
    pub fn new(
        from: Dialect,
        request: &Arc<Request>,
        upstream: Upstream<'_>,
    ) -> Result<(Self, Vec<u8>, Losses), Untranslatable> {
        let names = match upstream.dialect {
            Dialect::Chat => openai_chat::tool_names(request),
            Dialect::Responses => openai_responses::write_request::tool_names(request),
            Dialect::Messages => anthropic_messages::write_request::tool_names(request),
            Dialect::Gemini => gemini::tool_names(request),
        };
        let (model, most) = (upstream.model, upstream.most_output);
        let (body, losses) = match upstream.dialect {
            Dialect::Chat => openai_chat::write_request(request, &names, model, upstream.maximum),
            Dialect::Responses => {
                openai_responses::write_request::write_request(request, &names, model)
            }
            Dialect::Messages => {
                anthropic_messages::write_request::write_request(request, &names, model, most)
            }
            Dialect::Gemini => {
                // What a model takes is told by the upstream's name for it.
                let there = Request { model: model.to_owned(), ..Request::clone(request) };
                gemini::write_request(&there, &names)
            }
        }?;
        let request = Arc::clone(request);
        Ok((Self { from, to: upstream.dialect, request, names }, body, losses))
    }

    /// An answer in one piece, in the caller's dialect.
    ///
    /// # Errors
    /// What the upstream said when it failed.
    pub fn answer(&self, body: &[u8], call: &str, now: i64) -> Result<Vec<u8>, UpstreamFailure> {
        let answer = self.read(body)?;
        let asked = Asked { request: &self.request, call, now };
        Ok(match self.from {
            Dialect::Chat => openai_chat::write_answer(&answer, asked),
            Dialect::Responses => openai_responses::write_answer::write_answer(&answer, asked),
            Dialect::Messages => anthropic_messages::write_answer::write_answer(&answer, asked),
            Dialect::Gemini => gemini::write_answer(&answer, asked),
        })
    }

    /// An answer in one piece, as the events that the caller asked for.
    ///
    /// # Errors
    /// What the upstream said when it failed.
    pub fn answer_in_events(
        &self,
        body: &[u8],
        call: &str,
        now: i64,
    ) -> Result<Vec<u8>, UpstreamFailure> {
        let mut writer = self.writer(call, now);
        let mut out = Vec::new();
        for event in self.read(body)?.into_events() {
            writer.event(event, &mut out);
        }
        Ok(out)
    }

    /// The way back for a stream.
    #[must_use]
    pub fn stream(&self, call: &str, now: i64) -> StreamTranslation {
        let names = self.names.clone();
        let reader = match self.to {
            Dialect::Chat => Reader::Chat(openai_chat::StreamReader::new(names)),
            Dialect::Responses => {
                Reader::Responses(openai_responses::read_stream::StreamReader::new(names))
            }
            Dialect::Messages => {
                Reader::Messages(anthropic_messages::read_stream::StreamReader::new(names))
            }
            Dialect::Gemini => Reader::Gemini(gemini::read_stream::StreamReader::new(names)),
        };
        StreamTranslation { reader, writer: self.writer(call, now), events: Vec::new() }
    }

    fn read(&self, body: &[u8]) -> Result<Answer, UpstreamFailure> {
        // The client is told its own name for the model.
        let answer = match self.to {
            Dialect::Chat => openai_chat::read_answer(body, &self.names),
            Dialect::Responses => openai_responses::read_answer::read_answer(body, &self.names),
            Dialect::Messages => anthropic_messages::read_answer::read_answer(body, &self.names),
            Dialect::Gemini => gemini::read_answer(body, &self.names),
        };
        answer.map(|answer| Answer { model: None, ..answer })
    }

    fn writer(&self, call: &str, now: i64) -> Writer {
        let asked = Asked { request: &self.request, call, now };
        match self.from {
            Dialect::Chat => Writer::Chat(openai_chat::StreamWriter::new(asked)),
            Dialect::Responses => {
                Writer::Responses(openai_responses::write_stream::StreamWriter::new(asked))
            }
            Dialect::Messages => {
                Writer::Messages(anthropic_messages::write_stream::StreamWriter::new(asked))
            }
            Dialect::Gemini => Writer::Gemini(gemini::write_stream::StreamWriter::new(asked)),
        }
    }
}

/// A stream on its way back.
pub struct StreamTranslation {
    reader: Reader,
    writer: Writer,
    events: Vec<AnswerEvent>,
}

enum Reader {
    Chat(openai_chat::StreamReader),
    Responses(openai_responses::read_stream::StreamReader),
    Messages(anthropic_messages::read_stream::StreamReader),
    Gemini(gemini::read_stream::StreamReader),
}

enum Writer {
    Chat(openai_chat::StreamWriter),
    Responses(openai_responses::write_stream::StreamWriter),
    Messages(anthropic_messages::write_stream::StreamWriter),
    Gemini(gemini::write_stream::StreamWriter),
}

impl StreamTranslation {
    /// Appends what an event of the upstream's comes to.
    pub fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        match &mut self.reader {
            Reader::Chat(reader) => reader.event(event, &mut self.events),
            Reader::Responses(reader) => reader.event(event, &mut self.events),
            Reader::Messages(reader) => reader.event(event, &mut self.events),
            Reader::Gemini(reader) => reader.event(event, &mut self.events),
        }
        self.write(out);
    }

    /// Appends what remains when the upstream has ended its stream.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        match &mut self.reader {
            Reader::Chat(reader) => reader.end(&mut self.events),
            Reader::Responses(reader) => reader.end(&mut self.events),
            Reader::Messages(reader) => reader.end(&mut self.events),
            Reader::Gemini(reader) => reader.end(&mut self.events),
        }
        self.write(out);
    }

    /// The number of the next event, in the dialect that numbers them.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        match &self.writer {
            Writer::Responses(writer) => writer.next_sequence(),
            _ => 0,
        }
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        for mut event in self.events.drain(..) {
            // The client is told its own name for the model.
            if let AnswerEvent::Start { model, .. } = &mut event {
                *model = None;
            }
            self.writer.event(event, out);
        }
    }
}

impl Writer {
    fn event(&mut self, event: AnswerEvent, out: &mut Vec<u8>) {
        match self {
            Self::Chat(writer) => writer.event(event, out),
            Self::Responses(writer) => writer.event(event, out),
            Self::Messages(writer) => writer.event(event, out),
            Self::Gemini(writer) => writer.event(event, out),
        }
    }
}
