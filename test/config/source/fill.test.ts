// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` here is text of a YAML file
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/crypto/secret.ts'
import {
  gatehouse,
  gatehouseFaults,
  load,
  loadedOf,
  okta,
  tenant,
  tenantFaults,
} from '../../support/gatehouse/config-folder.ts'

const from = (sender: string) => `${gatehouse}  from: ${sender}\n`

async function senderOf(sender: string, environment: Record<string, string | undefined>) {
  const { loaded } = await load({ 'gatehouse.yaml': from(sender), 'tenants/acme.yaml': tenant('acme') }, environment)
  return loadedOf(loaded).deployment.mail.from
}

const filled: readonly [text: string, sender: string][] = [
  ['${A}', 'one'],
  ['${A} and ${B}', 'one and two'],
  ['${MISSING:-instead}', 'instead'],
  ['${EMPTY:-instead}', 'instead'],
  ['${A:-instead}', 'one'],
  ['$${A}', '${A}'],
  ['$A $', '$A $'],
  ['${NESTED}', '${A}'],
]

describe('values from the environment', () => {
  it.each(filled)('reads %s', async (text, sender) => {
    const environment = { A: 'one', B: 'two', EMPTY: '', NESTED: '${A}' }
    expect(await senderOf(`"${text} <a@b.test>"`, environment)).toBe(`${sender} <a@b.test>`)
  })

  const faults: readonly [text: string, expected: string][] = [
    ['${MISSING}', 'the environment variable MISSING is not set'],
    ['${EMPTY}', 'the environment variable EMPTY is empty'],
    ['${MISSING}${EMPTY}', 'the environment variable MISSING is not set; the environment variable EMPTY is empty'],
    ['${not a name}', 'a ${ has to be ${NAME} or ${NAME:-default}'],
    ['${open', 'a ${ has to be ${NAME} or ${NAME:-default}'],
  ]
  it.each(faults)('reports %s once, at its line', async (text, expected) => {
    const found = await gatehouseFaults(from(text), { EMPTY: '' })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`gatehouse.yaml:4:3: mail.from: ${expected}`)
  })
})

describe('values from a file', () => {
  const withSecret = (secret: string, files: Record<string, string | Uint8Array> = {}) =>
    load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': okta('https://acme.okta.com', secret), ...files })

  it('are read relative to the YAML file without the final line break', async () => {
    const { loaded, warnings } = await withSecret('file:acme/okta', { 'tenants/acme/okta': 'from a file\n' })
    const [connection] = loadedOf(loaded).tenants[0]?.connections ?? []
    const config = connection?.config
    const secret = typeof config === 'object' && config !== null ? Reflect.get(config, 'clientSecret') : undefined
    expect(secret instanceof Secret && secret.reveal()).toBe('from a file')
    expect(warnings).toEqual([])
  })

  const faults: readonly [secret: string, expected: string][] = [
    ['file:acme/missing', 'the file acme/missing cannot be read: it does not exist'],
    ['file:acme/sub', 'the file acme/sub cannot be read: it is a directory'],
    ['file:acme/large', 'the file acme/large is larger than 512 kB'],
    ['file:acme/latin', 'the file acme/latin cannot be read: it is not UTF-8 text'],
    ['file:acme/empty', 'must not be empty'],
    ["'file:'", 'file: has to be followed by a path, relative to this file'],
  ]
  it.each(faults)('reports %s at its line', async (secret, expected) => {
    const files = {
      'tenants/acme/large': 'x'.repeat(600_000),
      'tenants/acme/latin': Buffer.from([0xfc, 0x80]),
      'tenants/acme/empty': '\n',
      'tenants/acme/sub/file': '',
    }
    expect((await withSecret(secret, files)).faults).toEqual([
      `tenants/acme.yaml:7:5: connections.okta.clientSecret: ${expected}`,
    ])
  })
})

