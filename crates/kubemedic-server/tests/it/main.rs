//! The edge through its real routers: every status, every fixed text, every guard.

mod approvals;
mod documents;
mod feedback;
mod fetchlogs;
mod guards;
mod pages;
mod service;
mod start;
mod stream;
mod webhook;
mod world;
