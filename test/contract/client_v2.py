"""A client of version 2 of the API in Python, standard library only.

usage: client_v2.py URL PICTURE

Asks for the attributes of every face by their names and prints a line of JSON per face.
"""

import json
import sys

from client import decode_facen, extract

WANTED = ["face_emben", "face_age", "face_gender"]


def main(url, path):
    with open(path, "rb") as file:
        picture = file.read()
    request = {"image": "multipart:photo", "detector": "face", "attributes": WANTED}
    responses = extract(url + "v2", [request], {"photo": picture})
    for face in responses[0]["objects"]["face"]:
        print(
            json.dumps(
                {
                    "facen": decode_facen(face["face_emben"]["result"]),
                    "age": face["face_age"]["result"],
                    "gender": face["face_gender"]["result"][0]["name"],
                    "box": face["bbox"],
                    "score": face["detection_score"],
                }
            )
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
