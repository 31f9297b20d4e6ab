//! Values that have the form of a secret and are none: published samples, and bodies that a person made up.

/// Values that their owners publish as samples or as meant for everyone, without the prefix of their form, so that scanners
/// of this repository find none.
const PUBLISHED: &[&str] = &[
    // Sample keys in the public firebase-android-sdk and firebase-js-sdk repositories.
    "SyAnLA7NfeLquW1tJFpx_eQCxoX-oo6YyIs",
    "SyCkEhVjf3pduRDt6d1yKOMitrUEke8agEM",
    "SyDMAScliyLx7F0NPDEJi1QmyCgHIAODrlU",
    "SyD3asb-2pEZVqMkmL6M9N6nHZRR_znhrh0",
    "yDNSXIbFmlXbIE6mCzDLQAqITYefhixbX4A",
    "SyAdOS2zB6NCsk1pCdZ4-P6GBdi_UUPwX7c",
    "SyASWm6HmTMdYWpgMnjRBjxcQ9CKctWmLd4",
    "SyANUvH9H9BsUccjsu2pCmEkOPjjaXeDQgY",
    "SyA5_iVawFQ8ABuTZNUdcwERLJv_a_p4wtM",
    "SyA4UrcGxgwQFTfaI3no3t7Lt1sjmdnP5sQ",
    "SyDSb51JiIcB6OJpwwMicseKRhhrOq1cS7g",
    "SyBF2RrAIm4a0mO64EShQfqfd2AFnzAvvuU",
    "SyBcE-OOIbhjyR83gm4r2MFCu4MJmprNXsw",
    "SyB8qGxt4ec15vitgn44duC5ucxaOi4FmqE",
    "SyA8vmApnrHNFE0bApF4hoZ11srVL_n0nvY",
    // The search-only key of the public package index of Yarn (yarnpkg/berry, issue 6201).
    "6fe4476ee5a1832882e326b506d14126",
];

/// Whether a value, or what stands behind Google's prefix, is published.
pub(super) fn is_published(value: &str) -> bool {
    let body = value.strip_prefix("AIza").unwrap_or(value);
    PUBLISHED.contains(&body)
}

/// Whether a person made up the body of a token: half of it counts on (`abc123xyz`, `123456789`), or three of its groups in a
/// row are equal. No issuer's random text does that.
pub(super) fn is_made_up(body: &str) -> bool {
    let pairs = body.bytes().zip(body.bytes().skip(1));
    let steps = pairs.filter(|(a, b)| is_step(*a, *b)).count();
    let mut groups = body.split(['-', '_', '.']);
    let (mut previous, mut equal) = (groups.next().unwrap_or(""), 1);
    let repeated = groups.any(|group| {
        equal = if group == previous && group.len() >= 3 {
            equal + 1
        } else {
            1
        };
        previous = group;
        equal == 3
    });
    repeated || (body.len() >= 8 && steps * 2 >= body.len() - 1)
}

fn is_step(a: u8, b: u8) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    b.is_ascii_alphanumeric() && (a.checked_add(1) == Some(b) || (a, b) == (b'9', b'0'))
}
