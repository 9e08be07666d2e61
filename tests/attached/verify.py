"""What PyJWT and google-auth have against tokens.

Jobs come as JSON lines; each answer is a line: what is wrong with the token, or nothing.
"""

import json
import sys

import google.oauth2.id_token
import jwt


class Answer:
    """What google-auth takes for an answer of the key server."""

    def __init__(self, data: str) -> None:
        self.status = 200
        self.data = data.encode()


def pyjwt(job: dict) -> None:
    key = jwt.PyJWK(job["jwk"], algorithm=job["algorithm"]).key
    audience = job["audience"]
    jwt.decode(job["token"], key, algorithms=[job["algorithm"]], audience=audience, issuer=job["issuer"])


def google_auth(job: dict) -> None:
    keys = json.dumps(job["keys"])
    google.oauth2.id_token.verify_token(
        job["token"], lambda url, method, **_: Answer(keys), audience=job["audience"], certs_url="https://keys.example"
    )


def refusal(job: dict) -> str:
    try:
        {"pyjwt": pyjwt, "google-auth": google_auth}[job["by"]](job)
    except Exception as error:  # noqa: BLE001 (whatever a library throws is its no)
        return f"{type(error).__name__}: {error}"
    return ""


for line in sys.stdin:
    print(json.dumps({"refusal": refusal(json.loads(line))}))
