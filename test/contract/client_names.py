"""A client of version 1 of the API in Python, standard library only, that asks by the names of version 2.

usage: client_names.py URL PICTURE

Posts the body of client_v2.py to `/` and prints the same lines.
"""

import json
import sys

from client import decode_facen, extract
from client_v2 import WANTED


def main(url, path):
    with open(path, "rb") as file:
        picture = file.read()
    request = {"image": "multipart:photo", "detector": "face", "attributes": WANTED}
    for face in extract(url, [request], {"photo": picture})[0]["faces"]:
        print(
            json.dumps(
                {
                    "facen": decode_facen(face["facen"]),
                    "age": face["age"],
                    "gender": face["gender"]["gender"].lower(),
                    "box": face["bbox"],
                    "score": face["detection_score"],
                }
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
