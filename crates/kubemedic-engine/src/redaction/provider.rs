//! Tokens that tell by their form who issued them: a literal prefix, then characters of one class.
//! The table is data; forms are from the providers' own documentation of their token formats.

use super::{
    cursor::{DECISION_BYTES, Span, before, byte, run},
    sample,
};

/// Which characters may follow a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chars {
    /// Letters and digits.
    Alnum,
    /// Upper-case letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// Letters, digits, `_`, `-`.
    Word,
    /// [`Chars::Word`] and `.`, `=`.
    Dotted,
    /// Base64 of both alphabets, with padding, and `.`.
    Base64,
    /// [`Chars::Base64`] and `%`, `,`, as in percent-encoded tokens.
    Encoded,
}

impl Chars {
    fn accept(self, byte: u8) -> bool {
        let alnum = byte.is_ascii_alphanumeric();
        match self {
            Self::Alnum => alnum,
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Word => alnum || matches!(byte, b'_' | b'-'),
            Self::Dotted => alnum || matches!(byte, b'_' | b'-' | b'.' | b'='),
            Self::Base64 => alnum || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'+' | b'/'),
            Self::Encoded => alnum || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'+' | b'/' | b'%' | b','),
        }
    }
}

/// One form of token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// What the token is called.
    pub(super) kind: &'static str,
    /// How it begins, case-sensitive.
    pub(super) prefix: &'static str,
    chars: Chars,
    min: usize,
    max: usize,
    /// How many distinct characters it has at least: fewer is a placeholder such as `ghp_xxxx`.
    distinct: usize,
    digit: bool,
}

impl Form {
    /// Whether a byte may follow the prefix.
    pub(super) fn accepts(&self, byte: u8) -> bool {
        self.chars.accept(byte)
    }
}

const ANY: usize = usize::MAX;

/// A form with the usual demands: some variety, at least one digit.
const fn form(kind: &'static str, prefix: &'static str, chars: Chars, size: (usize, usize)) -> Form {
    Form {
        kind,
        prefix,
        chars,
        min: size.0,
        max: size.1,
        distinct: 7,
        digit: true,
    }
}

/// A form whose prefix is telling enough that letters alone may follow.
const fn sure(kind: &'static str, prefix: &'static str, chars: Chars, size: (usize, usize)) -> Form {
    Form {
        kind,
        prefix,
        chars,
        min: size.0,
        max: size.1,
        distinct: 7,
        digit: false,
    }
}

use Chars::{Alnum, Base64, Dotted, Encoded, Hex, Upper, Word};

