# Two stages: a Rust image builds, a small Debian image runs as a user without rights.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked -p kubemedic

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/kubemedic --create-home kubemedic
COPY --from=build /src/target/dist/kubemedic /usr/local/bin/kubemedic
COPY deploy/entrypoint.sh /usr/local/bin/kubemedic-entrypoint
USER kubemedic
WORKDIR /var/lib/kubemedic
# Inside a container the port must be open to the container's network; without API_TOKEN the entrypoint makes one and
# prints it once.
ENV HOST=0.0.0.0 ALLOWED_HOSTS=localhost,127.0.0.1 DATA_DIR=/var/lib/kubemedic/data LOG_DIR=/var/lib/kubemedic/logs
VOLUME ["/var/lib/kubemedic"]
EXPOSE 8000 3100
ENTRYPOINT ["kubemedic-entrypoint"]
CMD ["serve"]
