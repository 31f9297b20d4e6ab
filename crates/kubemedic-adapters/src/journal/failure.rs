//! Database errors in the journal's words.

use kubemedic_ports::journal::JournalError;

/// SQLite's primary result codes that mean the file itself is damaged (SQLITE_CORRUPT, SQLITE_NOTADB).
const DAMAGED: [i32; 2] = [11, 26];

/// Tells a database error in the journal's words.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(super) fn failed(error: sqlx::Error) -> JournalError {
    let code = match &error {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse::<i32>().ok()),
        _ => None,
    };
    // The low byte of an extended result code is the primary one (https://sqlite.org/rescode.html).
    if code.is_some_and(|code| DAMAGED.contains(&(code & 0xff))) {
        return JournalError::Corrupt {
            reason: error.to_string(),
        };
    }
    JournalError::Unavailable {
        reason: error.to_string(),
    }
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
