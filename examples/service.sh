#!/bin/sh
# sh examples/service.sh PICTURE [URL]: the faces of a picture, as the service answers them.
curl --silent --show-error --fail-with-body -F "picture=@$1" -F 'request={"requests": [{
    "image": "multipart:picture", "need_age": true, "need_gender": true, "need_emotions": true}]}' \
  "${2:-http://127.0.0.1:18666/}"
