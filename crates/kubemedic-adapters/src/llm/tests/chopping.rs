//! However a stream is chopped into pieces, it says the same.

use kubemedic_ports::chat_model::{ChatError, ChatReply, Delta, OnDelta};
use proptest::prelude::*;

use super::{
    super::{
        anthropic::AnthropicWire,
        frames::Framing,
        gemini::GeminiWire,
        ollama::OllamaWire,
        openai::OpenAiWire,
        reading::Reading,
        remote::{Answer, Progress, Wire},
    },
    golden_file,
};

type Read = (Result<ChatReply, ChatError>, String, String);

/// Reads a stream in pieces of these sizes, around and around.
fn read<A: Answer>(framing: Framing, bytes: &[u8], sizes: &[usize]) -> Read {
    let (mut text, mut thoughts) = (String::new(), String::new());
    let mut hear = |delta| match delta {
        Delta::Text(piece) => text.push_str(&piece),
        Delta::Reasoning(piece) => thoughts.push_str(&piece),
        Delta::Restart => panic!("a wire never begins anew"),
    };
    let reply = read_with::<A>(framing, bytes, sizes, &mut hear);
    (reply, text, thoughts)
}

fn read_with<A: Answer>(
    framing: Framing,
    mut bytes: &[u8],
    sizes: &[usize],
    mut hear: OnDelta<'_>,
) -> Result<ChatReply, ChatError> {
    let mut reading = Reading::<A>::new(framing);
    for size in sizes.iter().cycle() {
        let (piece, rest) = bytes.split_at(bytes.len().min(*size));
        if piece.is_empty() {
            break;
        }
        if reading.push(piece, &mut hear)? == Progress::Done {
            return reading.done();
        }
        bytes = rest;
    }
    reading.closed(&mut hear)
}

fn wire<W: Wire>(name: &str, sizes: &[usize], change: fn(String) -> String) -> (Read, Read) {
    let stream = golden_file(name);
    let whole = read::<W::Answer>(W::FRAMING, stream.as_bytes(), &[usize::MAX]);
    let changed = change(stream);
    (whole, read::<W::Answer>(W::FRAMING, changed.as_bytes(), sizes))
}

/// The golden streams, by number.
fn golden(number: usize, sizes: &[usize], change: fn(String) -> String) -> (Read, Read) {
    match number {
        0 => wire::<GeminiWire>("gemini-thoughts-and-call.sse", sizes, change),
        1 => wire::<GeminiWire>("gemini-error-array-in-stream.sse", sizes, change),
        2 => wire::<GeminiWire>("gemini-cut.sse", sizes, change),
        3 => wire::<OpenAiWire>("openai-call-in-pieces.sse", sizes, change),
        4 => wire::<OpenAiWire>("openai-error-in-stream.sse", sizes, change),
        5 => wire::<AnthropicWire>("anthropic-thinking-and-tool.sse", sizes, change),
        6 => wire::<AnthropicWire>("anthropic-without-message-stop.sse", sizes, change),
        7 => wire::<OllamaWire>("ollama-thinking-and-call.ndjson", sizes, change),
        _ => wire::<OllamaWire>("ollama-error.ndjson", sizes, change),
    }
}

/// Ends of lines and marks of order that mean the same.
const CHANGES: [fn(String) -> String; 4] = [
    |it| it,
    |it| it.replace('\n', "\r\n"),
    |it| it.replace('\n', "\r"),
    |it| format!("\u{feff}{it}"),
];

/// A stream whose bytes from a certain place on are missing.
fn cut_stream<W: Wire>(name: &str, end_mark: &str, thousandths: usize) -> Read {
    let whole = golden_file(name);
    let kept = whole.rfind(end_mark).unwrap() * thousandths / 1000;
    read::<W::Answer>(W::FRAMING, &whole.as_bytes()[..kept], &[64])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_chopping_and_any_end_of_line_gives_the_same_answer(
        number in 0..9_usize,
        sizes in proptest::collection::vec(1..40_usize, 1..20),
        change in 0..CHANGES.len(),
    ) {
        let (whole, chopped) = golden(number, &sizes, CHANGES[change]);
        prop_assert_eq!(whole, chopped);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic_and_are_no_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        sizes in proptest::collection::vec(1..40_usize, 1..20),
    ) {
        let gemini = read::<<GeminiWire as Wire>::Answer>(Framing::Events, &bytes, &sizes);
        let ollama = read::<<OllamaWire as Wire>::Answer>(Framing::Lines, &bytes, &sizes);
        prop_assert!(gemini.0.is_err() && ollama.0.is_err());
    }

    #[test]
    fn a_stream_that_loses_its_end_is_never_an_answer(thousandths in 0..1000_usize) {
        for (reply, ..) in [
            cut_stream::<GeminiWire>("gemini-thoughts-and-call.sse", "finishReason", thousandths),
            cut_stream::<OpenAiWire>("openai-call-in-pieces.sse", "finish_reason\":\"tool_calls", thousandths),
            cut_stream::<AnthropicWire>("anthropic-thinking-and-tool.sse", "message_stop\"}", thousandths),
            cut_stream::<OllamaWire>("ollama-thinking-and-call.ndjson", "\"eval_count\"", thousandths),
        ] {
            prop_assert!(reply.is_err());
        }
    }
}
