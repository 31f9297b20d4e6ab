//! What shows that the scheduler does not work, and what does not.