describe('B13: a secret with line breaks', () => {
  async function secretOf(value: string) {
    const files = { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': okta() }
    const { loaded, faults } = await load(files, { ACME_OKTA_CLIENT_SECRET: value })
    const config = loaded.ok ? loaded.tenants[0]?.connections[0]?.config : undefined
    const secret = typeof config === 'object' && config !== null ? Reflect.get(config, 'clientSecret') : undefined
    return secret instanceof Secret ? secret.reveal() : faults
  }

  it.each(['s3cret\n', 's3cret\r\n', 's3cret\n\n'])(
    'loses those at the end of an environment variable: %j',
    async (value) => {
      expect(await secretOf(value)).toBe('s3cret')
    },
  )

  it.each(['\ns3cret', 's3cret\r', 's3cret\t', '\ufeffs3cret', '\u200bs3cret\u2028'])(
    'loses invisible characters around it: %j',
    async (value) => {
      expect(await secretOf(value)).toBe('s3cret')
    },
  )

  it('loses the final line break of a YAML block', async () => {
    const text = okta().replace('clientSecret: ', 'clientSecret: |\n      ')
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
    expect(loaded.ok).toBe(true)
  })

  it.each(['s3\ncret', 's3cret\n\tx', '\u0000s3cret', 's3\u200bcret'])(
    'is an error with line and column if characters cannot be part of a secret: %j',
    async (value) => {
      expect(await secretOf(value)).toEqual([
        expect.stringMatching(
          /^tenants\/acme\.yaml:7:5: connections\.okta\.clientSecret: must not contain line breaks/,
        ),
      ])
    },
  )

  it.each([
    [' s3cret', 'begins or ends with a space'],
    ['s3cret ', 'begins or ends with a space'],
    ['"s3cret"', 'is in quotes'],
    ["'s3cret'", 'is in quotes'],
    ['"s3cret', 'quotation mark'],
    ['s3cret\\n', 'backslash'],
    ['s3cret\u00a0', 'beyond ASCII'],
    ['${s3cret}', 'placeholder'],
    ['$s3cret', 'placeholder'],
    ['{{ .Values.s3cret }}', 'placeholder'],
    ['<s3cret>', 'placeholder'],
    ['file:/run/s3cret', 'placeholder'],
    ['changeme', 'placeholder'],
    ['undefined', 'placeholder'],
    ['********', 'placeholder'],
    ['s3cret–with-a-dash', 'beyond ASCII'],
  ])('is a warning if it is unlikely to be right: %j', async (value, words) => {
    const { loaded, warnings } = await load(
      { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': okta() },
      { ACME_OKTA_CLIENT_SECRET: value },
    )
    expect(loaded.ok).toBe(true)
    expect(warnings).toEqual([
      expect.stringMatching(`^tenants/acme.yaml:7:5: connections.okta.clientSecret: .*${words}`),
    ])
    expect(warnings.join()).not.toContain('s3cret')
  })

  it('is an error in a client ID too; a variable of line breaks only is empty', async () => {
    const text = okta().replace("'1'", '${ACME_ID}')
    expect(await tenantFaults(text, { ACME_ID: 'one\ntwo', ACME_OKTA_CLIENT_SECRET: '\n' })).toEqual([
      expect.stringContaining('acme.yaml:6:5: connections.okta.clientId: must not contain line breaks'),
      expect.stringContaining('the environment variable ACME_OKTA_CLIENT_SECRET is empty'),
    ])
  })
})

describe('secrets', () => {
  const canary = 'CANARY-7f3a9c'

  it('written as literals cause a warning each, with line and column', async () => {
    const text = `${gatehouse}storage:\n  redis: redis://:${canary}@r\n  postgres: postgres://u:${canary}@p/d\nkeys:\n  - ${'k'.repeat(43)}\n  - "\${KEY}"\n`
    const { loaded, warnings } = await load(
      { 'gatehouse.yaml': text, 'tenants/acme.yaml': okta('https://acme.okta.com', canary) },
      { KEY: 'e'.repeat(43) },
    )
    expect(loaded.ok).toBe(true)
    const sentence = 'a secret is written out here: put it in the environment (${NAME}) or in a file (file:path)'
    expect(warnings).toEqual([
      `gatehouse.yaml:5:3: storage.redis: ${sentence}`,
      `gatehouse.yaml:6:3: storage.postgres: ${sentence}`,
      `gatehouse.yaml:8:5: keys[0]: ${sentence}`,
      `tenants/acme.yaml:7:5: connections.okta.clientSecret: ${sentence}`,
    ])
  })

  it.each([
    ['redis://localhost:6791', 'postgres://postgres@localhost:5791/gh', []],
    ['redis://cache@localhost:6791/2', 'postgresql://localhost/gh?sslmode=require', []],
    ['redis://:pw@localhost', 'postgres://u:pw@localhost/gh', ['storage.redis', 'storage.postgres']],
    [
      'redis://localhost?password=pw',
      'postgres://localhost/gh?user=u&password=pw',
      ['storage.redis', 'storage.postgres'],
    ],
  ])('a store URL counts only with a password: %s and %s', async (redis, postgres, warned) => {
    const text = `${gatehouse}storage:\n  redis: ${redis}\n  postgres: ${postgres}\nkeys:\n  - "\${KEY}"\n`
    const { warnings } = await load(
      { 'gatehouse.yaml': text, 'tenants/acme.yaml': okta() },
      { KEY: 'e'.repeat(43), ACME_OKTA_CLIENT_SECRET: 'x' },
    )
    expect(warnings.map((warning) => warning.split(': ')[1])).toEqual(warned)
  })

  // Each puts the canary where something is wrong with it, by type, form, syntax or filling.
  const leaks: readonly [what: string, files: Record<string, string>][] = [
    ['a list for a secret', { 'tenants/acme.yaml': okta('https://a.okta.com', `[${canary}]`) }],
    ['a map for a secret', { 'tenants/acme.yaml': okta('https://a.okta.com', `{ a: ${canary} }`) }],
    ['an open quote', { 'tenants/acme.yaml': okta('https://a.okta.com', `"${canary}`) }],
    ['a second colon', { 'tenants/acme.yaml': okta('https://a.okta.com', `x: ${canary}`) }],
    ['a reserved character', { 'tenants/acme.yaml': okta('https://a.okta.com', `\`${canary}`) }],
    ['text behind a quote', { 'tenants/acme.yaml': okta('https://a.okta.com', `"x" ${canary}`) }],
    ['a tag', { 'tenants/acme.yaml': okta('https://a.okta.com', `!${canary} x`) }],
    ['an open placeholder', { 'tenants/acme.yaml': okta('https://a.okta.com', `\${${canary} `) }],
    [
      'a default beside a missing variable',
      { 'tenants/acme.yaml': okta('https://a.okta.com', `\${X:-${canary}}\${Y}`) },
    ],
    [
      'a URL of another scheme',
      { 'gatehouse.yaml': `publicUrl: https://a.com\nstorage: { redis: 'http://:${canary}@r' }\n` },
    ],
    ['a filled URL of another scheme', { 'gatehouse.yaml': 'publicUrl: https://a.com\nmail: { smtp: "${CANARY}" }\n' }],
    ['a short key', { 'gatehouse.yaml': `publicUrl: https://a.com\nkeys: [${canary}]\n` }],
    ['a misplaced bracket', { 'gatehouse.yaml': `publicUrl: https://a.com\nkeys: ]${canary}\n` }],
  ]
  it.each(leaks)('LK-01 never appear in an error: %s', async (_what, files) => {
    const environment = { ACME_OKTA_CLIENT_SECRET: 'x', CANARY: canary }
    const { loaded, faults, warnings } = await load(
      { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': tenant('acme'), ...files },
      environment,
    )
    expect(loaded.ok).toBe(false)
    expect(faults.length).toBeGreaterThan(0)
    expect([...faults, ...warnings, JSON.stringify(loaded)].join('\n')).not.toContain(canary)
  })
})
