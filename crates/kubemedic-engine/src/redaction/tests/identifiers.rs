//! What must survive: identifiers, references, counts, placeholders.

use super::redacted;

#[test]
fn identifiers_references_and_placeholders_stay() {
    let kept = [
        "pod=checkout-api-7d9c6b5f4-x2x9z namespace=prod uid=0b6f7c1e-7a51-4e0f-9f3e-0d6a2b7c8e11",
        "image: registry.local/app@sha256:4283fefc63f0cd0e873a0000c6d07ef7b77e90d3593ad699fc1f7cd5bb2e35cb",
        "Container ID:  containerd://14fd9bcb6988f4b4c1282f6e918a0fdddbf6dc9325abdc3c1d637fc5473bae5c",
        "commit 3c8f9ad0c25c3e7f5b1f6f1a6f0d2f2a8c7e9b10 trace_id=531219f139bb76865a8ab1265ce60ecc span_id=bbf0821cdbc59629",
        "      DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
        "        secretKeyRef:\n          name: db-credentials\n          key: password",
        "max_tokens=8192 completion_tokens=512 tokens: 512 token_count=77",
        "password: <nil>, token: null, secret: \"\"",
        "Error: secret \"db-password-9xk2l\" not found",
        "couldn't find key password in Secret prod/db-credentials",
        "serviceAccountName: default-token-reader automountServiceAccountToken: false",
        "DB_PASSWORD=${DB_PASSWORD} API_TOKEN=$(API_TOKEN) key={{ .Values.apiKey }}",
        "FATAL: password authentication failed for user \"app\"",
        "error: password: must not be empty for user app",
        "volume kube-api-access-5x7kq, secret=\"prod/registry-credentials\" imagePullSecrets: regcred",
        "checksum/secret: 91698d650f14cb16d975073006b99c6127003a8a16706f0a60178d3b44bf2b0e",
        "cpu: 250m memory: 512Mi ephemeral-storage: 2Gi key=2fa31a6c06e407fbadcbd5f4174a60dc",
        "Type:  kubernetes.io/tls\nData\n====\ntls.crt:  1099 bytes\npassword:  8 bytes",
        "invalid bearer token, service account token has expired",
        "tokenExpirationSeconds: 3607 secretName: db-tls passwordFile: /run/secrets/pw",
        "http://web.prod.svc:8080/healthz user@example.com",
        "unexpected token: identifier at line 3, nextPageToken: eHh4eHh4eDEyMw",
        "TTY=pts/6 ; PWD=/srv/app/build ; USER=root",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQm9n\n-----END CERTIFICATE-----",
    ];
    for text in kept {
        assert_eq!(redacted(text), text);
    }
}
