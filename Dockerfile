# A server in a container (docs/how-to/deploy.md): docker build --tag toteboard . &&
#   docker run --publish 9999:9999 --volume toteboard:/var/lib/toteboard toteboard
# The secret that seals session keys is in the volume, toteboard.db.key. To keep it apart from the database, mount a file
# with mode 0440, owned by root with group 999, or 0400 owned by 999: --env TOTEBOARD_KEY_FILE=/run/secrets/toteboard.key
FROM node:22-slim AS page
WORKDIR /src
COPY clients/js/src clients/js/src
COPY toteboard/page/package.json toteboard/page/package-lock.json toteboard/page/vendor.mjs toteboard/page/
RUN cd toteboard/page && npm ci --ignore-scripts --no-audit --no-fund && node vendor.mjs

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /usr/local/lib/toteboard
ENV PATH="/usr/local/lib/toteboard/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY . .
COPY --from=page /src/toteboard/page/vendor toteboard/page/vendor
RUN pip install --no-deps --no-build-isolation --no-index . ./clients/python

FROM python:3.11-slim
RUN useradd --system --uid 999 --home-dir /var/lib/toteboard --create-home toteboard \
    && chmod 700 /var/lib/toteboard
COPY --from=build /usr/local/lib/toteboard /usr/local/lib/toteboard
ENV PATH="/usr/local/lib/toteboard/bin:$PATH" PYTHONUNBUFFERED=1 \
    TOTEBOARD_HOST=0.0.0.0 TOTEBOARD_DATABASE=/var/lib/toteboard/toteboard.db \
    TOTEBOARD_LOG_FORMAT=json
USER toteboard
WORKDIR /var/lib/toteboard
VOLUME /var/lib/toteboard
EXPOSE 9999
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:9998/readyz', timeout=4)"]
ENTRYPOINT ["toteboard"]
CMD ["serve"]
