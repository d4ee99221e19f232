"""python3 examples/same.py ONE TWO [URL]: whether the largest faces of two pictures show the same person."""

import base64
import json
import struct
import sys
import urllib.error
import urllib.request


def asked(path):
    with open(path, "rb") as file:
        picture = "data:;base64," + base64.b64encode(file.read()).decode()
    return {"image": picture, "need_facen": True, "order": "size", "max_faces": 1}


def vector(response):
    if "error" in response:
        sys.exit(f"{response['error']['code']}: {response['error']['desc']}")
    if not response["faces"]:
        sys.exit("no face was found")
    data = base64.b64decode(response["faces"][0]["facen"])
    return struct.unpack(f"<{len(data) // 4}f", data)


call = {"requests": [asked(path) for path in sys.argv[1:3]]}
url = sys.argv[3] if len(sys.argv) > 3 else "http://127.0.0.1:18666/"
request = urllib.request.Request(url, json.dumps(call).encode(), {"Content-Type": "application/json"})
try:
    with urllib.request.urlopen(request) as answer:
        first, second = map(vector, json.load(answer)["responses"])
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code}: {json.load(error)['error']['desc']}")
# Both have the length 1: the sum of products is the cosine.
cosine = sum(a * b for a, b in zip(first, second))
print(f"{cosine:.2f}", "same person" if cosine >= 0.798 else "unsure" if cosine >= 0.7 else "different people")
