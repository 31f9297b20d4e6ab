//! What the rules of this family claim, and what they leave alone.