/// The forms.
#[rustfmt::skip]
pub(super) const FORMS: &[Form] = &[
    // Clouds
    form("aws-access-key", "AKIA", Upper, (16, 16)), form("aws-access-key", "ASIA", Upper, (16, 16)),
    form("aws-access-key", "ABIA", Upper, (16, 16)), form("aws-access-key", "ACCA", Upper, (16, 16)),
    sure("aws-bedrock-key", "ABSK", Base64, (109, 269)), sure("aws-bedrock-key", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t", Base64, (0, ANY)),
    form("amazon-mws-token", "amzn.mws.", Word, (30, ANY)),
    form("alibaba-access-key", "LTAI", Alnum, (12, 24)), form("tencent-secret-id", "AKID", Alnum, (32, 32)),
    sure("google-api-key", "AIza", Word, (35, 35)), form("google-oauth-token", "ya29.", Word, (20, ANY)),
    form("google-client-secret", "GOCSPX-", Word, (24, 32)),
    form("cloudflare-origin-key", "v1.0-", Word, (150, ANY)),
    sure("digitalocean-token", "dop_v1_", Hex, (64, 64)), sure("digitalocean-token", "doo_v1_", Hex, (64, 64)),
    sure("digitalocean-token", "dor_v1_", Hex, (64, 64)),
    form("yandex-token", "t1.", Base64, (60, ANY)), form("yandex-token", "AQVN", Word, (35, 38)), form("yandex-token", "YC", Word, (38, 38)),
    form("heroku-api-key", "HRKU-", Word, (50, ANY)), form("scalingo-token", "tk-us-", Word, (40, ANY)),
    form("fly-token", "fo1_", Word, (43, 43)), form("fly-token", "fm1_", Base64, (60, ANY)),
    form("fly-token", "fm1a_", Base64, (60, ANY)), form("fly-token", "fm1r_", Base64, (60, ANY)), form("fly-token", "fm2_", Base64, (60, ANY)),
    form("databricks-token", "dapi", Hex, (32, 32)), form("planetscale-token", "pscale_", Dotted, (32, ANY)),
    form("prefect-token", "pnu_", Alnum, (36, 36)), form("pulumi-token", "pul-", Hex, (40, 40)),
    form("tailscale-key", "tskey-", Word, (16, ANY)), form("supabase-token", "sbp_", Hex, (40, 40)), form("netlify-token", "nfp_", Alnum, (36, 40)),
    // Source, build, packages
    form("github-token", "ghp_", Alnum, (36, 255)), form("github-token", "gho_", Alnum, (36, 255)), form("github-token", "ghu_", Alnum, (36, 255)),
    form("github-token", "ghs_", Alnum, (36, 255)), form("github-token", "ghr_", Alnum, (36, 255)), form("github-token", "github_pat_", Word, (22, 255)),
    form("gitlab-token", "glpat-", Dotted, (20, ANY)), form("gitlab-token", "gldt-", Word, (20, ANY)), form("gitlab-token", "glcbt-", Word, (20, ANY)),
    form("gitlab-token", "glptt-", Word, (20, ANY)), form("gitlab-token", "glrt-", Dotted, (20, ANY)), form("gitlab-token", "glrtr-", Dotted, (20, ANY)),
    form("gitlab-token", "glft-", Word, (20, ANY)), form("gitlab-token", "glimt-", Word, (20, ANY)), form("gitlab-token", "glagent-", Word, (20, ANY)),
    form("gitlab-token", "gloas-", Word, (20, ANY)), form("gitlab-token", "glsoat-", Word, (20, ANY)), form("gitlab-token", "glffct-", Word, (20, ANY)),
    form("gitlab-token", "GR1348941", Word, (20, ANY)), form("gitlab-session", "_gitlab_session=", Alnum, (32, 32)),
    form("bitbucket-token", "ATBB", Alnum, (28, ANY)), form("atlassian-token", "ATATT3", Base64, (100, ANY)), form("atlassian-token", "ATCTT3", Base64, (100, ANY)),
    form("npm-token", "npm_", Alnum, (36, 36)), sure("pypi-token", "pypi-AgE", Word, (50, ANY)), form("rubygems-token", "rubygems_", Hex, (48, 48)),
    form("clojars-token", "CLOJARS_", Alnum, (60, 60)), form("docker-token", "dckr_pat_", Word, (24, ANY)), form("circleci-token", "ccipat_", Word, (40, ANY)),
    form("artifactory-key", "AKCp", Alnum, (69, 69)), sure("artifactory-token", "cmVmd", Alnum, (59, 59)), form("octopus-key", "API-", Upper, (26, 26)),
    form("sourcegraph-token", "sgp_", Word, (40, ANY)), form("terraform-cost-key", "ico-", Alnum, (32, 32)), form("buildkite-token", "bkua_", Alnum, (40, 40)),
    form("harness-key", "pat.", Dotted, (60, ANY)), form("harness-key", "sat.", Dotted, (60, ANY)), form("airtable-token", "pat", Dotted, (79, 79)),
    // Secrets managers
    form("vault-token", "hvs.", Word, (24, ANY)), form("vault-token", "hvb.", Word, (100, ANY)), form("vault-token", "hvr.", Word, (24, ANY)),
    form("vault-token", "s.", Alnum, (24, 24)),
    form("doppler-token", "dp.pt.", Alnum, (40, ANY)), form("doppler-token", "dp.st.", Dotted, (40, ANY)), form("doppler-token", "dp.ct.", Alnum, (40, ANY)),
    form("doppler-token", "dp.sa.", Alnum, (40, ANY)), form("1password-token", "ops_eyJ", Base64, (200, ANY)), form("1password-secret-key", "A3-", Upper, (0, 0)),
    Form { kind: "age-secret-key", prefix: "AGE-SECRET-KEY-1", chars: Upper, min: 58, max: 58, distinct: 1, digit: false },
    form("openshift-token", "sha256~", Word, (43, 43)),
    // Chat
    form("slack-token", "xoxb-", Word, (20, ANY)), form("slack-token", "xoxp-", Word, (20, ANY)), form("slack-token", "xoxa-", Word, (20, ANY)),
    form("slack-token", "xoxr-", Word, (20, ANY)), form("slack-token", "xoxs-", Word, (20, ANY)), form("slack-token", "xoxo-", Word, (20, ANY)),
    form("slack-token", "xoxe-", Word, (20, ANY)), form("slack-token", "xoxe.xoxp-", Word, (40, ANY)), form("slack-token", "xoxe.xoxb-", Word, (40, ANY)),
    form("slack-token", "xoxd-", Encoded, (40, ANY)), form("slack-token", "xapp-", Word, (30, ANY)),
    // Money
    form("stripe-key", "sk_live_", Alnum, (10, 110)), form("stripe-key", "sk_test_", Alnum, (10, 110)), form("stripe-key", "sk_prod_", Alnum, (10, 110)),
    form("stripe-key", "rk_live_", Alnum, (10, 110)), form("stripe-key", "rk_test_", Alnum, (10, 110)), form("stripe-key", "rk_prod_", Alnum, (10, 110)),
    form("stripe-webhook-secret", "whsec_", Base64, (24, ANY)), form("square-token", "sq0atp-", Word, (22, ANY)), form("square-token", "sq0csp-", Word, (22, ANY)),
    form("square-token", "EAAA", Word, (60, 60)), form("flutterwave-key", "FLWSECK_TEST-", Word, (12, ANY)), form("flutterwave-key", "FLWPUBK_TEST-", Word, (12, ANY)),
    form("flutterwave-key", "FLWSECK-", Word, (12, ANY)), form("shopify-token", "shpat_", Hex, (32, 32)), form("shopify-token", "shpca_", Hex, (32, 32)),
    form("shopify-token", "shppa_", Hex, (32, 32)), form("shopify-token", "shpss_", Hex, (32, 32)),
    form("shippo-token", "shippo_live_", Hex, (40, 40)), form("shippo-token", "shippo_test_", Hex, (40, 40)),
    form("easypost-key", "EZAK", Alnum, (54, 54)), form("easypost-key", "EZTK", Alnum, (54, 54)),
    form("duffel-token", "duffel_test_", Dotted, (40, ANY)), form("duffel-token", "duffel_live_", Dotted, (40, ANY)),
    // Mail and telephones
    form("sendgrid-key", "SG.", Dotted, (60, 70)), form("brevo-key", "xkeysib-", Word, (70, ANY)), form("twilio-key", "SK", Hex, (32, 32)),
    form("mailgun-key", "key-", Hex, (32, 32)), form("mailgun-key", "pubkey-", Hex, (32, 32)),
    // Models
    form("anthropic-key", "sk-ant-", Word, (80, ANY)), form("openai-key", "sk-proj-", Word, (20, ANY)), form("openai-key", "sk-svcacct-", Word, (20, ANY)),
    form("openai-key", "sk-admin-", Word, (20, ANY)), form("openrouter-key", "sk-or-v1-", Word, (20, ANY)), form("openai-key", "sk-", Alnum, (32, ANY)),
    sure("huggingface-token", "hf_", Alnum, (34, 34)), sure("huggingface-token", "api_org_", Alnum, (34, 34)), form("perplexity-key", "pplx-", Alnum, (40, ANY)),
    form("groq-key", "gsk_", Alnum, (40, ANY)), form("replicate-token", "r8_", Alnum, (37, 40)), form("nvidia-key", "nvapi-", Word, (40, ANY)), form("xai-key", "xai-", Alnum, (60, ANY)),
    // Observability and others
    form("grafana-token", "glc_", Base64, (32, ANY)), form("grafana-token", "glsa_", Word, (41, 41)), form("grafana-key", "eyJrIjoi", Base64, (50, ANY)),
    form("newrelic-key", "NRAK-", Alnum, (27, 27)), form("newrelic-key", "NRJS-", Alnum, (19, 19)), form("newrelic-key", "NRII-", Word, (32, 32)),
    form("dynatrace-token", "dt0c01.", Dotted, (80, ANY)), form("sentry-token", "sntrys_eyJ", Base64, (80, ANY)), form("sentry-token", "sntryu_", Hex, (64, 64)),
    form("linear-key", "lin_api_", Alnum, (40, 40)), form("postman-key", "PMAK-", Word, (59, 59)), form("notion-token", "ntn_", Alnum, (46, 46)),
    form("notion-token", "secret_", Alnum, (43, 43)), form("readme-key", "rdme_", Alnum, (70, 70)), form("typeform-token", "tfp_", Dotted, (59, 59)),
    form("figma-token", "figd_", Word, (40, ANY)), form("frameio-token", "fio-u-", Dotted, (64, 64)), form("defined-networking-key", "dnkey-", Dotted, (60, ANY)),
    form("settlemint-token", "sm_aat_", Alnum, (16, 16)), form("settlemint-token", "sm_pat_", Alnum, (16, 16)), form("settlemint-token", "sm_sat_", Alnum, (16, 16)),
    form("intra42-secret", "s-s4t2ud-", Hex, (64, 64)), form("intra42-secret", "s-s4t2af-", Hex, (64, 64)), form("adobe-secret", "p8e-", Hex, (32, 32)),
    form("authress-key", "sc_", Dotted, (40, ANY)), form("beamer-token", "b_", Dotted, (44, 44)), form("facebook-token", "EAAM", Alnum, (100, ANY)),
    form("facebook-token", "EAAC", Alnum, (100, ANY)), form("mapbox-token", "sk.eyJ", Dotted, (60, ANY)), form("twitter-bearer", "AAAAAAAAAAAAAAAAAAAAA", Encoded, (60, ANY)),
    // Keys and tokens wrapped in base64 once more
    sure("jwt", "ZXlK", Base64, (80, ANY)), sure("private-key", "LS0tLS1CRUdJTiBSU0EgUFJJVkFUR", Base64, (40, ANY)),
    sure("private-key", "LS0tLS1CRUdJTiBFQyBQUklWQVRF", Base64, (40, ANY)), sure("private-key", "LS0tLS1CRUdJTiBQUklWQVRF", Base64, (40, ANY)),
    sure("private-key", "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEU", Base64, (40, ANY)),
];

/// The token of a form that begins at a place, if one does.
pub(super) fn find(bytes: &[u8], at: usize, form: &Form) -> Option<Span> {
    let left = before(bytes, at);
    let inside = left == b'-' && form.chars.accept(b'-');
    if left.is_ascii_alphanumeric()
        || inside
        || matches!(left, b'+' | b'.')
        || !super::cursor::starts_at(bytes, at, form.prefix.as_bytes())
    {
        return None;
    }
    let body = at + form.prefix.len();
    if form.kind == "1password-secret-key" {
        return one_password(bytes, at, body);
    }
    let exact = form.min == form.max;
    if exact
        && (!form.chars.accept(byte(bytes, body + form.min - 1))
            || form.chars.accept(byte(bytes, body + form.max)))
    {
        return None;
    }
    let limit = form.max.saturating_add(1).min(DECISION_BYTES);
    let decided = run(bytes, body, limit, |byte| form.chars.accept(byte));
    let size = decided - body;
    if size < form.min || size > form.max || !plausible(bytes.get(body..decided)?, form) {
        return None;
    }
    let end = run(bytes, decided, ANY, |byte| form.chars.accept(byte));
    let end = if form.max == ANY || form.max >= DECISION_BYTES {
        end
    } else {
        decided
    };
    Some(Span {
        start: at,
        end: trim_end(bytes, body, end),
        kind: form.kind,
    })
}

/// A token does not end in the full stop or comma of the sentence around it.
fn trim_end(bytes: &[u8], from: usize, mut end: usize) -> usize {
    while end > from && matches!(before(bytes, end), b'.' | b',') {
        end -= 1;
    }
    end
}

fn plausible(body: &[u8], form: &Form) -> bool {
    !std::str::from_utf8(body).is_ok_and(|text| sample::is_made_up(text) || sample::is_published(text))
        && (form.kind != "sentry-token" || form.chars == Hex || signed(body))
        && (form.kind != "sourcegraph-token" || is_sourcegraph(body))
        && distinct(body) >= form.distinct.min(form.min.max(1))
        && (!form.digit || body.iter().any(u8::is_ascii_digit))
        && !body.ends_with(b"EXAMPLE")
        && (!form.prefix.starts_with("xox") || !body.ends_with(b"-"))
        && (!form.prefix.starts_with("xox") || body.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4)
        && (form.kind != "anthropic-key" || body.ends_with(b"AA"))
        && (form.prefix != "s."
            || (body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase)))
}

