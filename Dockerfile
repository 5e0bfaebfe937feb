# identityd as an image with nothing in it but the program and what it needs of a file system.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t identityd .
#   docker run --name identityd -v identityd:/data -p 3000:3000 -p 4444:4444 -p 4433:4433 identityd
#
# Without a file it serves the development profile; mount one as /data/stack.yaml. docs/install.md says more. make release
# makes the same image without a Docker engine: it reads the last stage of this file (tools/release/dockerfile.go).

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the code.
COPY go.mod go.sum ./
COPY internal/sqlite3/go.mod internal/sqlite3/go.sum internal/sqlite3/
COPY internal/envy/go.mod internal/envy/go.sum internal/envy/
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=
ARG DATE=
# Without C the program is static by itself: SQLite is Go here (docs/adr/0013-sqlite-driver.md). sqlite is
# TAGS of the Makefile.
ENV CGO_ENABLED=0
RUN go build -trimpath -tags sqlite \
    -ldflags "-s -w -X example.com/identityd/internal/cli.version=${VERSION} -X example.com/identityd/internal/cli.commit=${COMMIT} -X example.com/identityd/internal/cli.commitDate=${DATE}" \
    -o /out/identityd ./cmd/identityd
# data is where secrets and SQLite files go, readable by their owner alone; tmp is for SQLite.
RUN install -d -m 0700 -o 65532 -g 65532 /out/data && install -d -m 1777 /out/tmp

FROM scratch
ARG VERSION=dev
ARG COMMIT=
ARG DATE=
COPY --from=build /out/identityd /identityd
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
WORKDIR /data
VOLUME /data
# A published port reaches the container by its address, not by its loopback. It is the host of the public listeners
# that name none; the admin and ops listeners stay on loopback inside the container.
ENV IDENTITYD_LISTEN_HOST=0.0.0.0
# The pages, Hydra and Kratos.
EXPOSE 3000 4444 4433
# SIGTERM drains: prestop and drain are 9 seconds together, below the ten that docker stop waits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/identityd", "health"]
LABEL org.opencontainers.image.title="identityd" \
      org.opencontainers.image.description="Ory Hydra, Ory Kratos and their pages in one process" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${DATE}"
ENTRYPOINT ["/identityd"]
CMD ["serve"]
