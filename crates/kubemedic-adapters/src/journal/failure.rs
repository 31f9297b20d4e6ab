//! Database errors in the journal's words, each with the way out.

use kubemedic_ports::journal::JournalError;

/// SQLite's primary result codes that mean the file itself is damaged (SQLITE_CORRUPT, SQLITE_NOTADB).
const DAMAGED: [i32; 2] = [11, 26];

/// What the other primary result codes mean for a person, and the way out (https://sqlite.org/rescode.html).
const ADVICE: [(i32, &str); 6] = [
    (5, "another program holds its lock: stop it"),
    (6, "another program holds its lock: stop it"),
    (
        8,
        "it cannot be written: make DATA_DIR writable; work then goes on by itself",
    ),
    (
        10,
        "DATA_DIR cannot be written: look for free space, limits of file size and the disk's health; work then goes on by itself",
    ),
    (
        13,
        "the disk of DATA_DIR is full: make room; work then goes on by itself",
    ),
    (
        14,
        "the file cannot be opened: look whether DATA_DIR is there and writable",
    ),
];

/// The primary result code of a database error: the low byte of an extended one.
fn code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(database) = error else {
        return None;
    };
    let code: i32 = database.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Tells a database error in the journal's words.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(super) fn failed(error: sqlx::Error) -> JournalError {
    let code = code(&error);
    if code.is_some_and(|code| DAMAGED.contains(&code)) {
        return JournalError::Corrupt {
            reason: error.to_string(),
        };
    }
    let advice = ADVICE.iter().find(|(of, _)| Some(*of) == code);
    let reason = match advice {
        Some((_, advice)) => format!("{advice} ({error})"),
        None => error.to_string(),
    };
    JournalError::Unavailable { reason }
}

/// Tells a broken unique key as a duplicate, any other error as it is.
pub(super) fn duplicate_or(what: impl FnOnce() -> String) -> impl FnOnce(sqlx::Error) -> JournalError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => {
            JournalError::Duplicate { what: what() }
        }
        _ => failed(error),
    }
}
