//! Which claims about DNS survive the current objects.
