//! A server that wants a certificate of its clients. Authority, certificates and keys were made for this test alone.

use std::{io, path::Path};

use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::*;

fn file(name: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tls")).join(name)
}

/// A server that answers every request of a client with a certificate as an OpenSearch without indices.
async fn server() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(file("ca.pem")).unwrap())
        .unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    #[expect(clippy::disallowed_methods, reason = "a test's own server")]
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let _ = answer(&acceptor, connection).await;
        }
    });
    url
}

async fn answer(acceptor: &TlsAcceptor, connection: TcpStream) -> io::Result<()> {
    let mut stream = acceptor.accept(connection).await?;
    let mut request = [0; 4096];
    let read = stream.read(&mut request).await?;
    let body = if request[..read].starts_with(b"GET / ") {
        r#"{"version":{"number":"3.1.0","distribution":"opensearch"}}"#
    } else {
        r#"{"indices":[],"fields":{}}"#
    };
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn a_client_certificate_opens_the_door_and_only_the_named_authority_is_trusted() {
    let url = server().await;
    let with_certificate = Connection {
        ca_file: Some(file("ca.pem")),
        identity: Some((file("client.pem"), file("client.key"))),
        ..connection(&url)
    };
    let told = source_with(&with_certificate, "").check().await.unwrap();
    assert!(told.contains("OpenSearch 3.1.0"), "{told}");

    let without_certificate = Connection {
        identity: None,
        ..with_certificate.clone()
    };
    assert!(source_with(&without_certificate, "").check().await.is_err());
    let without_authority = Connection {
        ca_file: None,
        ..with_certificate
    };
    let told = source_with(&without_authority, "").check().await.unwrap_err();
    assert!(told.to_string().contains("certificate"), "{told}");
}

#[test]
fn a_key_that_is_none_is_told_without_its_text() {
    let wrong = Connection {
        identity: Some((file("client.pem"), file("ca.pem"))),
        ..connection("https://host")
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let told = Elasticsearch::new(&wrong, "", "", Arc::new(ManualClock::default())).unwrap_err();
    assert!(
        told.to_string()
            .ends_with("it and the key beside it are no PEM certificate and key"),
        "{told}"
    );
}
