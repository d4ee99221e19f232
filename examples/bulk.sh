#!/bin/sh
# sh examples/bulk.sh FOLDER [NATS-URL]: the faces of a folder of pictures into faces.ndjson, by two workers that share a
# queue on a NATS server (nats-server -js). Run it again after it was interrupted: it goes on where it was.
set -e
folder=${1:?expected a folder of pictures}
nats=${2:-nats://127.0.0.1:4222}
# Of a clone that is built; phiz itself where it is installed.
phiz=${PHIZ:-node $(dirname "$0")/../dist/node/main.js}

# Once for each queue: its streams, and the settings that all workers answer with.
$phiz work --setup --nats "$nats" --bytes 100000000

# On as many machines as you like; these two are ended with this program.
for worker in one two; do
  $phiz work --nats "$nats" --name $worker --set model_instances=1 2>$worker.log >&2 &
  workers="$workers $!"
done
trap 'kill $workers; wait' EXIT

$phiz submit "$folder" --nats "$nats" --batch example --need age,gender
# Ends with 1 where a picture has no answer but an error; its line says why.
$phiz collect --nats "$nats" --batch example --out faces.ndjson || true
$phiz work --status --nats "$nats"
