//! Further audiences, which the operator names.

use super::*;

#[test]
fn a_further_audience_stands_beside_ours_where_it_is_named_and_azp_is_ours() {
    let key = TestKey::ed25519(1);
    let (algorithms, audiences) = (metadata().algorithms, ["api".to_owned(), "2577".to_owned()]);
    let expected = ExpectedToken { audiences: &audiences, ..expecting(&algorithms) };
    let judged = |aud: Value, azp: Option<Value>| {
        let mut claims = claims("n");
        claims["aud"] = aud;
        if let Some(azp) = azp {
            claims["azp"] = azp;
        }
        verify_id_token(&key.token("k", &claims), &key_set(&[key.jwk("k")]), &expected, NOW)
            .map(drop)
            .map_err(|error| error.fault)
    };
    let ours = || Some(json!("gateway"));
    for aud in [json!(["gateway", "api"]), json!(["2577", "gateway", "api", "gateway"])] {
        assert_eq!(judged(aud.clone(), ours()), Ok(()), "{aud}");
        for azp in [None, Some(json!("api")), Some(json!(null)), Some(json!(["gateway"]))] {
            assert_eq!(judged(aud.clone(), azp.clone()), Err(TokenFault::Audience), "{aud} {azp:?}");
        }
    }
    assert_eq!(judged(json!("gateway"), None), Ok(()), "alone it needs no azp");
    for aud in [
        json!(["api"]),
        json!("api"),
        json!(["gateway", "other"]),
        json!(["gateway", "api", 2577]),
        json!(["gateway", ["api"]]),
        json!([]),
    ] {
        assert_eq!(judged(aud.clone(), ours()), Err(TokenFault::Audience), "{aud}");
    }
}
