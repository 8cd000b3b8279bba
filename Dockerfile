# aquatint as its Debian package installs it, on Debian 13.
#
#     docker build -t aquatint .
#     docker run --rm -v "$PWD:/work" aquatint clip.mp4 --style pencil -o drawing.mp4
#
# For a GPU, give the container its device: --device /dev/dri (AMD, Intel), or --gpus all with NVIDIA's container toolkit.

FROM debian:trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends git make curl ca-certificates
WORKDIR /source
COPY . .
RUN make deb

FROM debian:trixie-slim
RUN --mount=from=build,source=/source/target/debian,target=/package \
    apt-get update && apt-get install -y --no-install-recommends /package/*.deb mesa-vulkan-drivers \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /work
ENTRYPOINT ["aquatint"]
