# Three stages: one that builds, one with the emulated upstreams for trying Gatehouse out, and last the image of Gatehouse,
# which holds neither compiler nor development packages. `npm run pin-images` adds the digest of the base image.
ARG NODE_IMAGE=node:24.22.3-trixie-slim
FROM ${NODE_IMAGE} AS build
WORKDIR /gatehouse
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# .dockerignore leaves out tests, secrets, data and what is built.
COPY . .
RUN node scripts/run.mjs build
# The documentation, which Gatehouse serves at /docs.
RUN node scripts/run.mjs docs
# What runs needs no development packages, and no packaged Node: the image is one.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev \
 && rm -rf node_modules/node-linux-* node_modules/node-darwin-* node_modules/node-bin-* node_modules/node-win-* node_modules/.bin

# For development only: compose.yaml starts it with the profile "emulators".
FROM build AS emulators
ENV EMULATORS_ADDRESS=0.0.0.0
RUN mkdir var && chown node:node var
# the user node; Kubernetes wants a number for runAsNonRoot
USER 1000:1000
CMD ["node", "dist/demo/upstreams.js"]

FROM ${NODE_IMAGE}
ARG NODE_IMAGE
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="A federated identity broker: sign-in with Okta, Google, SAML and others behind one OpenID provider." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/${NODE_IMAGE}"
ENV NODE_ENV=production
WORKDIR /gatehouse
COPY --from=build /gatehouse/package.json ./
COPY --from=build /gatehouse/node_modules ./node_modules
COPY --from=build /gatehouse/dist/src ./dist/src
COPY --from=build /gatehouse/dist/providers ./dist/providers
COPY --from=build /gatehouse/dist/docs ./dist/docs
COPY LICENSE ./
# Mount your own configuration at /gatehouse/config. var/ holds the embedded store: mount a volume there too, or use Redis and PostgreSQL.
RUN mkdir var && chown node:node var \
 && chmod +x dist/src/cli.js && ln -s /gatehouse/dist/src/cli.js /usr/local/bin/gatehouse
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "dist/src/cli/health-check.js", "config"]
ENTRYPOINT ["node", "dist/src/cli.js"]
CMD ["serve", "--config", "config"]
