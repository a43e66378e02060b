# Lifeboat as a container: `docker build --tag lifeboat .`; docs/setup.md says how to run it.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
# No dependency needs its install script; the package `node` would download a second Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/copy-assets.mjs scripts/
COPY cli cli
COPY core core
COPY demo demo
COPY functions functions
COPY docs/restore.md docs/
RUN node_modules/.bin/tsc -p tsconfig.build.json && node scripts/copy-assets.mjs
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /opt/lifeboat
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/dist dist
COPY LICENSE README.md ./
RUN printf '#!/bin/sh\nexec node /opt/lifeboat/dist/cli/main.js "$@"\n' > /usr/local/bin/lifeboat && chmod 755 /usr/local/bin/lifeboat
ENV NODE_ENV=production LIFEBOAT_CONFIG=/etc/lifeboat/lifeboat.yaml TMPDIR=/var/tmp
# Not root: a read-only root file system, and `--user` with the owner of the database, work as well.
USER node
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/status/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/lifeboat/dist/cli/main.js"]
CMD ["serve"]
