# The recipes that people and CI call. `just` itself is optional: ./test.sh runs the same lines.

# Build, run and open the ports.
run:
    ./run.sh

# Everything that CI checks.
test:
    ./test.sh

# Format the sources.
fmt:
    cargo fmt --all

# Lints as CI sees them.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# The unit and black-box tests alone.
check filter="":
    cargo nextest run --workspace --locked {{filter}}

# Write the generated papers anew: docs/CONFIG.md and docs/openapi.json.
papers:
    cargo run --locked --quiet -- settings --format markdown > docs/CONFIG.md
    cargo run --locked --quiet -- openapi > docs/openapi.json

# Start-up time, idle memory, binary size, time to a plan; writes target/bench.json.
bench:
    bench/main_job.sh
    bench/diagnose.sh
    bench/server.sh
