//! The testkit keeps the contracts that it tests.

use kubemedic_testkit::{journal_contract::journal_contract, memory_journal::MemoryJournal};

#[tokio::test]
async fn the_journal_in_memory_keeps_the_journals_contract() {
    journal_contract(|| async { MemoryJournal::new() }).await;
}
