/** What `--help` says of the tasks that have no words of their own for it, and what they refuse. */
import { Failure } from './say.mjs'

const helps = {
  build: `npm run build

Compiles src, providers, demo and bench to dist/ when something changed since the last time. It takes no options.
`,
  check: `npm run check

Types, lint and the directions of import. It takes no options. (The configuration is checked by: npm run gatehouse -- check)
`,
  schemas: `npm run schemas

Writes the JSON Schemas that editors use for gatehouse.yaml and tenants/*.yaml to config/schema/. It takes no options.
`,
  sdk: `npm run sdk

Makes the package that apps install, dist/gatehouse-<version>.tgz. It takes no options.
`,
  test: `npm test [-- <words>]

Types, lint, build and every test, with a Redis, a PostgreSQL and a Chromium that are installed where they are missing.
Words and options are those of vitest: npm test -- test/web/sign-in/okta-login.test.ts -t 'RP-09'
`,
  'test:fast': `npm run test:fast [-- <words>]

Types, lint, build and the tests that need no Redis, PostgreSQL or Chromium.
Words and options are those of vitest: npm run test:fast -- test/config -t 'a domain'
`,
}

const withoutWords = ['build', 'check', 'schemas', 'sdk']

/** Undefined: the task has its own. */
export function helpWanted(name, args) {
  return args.some((word) => word === '--help' || word === '-h') && Object.hasOwn(helps, name) ? helps[name] : undefined
}

export function refuseSurplus(name, args) {
  if (withoutWords.includes(name) && args.length > 0)
    throw new Failure(`npm run ${name} takes no options, and was given: ${args.join(' ')}`)
}
