//! A reader that stops is given up after the limit, one that is slow is not.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_given_up_after_the_limit() {
    let (ours, _theirs) = duplex(16);
    let mut io = ImpatientIo::new(ours, PATIENCE);
    let begun = tokio::time::Instant::now();
    let error = io.write_all(&[0; 17]).await.unwrap_err();
    assert_eq!(
        (error.kind(), begun.elapsed()),
        (io::ErrorKind::TimedOut, PATIENCE)
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_a_little_in_time_gets_everything() {
    let (ours, mut theirs) = duplex(16);
    let reading = async move {
        let mut read = Vec::new();
        while read.len() < 64 {
            sleep(PATIENCE / 2).await;
            read.push(theirs.read_u8().await.unwrap());
        }
        read
    };
    let mut io = ImpatientIo::new(ours, PATIENCE);
    let (written, read) = tokio::join!(io.write_all(&[7; 64]), reading);
    written.unwrap();
    assert_eq!(read, [7; 64]);
}
