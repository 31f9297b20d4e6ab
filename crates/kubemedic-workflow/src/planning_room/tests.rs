//! Many small inputs at a time, few large ones.

use super::*;

async fn enter(room: &PlanningRoom, bytes: usize) -> Option<OwnedSemaphorePermit> {
    let read = async { Ok::<_, ()>(Some(WorkflowInput::Text("x".repeat(bytes)))) };
    room.enter(read).await.unwrap().unwrap().1
}

#[tokio::test]
async fn small_inputs_share_the_room_that_a_large_one_fills() {
    let room = PlanningRoom::new(1);
    let mut small = Vec::new();
    for _ in 0..100 {
        small.push(enter(&room, 10_000).await);
    }
    let large = enter(&room, 33 << 20);
    tokio::pin!(large);
    assert!(futures_util::poll!(large.as_mut()).is_pending());
    drop(small);
    let large = large.await;
    let late = enter(&room, 1);
    tokio::pin!(late);
    assert!(futures_util::poll!(late.as_mut()).is_pending());
    drop(large);
    assert!(late.await.is_some());
}

#[test]
fn the_size_of_an_evidence_object_is_that_of_its_json() {
    let json = r#"{"logs":"twelve bytes"}"#;
    let evidence = WorkflowInput::Evidence(Box::new(serde_json::from_str(json).unwrap()));
    assert!(size(&evidence) >= json.len());
    assert_eq!(size(&WorkflowInput::Text("12345".into())), 5);
}
