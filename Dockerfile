# identityd as an image with nothing in it but the program and what it needs of a file system.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t identityd .
#   docker run --name identityd -v identityd:/data -v ./stack.yaml:/data/stack.yaml:ro \
#     -p 3000:3000 identityd
#
# Without a file it serves the development profile, whose listeners are on localhost only: inside a
# container nobody reaches them. Give it a stack.yaml, or on Linux --network host to try it out.

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the code.
COPY go.mod go.sum ./
COPY internal/sqlite3/go.mod internal/sqlite3/go.sum internal/sqlite3/
COPY internal/envy/go.mod internal/envy/go.sum internal/envy/
RUN go mod download
COPY . .
ARG VERSION=dev
# Without C the program is static by itself: SQLite is Go here (docs/adr/0013-sqlite-driver.md). sqlite is
# TAGS of the Makefile.
ENV CGO_ENABLED=0
RUN go build -trimpath -tags sqlite \
    -ldflags "-s -w -X example.com/identityd/internal/cli.version=${VERSION}" \
    -o /out/identityd ./cmd/identityd
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
