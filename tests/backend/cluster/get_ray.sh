#!/usr/bin/env sh
# A virtual environment with Ray on top of the packages of another one: get_ray.sh PYTHON FOLDER
set -eu
python=$1 folder=$2
[ "$folder/.done" -nt requirements-ray.lock ] && exit 0
"$python" -m venv --clear "$folder"
"$folder/bin/pip" install --quiet --require-hashes -r requirements-ray.lock
below=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$below" >"$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/below.pth"
touch "$folder/.done"
