#!/usr/bin/env bash
# Fetches a static embedding model and puts it below the data folder, checked by its digest.
#   deploy/embeddings.sh [DATA_DIR]        default: ./data
# The model is WordLlama (l2_supercat, 32000 tokens x 256 numbers, 18 MB), out of a Python package that pip fetches: its files are
# taken out, none of its code is run. kubemedic works without it; likeness of texts is lexical then.
set -euo pipefail

DATA_DIR="${1:-data}"
FOLDER="$DATA_DIR/embeddings/wordllama"
PACKAGE="wordllama==0.4.0.post1"
# One wheel for every machine: only its data is used.
WHEEL_SHA256=42c2c88907ace0b0681ac6f9092d6a300a6409a5d2d61071a3fb5e7159370c97
TABLE_SHA256=64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5
TOKENIZER_SHA256=93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68

say() { printf '%s\n' "$*" >&2; }
give_up() {
    say "The embedding model was not fetched: $1"
    say "Nothing is broken: without it, likeness of log lines and incidents is lexical. Run this again when that is mended,"
    say "or set EMBEDDING_MODEL to a provider's model (gemini:..., openai:..., ollama:...)."
    exit 69
}

if [ -f "$FOLDER/SHA256SUMS" ] && (cd "$FOLDER" && { sha256sum -c --status SHA256SUMS 2>/dev/null || shasum -a 256 -c --status SHA256SUMS 2>/dev/null; }); then
    say "The embedding model is there already: $FOLDER"
    say "Use it with EMBEDDING_MODEL=static:$FOLDER"
    exit 0
fi

PYTHON=""
for candidate in "${PYTHON3:-}" python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -m pip --version >/dev/null 2>&1; then PYTHON="$candidate"; break; fi
done
[ -n "$PYTHON" ] || give_up "it comes through pip, and no python3 with pip is here (on Debian: apt-get install python3-pip)."

mkdir -p "$DATA_DIR/embeddings"
work="$(mktemp -d "$DATA_DIR/embeddings/.fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT

printf '%s --hash=sha256:%s\n' "$PACKAGE" "$WHEEL_SHA256" > "$work/requirements.txt"
say "Fetching $PACKAGE (19 MB)."
"$PYTHON" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --platform manylinux2014_x86_64 --implementation cp --python-version 3.11 --abi cp311 \
    --dest "$work" --requirement "$work/requirements.txt" >&2 \
    || give_up "pip could not fetch it; its words are above."

"$PYTHON" - "$work" "$TABLE_SHA256" "$TOKENIZER_SHA256" <<'PYTHON' || give_up "what came is not what was expected; see above."
import glob, hashlib, json, os, sys, zipfile

work, table_sum, tokenizer_sum = sys.argv[1:4]
(wheel,) = glob.glob(os.path.join(work, "*.whl"))
out = os.path.join(work, "wordllama")
os.mkdir(out)
sums = {}
with zipfile.ZipFile(wheel) as package:
    def put(name, data, expected=None):
        digest = hashlib.sha256(data).hexdigest()
        if expected and digest != expected:
            sys.exit(f"{name} has the digest {digest}, not {expected}")
        with open(os.path.join(out, name), "wb") as file:
            file.write(data)
        sums[name] = digest

    put("model.safetensors", package.read("wordllama/weights/l2_supercat_256.safetensors"), table_sum)
    put("tokenizer.json", package.read("wordllama/tokenizers/l2_supercat_tokenizer_config.json"), tokenizer_sum)
    put("config.json", json.dumps({"model_type": "model2vec", "hidden_dim": 256, "normalize": True}).encode())
    licences = [it for it in package.namelist() if it.endswith("/LICENSE")]
    put("LICENSE", package.read(licences[0]))
with open(os.path.join(out, "SHA256SUMS"), "w") as file:
    file.writelines(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
PYTHON

rm -rf "$FOLDER"
mv "$work/wordllama" "$FOLDER"
say "The embedding model is in $FOLDER"
say "Its package is under the MIT licence (LICENSE beside it). Its numbers were trained from the token tables of language models,"
say "the LLaMA 2 family among them, whose own licences the package says nothing about: decide whether you may use it."
say "Use it with EMBEDDING_MODEL=static:$FOLDER"
