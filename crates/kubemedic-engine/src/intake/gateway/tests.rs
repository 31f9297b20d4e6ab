//! Which routes configurations of gateways tell.

use super::*;

/// Id, path, host and port.
type Told = (Option<String>, Option<String>, String, Option<u16>);

fn told(text: &str) -> Vec<Told> {
    let meta = Meta {
        name: "edge".to_owned(),
        ..Meta::default()
    };
    let routes = routes(&meta, text).into_iter();
    routes.map(|it| (it.id, it.path, it.host, it.port)).collect()
}

fn route(id: Option<&str>, path: &str, host: &str, port: Option<u16>) -> Told {
    (
        id.map(str::to_owned),
        Some(path.to_owned()),
        host.to_owned(),
        port,
    )
}

#[test]
fn spring_routes_are_read_from_yaml() {
    let text = "spring:\n  cloud:\n    gateway:\n      routes:\n        - id: billing\n          uri: lb://${BILLING_HOST:billing-svc}\n          predicates:\n            - Path=/api/billing/**\n        - id: media\n          uri: http://media:9000\n          predicates:\n            - Path=/media/**,/m/**\n";
    assert_eq!(
        told(text),
        vec![
            route(Some("billing"), "/api/billing/**", "billing-svc", None),
            route(Some("media"), "/media/**", "media", Some(9000)),
        ]
    );
}

#[test]
fn spring_routes_are_read_from_properties() {
    let text = "spring.cloud.gateway.routes[0].id=billing\nspring.cloud.gateway.routes[0].uri=http://billing:8080\nspring.cloud.gateway.routes[0].predicates[0]=Path=/billing/**\nspring.cloud.gateway.routes[1].uri=lb://media\n";
    assert_eq!(
        told(text),
        vec![
            route(Some("billing"), "/billing/**", "billing", Some(8080)),
            (None, None, "media".to_owned(), None),
        ]
    );
}

#[test]
fn nginx_locations_are_followed_through_their_upstreams() {
    let text = "upstream store {\n  server catalog:3550;\n}\nserver {\n  listen 80;\n  location ^~ /catalog/ {\n    proxy_pass http://store/;\n  }\n  location /cart {\n    proxy_pass http://cart.shop.svc:7070;\n  }\n}\n";
    assert_eq!(
        told(text),
        vec![
            route(None, "/catalog/", "catalog", Some(3550)),
            route(None, "/cart", "cart.shop.svc", Some(7070)),
        ]
    );
}

#[test]
fn a_configuration_without_routes_tells_none() {
    assert_eq!(told("server:\n  port: 8080\nuri: none\n"), vec![]);
    assert_eq!(told("routes and uri in a sentence"), vec![]);
}