/// What stands behind the prefix of a form in a value that begins with one.
pub(super) fn body_of(value: &str) -> Option<&str> {
    FORMS
        .iter()
        .filter(|form| form.prefix.len() >= 4)
        .find_map(|form| value.strip_prefix(form.prefix))
}

/// Sentry's organization tokens: a payload, and a signature of 43 characters behind a low line.
fn signed(body: &[u8]) -> bool {
    let mut parts = body.rsplitn(2, |byte| *byte == b'_');
    parts.next().is_some_and(|signature| signature.len() == 43) && parts.next().is_some()
}

/// Sourcegraph's tokens: 40 hexadecimal digits, behind an instance (16 such digits, or `local`) or alone.
fn is_sourcegraph(body: &[u8]) -> bool {
    let is_hex = |text: &[u8], size: usize| text.len() == size && text.iter().all(u8::is_ascii_hexdigit);
    let mut parts = body.splitn(2, |byte| *byte == b'_');
    match (parts.next().unwrap_or(body), parts.next()) {
        (instance, Some(token)) => (instance == b"local" || is_hex(instance, 16)) && is_hex(token, 40),
        (token, None) => is_hex(token, 40),
    }
}

/// How many different characters there are, counted without regard to case: `ghp_xxxXXX` has one.
pub(super) fn distinct(body: &[u8]) -> usize {
    let mut seen = [0_u64; 4];
    for byte in body {
        let byte = byte.to_ascii_lowercase();
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|word| word.count_ones() as usize).sum()
}

/// `A3-` and groups of six, eleven (or six and five) and three times five upper-case letters and digits.
fn one_password(bytes: &[u8], at: usize, body: usize) -> Option<Span> {
    let end = run(bytes, body, 40, |byte| byte == b'-' || Upper.accept(byte));
    let groups: Vec<usize> = bytes
        .get(body..end)?
        .split(|byte| *byte == b'-')
        .map(<[u8]>::len)
        .collect();
    let known = matches!(groups.as_slice(), [6, 11, 5, 5, 5] | [6, 6, 5, 5, 5, 5]);
    let varied = distinct(bytes.get(body..end)?) >= 7;
    (known && varied && byte(bytes, end) != b'-').then_some(Span {
        start: at,
        end,
        kind: "1password-secret-key",
    })
}
