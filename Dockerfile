# identityd as an image with nothing in it but the program and what it needs of a file system.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t identityd .
#   docker run --name identityd -v identityd:/data -v ./stack.yaml:/data/stack.yaml:ro \
#     -p 3000:3000 -p 4444:4444 -p 4433:4433 identityd
#
# Without a file it serves the development profile, whose listeners are on localhost only: inside a
# container nobody reaches them. Give it a stack.yaml, or on Linux --network host to try it out.

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# SQLite is C, so cgo is on and the linker makes it static. netgo and osusergo take the place of the
# parts of the C library that a static program cannot load, and SQLite must load no extensions for the
# same reason. sqlite is TAGS of the Makefile.
ENV CGO_ENABLED=1
RUN go build -trimpath -tags sqlite,netgo,osusergo,sqlite_omit_load_extension \
    -ldflags "-s -w -X example.com/identityd/internal/cli.version=${VERSION} -linkmode external -extldflags -static" \
    -o /out/identityd ./cmd/identityd
# A program that is not static would fail in the last stage, with a message that names no cause.
RUN ! ldd /out/identityd
# data is where secrets and SQLite files go, readable by their owner alone; tmp is for SQLite.
RUN install -d -m 0700 -o 65532 -g 65532 /out/data && install -d -m 1777 /out/tmp

FROM scratch
COPY --from=build /out/identityd /identityd
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
WORKDIR /data
VOLUME /data
# The pages, Hydra and Kratos. The admin and ops listeners stay on loopback inside the container.
EXPOSE 3000 4444 4433
# SIGTERM drains: prestop and drain are 9 seconds together, below the ten that docker stop waits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/identityd", "health"]
ENTRYPOINT ["/identityd"]
CMD ["serve"]
