//! Files and folders below one folder as a log source.
