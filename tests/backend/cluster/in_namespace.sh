#!/usr/bin/env sh
# Runs a command where Ray can reach nothing and nothing can reach it: in_namespace.sh COMMAND...
# Needs the right to make a network namespace: root, or a system that gives it to every user.
set -eu
enter="unshare --map-root-user --net --pid --fork --mount-proc"
if ! $enter ip link set lo up 2>/dev/null; then
  echo "no network namespace here, so nothing with Ray is tested" >&2
  exit 0
fi
# shellcheck disable=SC2016 # for the inner shell
exec $enter sh -c 'ip link set lo up && export MODEL_STUDIO_RAY_NAMESPACE=1 && exec "$@"' sh "$@"
