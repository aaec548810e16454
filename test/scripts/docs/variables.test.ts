/**
 * One name for each variable in the documentation, the example configurations and what `gatehouse
 * init` writes.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { newFiles } from '../../../src/cli/deployment/init/files.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const written = newFiles({
  ...{ tenant: 'acme', kinds: ['okta', 'google'], publicUrl: new URL('https://login.acme.com'), emulators: false },
  ...{ dataFolder: 'var', key: 'a-key' },
})
const texts = new Map([
  ...globSync(['README.md', '{docs,providers,config,deploy}/**/*.{md,yaml}'], { cwd: root }).map(
    (file) => [file, readFileSync(join(root, file), 'utf8')] as const,
  ),
  ...written.map(({ path, text }) => [`init: ${path}`, text] as const),
])

/** The end of the variable of a key; that of a connection begins with tenant and connection. */
const endings: Readonly<Record<string, RegExp>> = {
  redis: /^REDIS_URL$/,
  postgres: /^POSTGRES_URL$/,
  smtp: /^SMTP_URL$/,
  issuer: /^[A-Z]+_[A-Z]+_ISSUER$/,
  clientId: /^[A-Z]+_[A-Z]+_CLIENT_ID$/,
  clientSecret: /^[A-Z]+_[A-Z]+_CLIENT_SECRET$/,
  keys: /^GATEHOUSE_KEY$/,
}

it('a key has the same variable wherever it is written', () => {
  const named = [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/\b(\w+): *\[?'?\$\{([A-Z]\w*)/g)].map(([, key = '', name = '']) => ({ file, key, name })),
  )
  for (const key of Object.keys(endings)) expect(named.map((each) => each.key)).toContain(key)
  expect(named.filter(({ key, name }) => endings[key]?.test(name) === false)).toEqual([])
})

it('a page that says how to fill in a variable has it in its configuration', () => {
  const unknown = [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/Write the value of `([A-Z_]+)`/g)].flatMap(([, name]) =>
      text.includes(`\${${name}}`) ? [] : [`${file}: ${name}`],
    ),
  )
  expect(unknown).toEqual([])
})
