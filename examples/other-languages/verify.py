"""Verifies deliveries of Blue with Python's standard library. `python3 verify.py vectors.json` checks every vector."""

import base64
import hashlib
import hmac
import json
import re
import sys

SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_genuine(secret: bytes, body: bytes, signatures: list[str]) -> bool:
    """Whether the raw body carries its signature: exactly once, as 64 lowercase hex characters.

    `signatures` holds every value of the X-Signature header. Pass the bytes that arrived, before any parser.
    """
    if not secret:
        raise ValueError("The secret is empty: anyone could sign with it.")
    if len(signatures) != 1 or not SIGNATURE.fullmatch(signatures[0]):
        return False
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signatures[0])


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    wrong = [
        vector["name"]
        for vector in vectors
        if vector["genuine"]
        != is_genuine(bytes.fromhex(vector["secretHex"]), base64.b64decode(vector["bodyBase64"]), vector["signatures"])
    ]
    print("\n".join(wrong + [f"{len(vectors)} vectors, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
