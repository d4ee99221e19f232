"""A client of the Extraction API in Python, standard library only.

usage: client.py URL PICTURE

Extracts every face of a picture, posts each normalised face back as `prenormalized`, and prints a
line of JSON per face: how far the answers for the normalised face are from the original ones.
"""

import base64
import json
import math
import struct
import sys
import urllib.request
import uuid

WANTED = {"need_facen": True, "need_age": True, "need_gender": True, "need_emotions": True}


def extract(url, requests, pictures):
    """POSTs requests and pictures ({part name: bytes}) as multipart/form-data; the responses."""
    boundary = uuid.uuid4().hex
    parts = [("request", "application/json", json.dumps({"requests": requests}).encode())]
    parts += [(name, "application/octet-stream", content) for name, content in pictures.items()]
    body = b""
    for name, content_type, content in parts:
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        )
        body += head.encode() + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    call = urllib.request.Request(
        url, data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    with urllib.request.urlopen(call) as answer:
        return json.load(answer)["responses"]


def decode_facen(text):
    """The feature vector: little-endian float32 values."""
    packed = base64.b64decode(text, validate=True)
    return struct.unpack(f"<{len(packed) // 4}f", packed)


def dot(one, other):
    return sum(a * b for a, b in zip(one, other))


def order(face):
    return [each["emotion"] for each in face["emotions"]]


def compare(original, again):
    one, other = decode_facen(original["facen"]), decode_facen(again["facen"])
    return {
        "length": math.sqrt(dot(one, one)),
        "cosine": dot(one, other) / math.sqrt(dot(one, one) * dot(other, other)),
        "age_difference": abs(original["age"] - again["age"]),
        "same_gender": original["gender"]["gender"] == again["gender"]["gender"],
        "same_emotions": order(original) == order(again),
    }


def main(url, path):
    with open(path, "rb") as file:
        picture = file.read()
    request = {"image": "multipart:photo", "need_normalized": True, **WANTED}
    faces = extract(url, [request], {"photo": picture})[0]["faces"]
    chips = {f"face{i}": base64.b64decode(face["normalized"]) for i, face in enumerate(faces)}
    requests = [{"image": f"multipart:{name}", "detector": "prenormalized", **WANTED} for name in chips]
    for face, response in zip(faces, extract(url, requests, chips)):
        print(json.dumps(compare(face, response["faces"][0])))


if __name__ == "__main__":
    main(*sys.argv[1:])
