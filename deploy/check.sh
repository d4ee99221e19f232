#!/bin/sh
# Checks every file of this folder with the tools that read it. Needs systemd-analyze and nginx
# (Debian: systemd, nginx-light), the built product, and `npm ci` here.
set -eu
cd "$(dirname "$0")"

node check-manifests.mjs

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The program is not installed on this machine: another stands for it.
sed "s#/usr/bin/phiz#$(command -v node)#" systemd/phiz.service >"$scratch/phiz.service"
warnings=$(systemd-analyze verify --recursive-errors=no --man=no "$scratch/phiz.service" 2>&1) || true
[ -z "$warnings" ] || { echo "$warnings"; exit 1; }
# Exposure from 0 (safe) to 100; below 20 is what systemd calls OK.
systemd-analyze security --offline=true --threshold=20 --no-pager "$scratch/phiz.service" | tail -1

printf 'pid %s/nginx.pid; events {} http { include %s/nginx/phiz.conf; }\n' "$scratch" "$PWD" >"$scratch/nginx.conf"
nginx -t -q -e "$scratch/error.log" -c "$scratch/nginx.conf" && echo 'nginx/phiz.conf is valid'
