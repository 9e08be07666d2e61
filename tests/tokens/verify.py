"""Verifies tokens with PyJWT.

One JSON array in (token, client_id, secret, is_hex, is_past), one out (header and claims, or error).
"""

import json
import sys

import jwt


def verified(case: dict) -> dict:
    options = {"require": ["sub", "jti", "iat", "exp"], "verify_exp": not case.get("is_past", False)}
    # The audience counts in version 1.1 only; PyJWT refuses a token that has one unless it is told which.
    unverified = jwt.decode(case["token"], options={"verify_signature": False})
    audience = "sigmacomputing" if unverified.get("ver") == "1.1" else None
    secret = bytes.fromhex(case["secret"]) if case.get("is_hex") else case["secret"]
    try:
        claims = jwt.decode(
            case["token"],
            secret,
            algorithms=["HS256"],
            audience=audience,
            issuer=case["client_id"],
            options=options,
        )
    except jwt.PyJWTError as error:
        return {"error": type(error).__name__}
    return {"header": jwt.get_unverified_header(case["token"]), "claims": claims}


json.dump([verified(case) for case in json.load(sys.stdin)], sys.stdout)
