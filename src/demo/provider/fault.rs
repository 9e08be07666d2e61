//! How the provider can be told to misbehave.

use std::time::Duration;

/// One way of being wrong; everything else stays right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The ID token's `iss` has a slash more.
    WrongIssuer,
    /// The ID token is for another client.
    WrongAudience,
    /// The ID token's `nonce` is another.
    WrongNonce,
    /// The ID token has no `nonce`.
    MissingNonce,
    /// HS256 with the public key's PEM as the secret (RFC 8725 2.1).
    Hs256WithPublicKey,
    /// `alg` is `none`, the signature is empty.
    Unsigned,
    /// Signed by another key under the same `kid`.
    OtherKeySameKid,
    /// Signed under a `kid` that the JWKS does not have.
    UnknownKid,
    /// The ID token ended an hour ago.
    Expired,
    /// The ID token begins in an hour.
    IssuedInFuture,
    /// The ID token has no `iat`.
    MissingIssuedAt,
    /// `at_hash` is that of another access token.
    WrongAccessTokenHash,
    /// `email_verified` is false.
    EmailUnverified,
    /// The claim is this JSON value.
    Claim(&'static str, &'static str),
    /// The claim is left out.
    NoClaim(&'static str),
    /// The ID token says where the groups are instead of naming them, as large directories do.
    GroupOverage,
    /// The callback's `iss` is another (RFC 9207).
    WrongCallbackIssuer,
    /// The callback has no `iss` although the metadata promises it.
    MissingCallbackIssuer,
    /// The discovery document names another issuer.
    WrongDiscoveryIssuer,
    /// Every endpoint answers 503.
    Down,
    /// Every endpoint takes this long.
    Slow(Duration),
}
