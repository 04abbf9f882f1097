# An image of the whole program:
#   docker build -t nocobase-dingtalk .
# Without NOCOBASE_UPSTREAM_URL it serves by itself. A smaller image, whose program can only stand in front of a NocoBase:
#   docker build --build-arg FEATURES= -t nocobase-dingtalk-gateway .
# docs/operator.md says how to run it; deploy/compose.*.yaml run it in front of a NocoBase.

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
# Features of Cargo.toml. Each is a part that the program can do without.
ARG FEATURES=standalone
RUN cargo build --release --locked --bin nocobase-dingtalk --no-default-features --features "$FEATURES"

FROM debian:12-slim
# The certificates by which DingTalk is known, the newest there are.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /storage --shell /usr/sbin/nologin nocobase \
    && install -d -o nocobase -g nocobase -m 0700 /storage
COPY --from=build /source/target/release/nocobase-dingtalk /usr/local/bin/nocobase-dingtalk
# By its number, from which Kubernetes can tell that it is not root.
USER 10001
# In a container everybody who is to reach it comes from outside. Which port is published decides who that is.
ENV APP_HOST=0.0.0.0 STORAGE_PATH=/storage
WORKDIR /storage
VOLUME /storage
EXPOSE 13000
# No HEALTHCHECK: with METRICS_PORT, /healthz and /readyz tell whoever runs the containers.
ENTRYPOINT ["/usr/local/bin/nocobase-dingtalk"]
CMD ["serve"]
