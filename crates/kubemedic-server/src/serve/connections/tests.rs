//! Who gives way to whom.

use super::*;

fn granted(connections: &Arc<Connections>) -> Arc<Ticket> {
    match connections.admit() {
        Admission::Granted(ticket) => ticket,
        Admission::Full => panic!("full"),
    }
}

#[test]
fn the_connection_that_waited_longest_makes_room_and_one_at_work_never_does() {
    let connections = Arc::new(Connections::new(2));
    let (first, second) = (granted(&connections), granted(&connections));
    let at_work = first.work();
    let third = granted(&connections);
    assert!(second.eviction.is_cancelled() && !first.eviction.is_cancelled());
    let third_at_work = third.work();
    assert!(matches!(connections.admit(), Admission::Full));
    // A connection that has answered waits again, the other is still at work.
    drop(third_at_work);
    let fourth = granted(&connections);
    assert!(third.eviction.is_cancelled() && !fourth.eviction.is_cancelled());
    drop((at_work, first, second, third, fourth));
    let inner = connections.inner();
    assert_eq!((inner.open, inner.waiting.len()), (0, 0));
}

#[test]
fn a_connection_that_ends_gives_its_place_back() {
    let connections = Arc::new(Connections::new(1));
    for _ in 0..3 {
        let ticket = granted(&connections);
        let at_work = ticket.work();
        assert!(matches!(connections.admit(), Admission::Full));
        drop((at_work, ticket));
    }
}
