//! Embedders against doubles of their servers and models made by hand.
