# Two stages: the first brings every locked package and checks its hash, the second installs from those files alone what
# the worker needs, without the development tools and without an index. (On arm64 Faust has no wheel: one is built,
# without its C extension, which the chunked reading does not use.)
FROM python:3.13.14-slim-trixie AS packages
WORKDIR /build
COPY requirements.lock .
RUN pip wheel --no-cache-dir --require-hashes -r requirements.lock -w wheels

FROM python:3.13.14-slim-trixie
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY pyproject.toml .
COPY LICENSE .
COPY kairos kairos
COPY streams streams
COPY models models
COPY sinks sinks
COPY dashboard dashboard
RUN --mount=type=bind,from=packages,source=/build/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels . && rm -rf /build

RUN useradd --create-home --uid 10001 kairos
USER 10001
WORKDIR /home/kairos

# Where a worker tells how it is: of the container alone, unless KAIROS_METRICS_BIND says otherwise.
ENV KAIROS_METRICS_PORT=9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/health', timeout=3)"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["kairos"]
CMD ["worker"]
