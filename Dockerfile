# The relay with the page inside: one static program in an image that holds nothing else.
#
#   docker build --tag promenade .
#   docker run --rm --publish 127.0.0.1:9919:9919 promenade --no-auth
#
# In a container it has to listen on all addresses, so it wants names and passwords (--auth-file) or to be told that
# everybody who reaches it may use it (--no-auth). docs/deploy.md has both, and proxies with TLS.

FROM rust:1-bookworm AS build
# musl links statically; ring compiles a little C for it.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends musl-tools \
 && rm -rf /var/lib/apt/lists/* \
 && rustup target add wasm32-unknown-unknown "$(uname -m)-unknown-linux-musl"
WORKDIR /src
COPY . .
RUN cargo xtask dist --relay

FROM scratch
# The authorities that https targets are checked with.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/target/dist/relay /relay
# Nobody: it writes no file and needs no privilege.
USER 65532:65532
EXPOSE 9919
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/relay", "--health"]
ENTRYPOINT ["/relay", "--listen", "0.0.0.0:9919"]
