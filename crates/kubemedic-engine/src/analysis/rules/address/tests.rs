//! Which addresses are wrong, and which only look so.
