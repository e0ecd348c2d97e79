#!/usr/bin/env sh
# A virtual environment with the oldest onnxruntime that installs on its Python: get_runtime.sh PYTHON FOLDER
set -eu
python=$1 folder=$2
[ -e "$folder/.done" ] && exit 0
"$python" -m venv --clear "$folder"
# Each version is the first with wheels for a Python: 3.11, 3.12, 3.13, 3.14. NumPy is the one it was built with.
for runtime in "onnxruntime==1.15.0 numpy==1.26.4" "onnxruntime==1.17.0 numpy==1.26.4" "onnxruntime==1.20.0 numpy<3" "onnxruntime numpy"; do
  # shellcheck disable=SC2086 # two words
  if "$folder/bin/pip" install --quiet --no-deps --only-binary :all: $runtime 2>"$folder/pip.log"; then
    touch "$folder/.done"
    exit 0
  fi
done
cat "$folder/pip.log" >&2
exit 1
