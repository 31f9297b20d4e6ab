//! Tests of whose log a part is.

use kubemedic_model::resource::Kind;

use super::{
    super::fixtures::{pod, shop},
    Speakers,
};

#[test]
fn a_log_keyed_by_a_workload_is_that_of_its_troubled_pod() {
    let mut ill = pod("cart");
    ill.meta.name = "cart-6d8c9b7f54-9xzqw".to_owned();
    ill.ready = Some((0, 1));
    let speakers = Speakers::new(&shop(vec![pod("cart"), ill, pod("mail")]));
    let name = |part| {
        speakers
            .of_part(part)
            .map(|it| (it.kind.clone(), it.name.as_str()))
    };
    let troubled = Some((Kind::Pod, "cart-6d8c9b7f54-9xzqw"));
    assert_eq!(name("logs[cart]"), troubled);
    assert_eq!(name("logs[cart.previous]"), troubled);
    assert_eq!(name("logs[other]"), None);
    assert_eq!(name("cart"), None);
}
