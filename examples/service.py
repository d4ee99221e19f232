"""python3 examples/service.py PICTURE [URL]: a line for each face, with the length of its vector."""

import base64
import json
import struct
import sys
import urllib.error
import urllib.request

path = sys.argv[1]
url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:18666/"

with open(path, "rb") as file:
    picture = "data:;base64," + base64.b64encode(file.read()).decode()
call = {"requests": [{"image": picture, "need_age": True, "need_gender": True, "need_facen": True}]}
request = urllib.request.Request(url, json.dumps(call).encode(), {"Content-Type": "application/json"})
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)["responses"][0]
except urllib.error.HTTPError as error:
    # The whole call was refused: too large, too many at once, not understood …
    sys.exit(f"{error.code}: {json.load(error)['error']['desc']}")
if "error" in answer:
    sys.exit(f"{answer['error']['code']}: {answer['error']['desc']}")
for face in answer["faces"]:
    data = base64.b64decode(face["facen"])
    vector = struct.unpack(f"<{len(data) // 4}f", data)
    box = face["bbox"]
    print(
        f"{box['left']},{box['top']}-{box['right']},{box['bottom']}: {face['gender']['gender']},"
        f" about {face['age']:.0f}; a vector of {len(vector)} numbers"
    )
