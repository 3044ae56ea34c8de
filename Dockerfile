# The bus's own processes. Servers (Kafka, the registry) come from their makers' images, so the
# image runs `recordbus` and nothing else. Build: docker build --build-arg COMMIT=$(git rev-parse HEAD) .
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/recordbus \
    && /opt/recordbus/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/runtime.txt
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/lock.txt
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY recordbus recordbus
COPY producers producers
COPY streams streams
COPY consumers consumers
RUN /tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/recordbus/bin/pip install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
ARG COMMIT=unknown
ENV PATH=/opt/recordbus/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    RECORDBUS_BUILD_COMMIT=$COMMIT \
    RECORDBUS_RUN_DIRECTORY=/var/lib/recordbus \
    RECORDBUS_METRICS__HOST=:: \
    RECORDBUS_METRICS__PORT=9100 \
    RECORDBUS_LOG__FORM=json
RUN useradd --system --create-home --home-dir /var/lib/recordbus recordbus
COPY --from=build /opt/recordbus /opt/recordbus
USER recordbus
WORKDIR /var/lib/recordbus
VOLUME /var/lib/recordbus
EXPOSE 9100
ENTRYPOINT ["recordbus"]
CMD ["--help"]
