# A small image without a shell: the gateway, the C library, the public certificate authorities, and nobody's rights.
# docker build -t imagraph . && docker run --rm -p 127.0.0.1:8080:8080 -v "$PWD/photos:/library:ro" imagraph serve --public --library /library

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked && mkdir /state

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/imagraph /usr/local/bin/imagraph
# The index of a library, which a volume may keep.
COPY --from=build --chown=65532:65532 /state /var/lib/imagraph
ENV IMAGRAPH_LISTEN=0.0.0.0:8080 STATE_DIRECTORY=/var/lib/imagraph
VOLUME /var/lib/imagraph
EXPOSE 8080
# By its number, so that Kubernetes can tell that it is not root.
USER 65532:65532
STOPSIGNAL SIGTERM
ENTRYPOINT ["imagraph"]
CMD ["serve"]
