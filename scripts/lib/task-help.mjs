/** Help and argument checks of tasks without their own. */
import { Failure } from './say.mjs'

const helps = {
  build: `npm run build

Compiles src, providers, demo and bench to dist/ if something has changed. It takes no options.
`,
  check: `npm run check

Checks types, style and import rules. It takes no options. (To check the configuration: npm run gatehouse -- check)
`,
  schemas: `npm run schemas

Writes the JSON Schemas that editors use for gatehouse.yaml and tenants/*.yaml to config/schema/. It takes no options.
`,
  sdk: `npm run sdk

Creates the package for apps, dist/gatehouse-<version>.tgz. It takes no options.
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

const withoutWords = ['build', 'check', 'schemas', 'sdk']

export function helpWanted(name, args) {
  return args.some((word) => word === '--help' || word === '-h') && Object.hasOwn(helps, name) ? helps[name] : undefined
}

export function refuseSurplus(name, args) {
  if (withoutWords.includes(name) && args.length > 0)
    throw new Failure(`npm run ${name} takes no options, but got: ${args.join(' ')}`)
}
