//! Stopping while work is under way.

use std::sync::mpsc;

use super::*;

#[tokio::test(start_paused = true)]
async fn work_that_outlasts_the_stop_is_given_up_and_not_called_a_panic() {
    let scope = Scope::new();
    let (release, released) = mpsc::channel::<()>();
    let work = scope.compute(move || released.recv().is_ok());
    let stop = async {
        scope.shut_down().await;
        // Blocking work holds the paused clock still: it passes only by hand.
        loop {
            tokio::time::advance(COMPUTE_GRACE).await;
            tokio::task::yield_now().await;
        }
    };
    let worked = tokio::select! {
        worked = work => worked,
        () = stop => unreachable!("time passes without end"),
    };
    assert_eq!(worked, Err(Unfinished::Stopping));
    drop(release);
}

#[tokio::test]
async fn work_that_panics_says_so() {
    let worked = Scope::new().compute(|| assert_eq!(1, 2)).await;
    assert!(matches!(worked, Err(Unfinished::Panicked(_))), "{worked:?}");
}
