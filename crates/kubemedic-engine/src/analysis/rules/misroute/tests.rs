//! Which routes of gateways lead wrongly.

use kubemedic_model::snapshot::ClusterSnapshot;

use super::*;
use crate::analysis::fixtures::{NAMESPACE, service, shop};

/// Services `web-orders`, `web-stock`, `web-users`, `web-media` behind a gateway with these routes.
fn with(routes: &[(&str, &str)]) -> ClusterSnapshot {
    let mut snapshot = shop(Vec::new());
    let names = ["web-orders", "web-stock", "web-users", "web-media"];
    snapshot.services = names.into_iter().map(service).collect();
    let route = |(id, host): &(&str, &str)| GatewayRoute {
        config: "edge".to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        id: Some((*id).to_owned()),
        path: Some(format!("/api/{id}/**")),
        host: (*host).to_owned(),
        ..GatewayRoute::default()
    };
    snapshot.gateway_routes = routes.iter().map(route).collect();
    snapshot
}

/// The Services that get no traffic, with how surely.
fn cut_off(snapshot: &ClusterSnapshot) -> Vec<(String, f64)> {
    let mut claims = Claims::default();
    claim(&View::new(snapshot), &mut claims);
    let live = claims.live.into_iter();
    live.map(|it| (it.object.map(|it| it.name).unwrap_or_default(), it.likelihood))
        .collect()
}

#[test]
fn a_route_to_another_one_s_service_cuts_its_own_off() {
    let routes = [
        ("orders", "web-stock"),
        ("stock", "web-stock"),
        ("users", "web-users"),
    ];
    assert_eq!(cut_off(&with(&routes)), vec![("web-orders".to_owned(), 0.94)]);
}

#[test]
fn a_route_to_no_service_cuts_its_own_off() {
    let routes = [("orders", "web-nowhere"), ("stock", "web-stock")];
    assert_eq!(cut_off(&with(&routes)), vec![("web-orders".to_owned(), 0.95)]);
}

#[test]
fn a_path_of_an_nginx_names_its_service_too() {
    let mut snapshot = with(&[("orders", "web-stock"), ("stock", "web-stock")]);
    for route in &mut snapshot.gateway_routes {
        route.id = None;
    }
    assert_eq!(cut_off(&snapshot), vec![("web-orders".to_owned(), 0.94)]);
}

#[test]
fn right_routes_several_paths_and_outside_hosts_raise_nothing() {
    for routes in [
        &[("orders", "web-orders"), ("stock", "web-stock")][..],
        &[("accounts", "web-users"), ("users", "web-users")][..],
        &[("orders", "api.example.com"), ("stock", "web-stock.shop.svc")][..],
        // A Service that took over the work of others has more than one route besides its own.
        &[
            ("orders", "web-media"),
            ("stock", "web-media"),
            ("media", "web-media"),
        ][..],
    ] {
        assert_eq!(cut_off(&with(routes)), vec![], "{routes:?}");
    }
}

#[test]
fn a_route_to_an_optional_service_that_is_not_there_is_only_possible() {
    let found = cut_off(&with(&[("ads", "web-ads")]));
    assert_eq!(found, vec![("edge".to_owned(), LATENT)]);
}
