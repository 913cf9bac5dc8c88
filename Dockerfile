# A static binary in a small image. With git, which `--since` needs.
#
#   docker build -t vmlint .
#   docker run --rm -v "$PWD:/work:ro" vmlint check

FROM rust:1.92-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --bin vmlint

FROM alpine:3
# What is mounted belongs to somebody else, and whoever mounts it asks to have it read.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
COPY --from=build /src/target/dist/vmlint /usr/local/bin/vmlint
USER nobody
WORKDIR /work
ENTRYPOINT ["vmlint"]
CMD ["check"]
