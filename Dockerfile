# Two stages: one that builds, one that runs and holds neither compiler nor development packages.
# For builds that repeat byte for byte, pin the image: --build-arg NODE_IMAGE=node:24-slim@sha256:<digest>
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /gatehouse
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY providers ./providers
COPY demo ./demo
COPY bench ./bench
COPY test/contract ./test/contract
RUN node scripts/run.mjs build
# What runs needs no development packages, and no packaged Node: the image is one.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev \
 && rm -rf node_modules/node-linux-* node_modules/node-darwin-* node_modules/node-bin-* node_modules/node-win-* node_modules/.bin

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /gatehouse
COPY --from=build /gatehouse/package.json ./
COPY --from=build /gatehouse/node_modules ./node_modules
COPY --from=build /gatehouse/dist/src ./dist/src
COPY --from=build /gatehouse/dist/providers ./dist/providers
# Mount your own configuration at /gatehouse/config. var/ holds the embedded store: mount a volume there too, or use Redis and PostgreSQL.
RUN mkdir var && chown node:node var
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "dist/src/cli/health-check.js", "config"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["serve", "--config", "config"]
