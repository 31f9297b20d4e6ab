//! What stands between the severity and the message of a line: process, thread, request. It varies from line to line of
//! one statement, so it is no part of the message; the logger is.

/// The most columns that are taken off.
const MAX_COLUMNS: usize = 6;
/// The longest column in brackets, in bytes.
const MAX_COLUMN_BYTES: usize = 200;

/// The columns before a message, and the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::intake) struct Lead<'a> {
    /// The thread, process or request.
    pub(super) thread: Option<&'a str>,
    /// The logger, where the message does not begin with it.
    pub(super) logger: Option<&'a str>,
    /// What follows.
    pub(super) message: &'a str,
}

/// Takes the columns off what follows a severity.
pub(super) fn strip(after: &str) -> Lead<'_> {
    let mut lead = Lead {
        message: after,
        ..Lead::default()
    };
    let mut all_brackets = false;
    for _ in 0..MAX_COLUMNS {
        let rest = lead.message;
        let step = match rest.as_bytes().first() {
            Some(b'[') => bracket(rest, all_brackets),
            Some(b'(') => servlet_thread(rest),
            Some(b'<') => erlang_process(rest),
            Some(b'0'..=b'9') => spring_process(rest).inspect(|_| all_brackets = true),
            Some(b'T') => rust_thread(rest),
            Some(b'a'..=b'z') => openstack_request(rest),
            _ => None,
        };
        let Some(step) = step.filter(|step| !step.message.is_empty()) else {
            break;
        };
        lead = Lead {
            thread: lead.thread.or(step.thread),
            logger: lead.logger.or(step.logger),
            message: step.message,
        };
        if step.logger.is_some() {
            break;
        }
    }
    lead
}

/// Takes off the rest of a bracket that opened before the severity: `shop::cart] message`.
pub(super) fn close(rest: &str) -> Lead<'_> {
    let closed = rest.split_once(']').filter(|(column, message)| {
        column.len() <= MAX_COLUMN_BYTES && !column.contains('[') && !message.trim().is_empty()
    });
    let Some((column, message)) = closed else {
        return strip(rest);
    };
    let column = column.trim();
    let lead = strip(message.trim_start());
    if is_thread(column) {
        return Lead {
            thread: Some(column),
            ..lead
        };
    }
    Lead {
        logger: Some(column).filter(|column| !column.is_empty()).or(lead.logger),
        ..lead
    }
}

/// A column in square brackets that names a thread, a process or a place in the code.
fn bracket(rest: &str, always: bool) -> Option<Lead<'_>> {
    let (content, next) = bracketed(rest)?;
    let next = next.trim_start();
    let padded = content.ends_with("  ") && !content.contains('.') && next.starts_with('[');
    let content = content.trim();
    if let Some(message) = next.strip_prefix("- ").filter(|_| ends_with_line(content)) {
        let logger = content.rsplit(':').next().unwrap_or(content);
        return Some(Lead {
            thread: content
                .strip_suffix(logger)
                .map(|thread| thread.trim_end_matches(':')),
            logger: Some(logger),
            message,
        });
    }
    let thread =
        always || padded || is_thread(content) || (!content.contains(['.', '=', '/']) && names_logger(next));
    thread.then_some(Lead {
        thread: Some(content),
        logger: None,
        message: next,
    })
}

/// The content of a bracket, which may hold others, and what follows it.
pub(super) fn bracketed(rest: &str) -> Option<(&str, &str)> {
    let mut depth = 0_u32;
    for (at, byte) in rest.bytes().enumerate().take(MAX_COLUMN_BYTES) {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some((rest.get(1..at)?, rest.get(at + 1..)?));
        }
    }
    None
}

/// `FastLeaderElection@774`: a class and its line.
fn ends_with_line(content: &str) -> bool {
    content
        .rsplit_once('@')
        .is_some_and(|(_, line)| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a name is that of a thread or process: `main`, `pool-1-thread-9`, `606918`, `pid 17:tid 1397`.
fn is_thread(name: &str) -> bool {
    if name == "main" || name.starts_with("pid ") {
        return true;
    }
    if name.is_empty() || name.contains(['=', '/', ':']) {
        return false;
    }
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if word.is_empty() {
        return true;
    }
    name.contains("Thread")
        || (word.len() < name.len()
            && word.ends_with(['-', '#', '_'])
            && word.bytes().any(|b| b.is_ascii_lowercase()))
}

/// Whether a text begins with a logger: a dotted path or a class, with the mark that ends it.
fn names_logger(text: &str) -> bool {
    let word = text.split([' ', ':']).next().unwrap_or("");
    let rest = text.get(word.len()..).unwrap_or("");
    let dots = word.bytes().filter(|b| *b == b'.').count();
    let is_path = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$' | b'-'));
    let after = rest.trim_start();
    let marked = rest.starts_with(": ") || after.starts_with(": ") || after.starts_with("- ");
    let class = dots > 0 || word.starts_with(|c: char| c.is_ascii_uppercase());
    is_path && (dots > 1 || (marked && class))
}

/// `(main)` of a thread where a logger follows.
fn servlet_thread(rest: &str) -> Option<Lead<'_>> {
    let (name, next) = rest.strip_prefix('(')?.split_once(") ")?;
    (is_thread(name) && names_logger(next)).then_some(Lead {
        thread: Some(name),
        logger: None,
        message: next,
    })
}

/// `<0.712.0> `.
fn erlang_process(rest: &str) -> Option<Lead<'_>> {
    let (process, next) = rest.strip_prefix('<')?.split_once("> ")?;
    let is_process = process.len() < 24 && process.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_process.then_some(Lead {
        thread: Some(process),
        logger: None,
        message: next,
    })
}

/// `93 --- `, after which Spring Boot writes application, thread and trace in brackets.
fn spring_process(rest: &str) -> Option<Lead<'_>> {
    let (process, next) = rest.split_once(" --- ")?;
    process.bytes().all(|b| b.is_ascii_digit()).then_some(Lead {
        thread: None,
        logger: None,
        message: next.trim_start(),
    })
}

/// `ThreadId(01) `.
fn rust_thread(rest: &str) -> Option<Lead<'_>> {
    let (thread, next) = rest.strip_prefix("ThreadId(")?.split_once(") ")?;
    Some(Lead {
        thread: Some(thread),
        logger: None,
        message: next,
    })
}

/// `nova.compute.manager [req-3810 - - - - -] `.
fn openstack_request(rest: &str) -> Option<Lead<'_>> {
    let (logger, next) = rest.split_once(' ')?;
    if !logger.contains('.') || !(next.starts_with("[req-") || next.starts_with("[-] ")) {
        return None;
    }
    let (request, message) = bracketed(next)?;
    Some(Lead {
        thread: Some(request),
        logger: Some(logger),
        message: message.trim_start(),
    })
}

#[cfg(test)]
mod tests;
