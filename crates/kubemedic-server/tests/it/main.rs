//! The edge through its real routers: every status, every fixed text, every guard.

mod world;
