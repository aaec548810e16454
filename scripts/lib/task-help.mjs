/** Help and argument checks of tasks without their own. */
import { quickstartHelp } from './quickstart.mjs'
import { Failure } from './say.mjs'

const helps = {
  quickstart: quickstartHelp,
  build: `npm run build

Compiles src, providers, demo and bench to dist/ if something has changed. It takes no options.
`,
  check: `npm run check

Checks types, style and import rules. It takes no options. (To check the configuration: npm run gatehouse -- check)
`,
  docs: `npm run docs

Builds the documentation site in dist/docs: static pages with local search, which load nothing from another host.
Gatehouse serves them at /docs from its next start on. It takes no options.

The pages of docs/reference, and other tables, are generated from the code. To write them again:
npx vitest run test/scripts/docs.test.ts -u
`,
  examples: `npm run examples [-- --only <name>,<name>]

Starts a quickstart on free ports, runs each program of examples/ whose runtime is installed, signs in to it in Chromium and signs out.
Prints which ran, which were skipped and why. Exit code 1 if one failed.

  --only <names>   express hono nextjs single-page-app react-headless native-app device-flow python go java nginx caddy traefik

nextjs, python, go and java download their packages. The others run in npm test too, traefik aside.
`,
  schemas: `npm run schemas

Writes the JSON Schemas that editors use for gatehouse.yaml and tenants/*.yaml to config/schema/. It takes no options.
`,
  sdk: `npm run sdk

Creates the package for apps, dist/gatehouse-sdk-<version>.tgz. It takes no options.
`,
  pack: `npm run pack [-- --without-docs]

Creates the package of the server, dist/gatehouse-<version>.tgz, with the built documentation:
  npx ./gatehouse-<version>.tgz serve
`,
  test: `npm test [-- <words>]

Runs types, style, build and all tests. Installs Redis, PostgreSQL and Chromium if they are missing.
Arguments go to vitest: npm test -- test/web/sign-in/okta-login.test.ts -t 'RP-09'
`,
  'test:fast': `npm run test:fast [-- <words>]

Runs types, style, build and the tests that need no Redis, PostgreSQL or Chromium.
Arguments go to vitest: npm run test:fast -- test/config -t 'a domain'
`,
}

const withoutWords = ['build', 'check', 'docs', 'schemas', 'sdk']

export function helpWanted(name, args) {
  return args.some((word) => word === '--help' || word === '-h') && Object.hasOwn(helps, name) ? helps[name] : undefined
}

export function refuseSurplus(name, args) {
  if (withoutWords.includes(name) && args.length > 0)
    throw new Failure(`npm run ${name} takes no options, but got: ${args.join(' ')}`)
}
