// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of YAML, not templates
/** Files of the configuration as editors save and name them, and settings of the mail server. */
import { describe, expect, it } from 'vitest'
import { gatehouse, load } from '../support/gatehouse/config-folder.ts'

describe('B9 B11 X6 a configuration file', () => {
  const yaml = 'tenant: acme\nname: Müller\nconnections:\n  password: {}\n'
  const withTenant = (content: string | Uint8Array) =>
    load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': content })

  it.each<[string, string | Uint8Array]>([
    ['a byte order mark', `\uFEFF${yaml}`],
    ['CRLF', yaml.replaceAll('\n', '\r\n')],
    ['UTF-16 with a byte order mark, as Windows saves it', Buffer.from(`\uFEFF${yaml}`, 'utf16le')],
  ])('is read with %s', async (_, content) => {
    expect((await withTenant(content)).faults).toEqual([])
  })

  it.each<[string, string | Uint8Array, string]>([
    [
      'UTF-16 without a byte order mark',
      Buffer.from(yaml.replace('ü', 'u'), 'utf16le'),
      'holds NUL characters, as UTF-16 does',
    ],
    ['ISO-8859-1', Buffer.from(yaml, 'latin1'), 'cannot be read: it is not UTF-8 text'],
    ['no-break spaces', yaml.replace('  password', '\u00a0\u00a0password'), 'indents line 4 by a no-break space'],
    ['tabs', yaml.replace('  password', '\tpassword'), ':4:1: tabs do not indent in YAML: use spaces'],
  ])('in %s is reported as such', async (_, content, expected) => {
    expect((await withTenant(content)).faults).toEqual([expect.stringContaining(expected)])
  })

  it.each(['gatehouse.yml', 'Gatehouse.yaml', 'gatehouse.yaml.txt'])('named %s gets a hint', async (name) => {
    const { faults } = await load({ [name]: gatehouse, 'tenants/acme.yaml': yaml })
    expect(faults).toEqual([expect.stringContaining(`${name} is there: call it gatehouse.yaml`)])
  })

  it.each([
    ['smtps://mail.test:587', 'for 587 use smtp://'],
    ['smtp://mail.test:465', 'port 465 begins with TLS: use smtps://'],
  ])('warns of %s', async (smtp, expected) => {
    const { warnings } = await load({
      'gatehouse.yaml': `publicUrl: https://login.example.com\nmail:\n  smtp: ${smtp}\n`,
      'tenants/acme.yaml': yaml,
    })
    expect(warnings).toContainEqual(expect.stringContaining(expected))
  })
})

describe('B9 B11 a mistake in a configuration file', () => {
  const connection = (change: (line: string) => string) =>
    change(`tenant: acme
name: Acme
connections:
  up:
    kind: oidc
    issuer: https://idp.example
    clientId: c
    clientSecret: \${ACME_SECRET}
`)
  const found = (tenant: string, deployment = gatehouse, environment: Readonly<Record<string, string>> = {}) =>
    load(
      { 'gatehouse.yaml': deployment, 'tenants/acme.yaml': tenant },
      { ACME_SECRET: 'a-secret-of-the-client', ...environment },
    )

  it.each([
    ['clientId: c', 'clientId: {{ .Values.id }}', '7:16: a template ({{ … }}) that was not filled in'],
    ['clientId: c', 'clientId: “c”', '7:5: connections.up.clientId: has typographic quotation marks'],
    ['kind: oidc', 'kind: oidc\n<<<<<<< HEAD', '6:1: a mark of a merge conflict (git)'],
    ['https://idp.example', '"https://idp.example "', '6:5: connections.up.issuer: contains a space'],
    ['https://idp.example', 'idp.example', '6:5: connections.up.issuer: has no scheme: write https://'],
    ['https://idp.example', `'"https://idp.example"'`, '6:5: connections.up.issuer: begins with a quotation mark'],
    [
      'clientId: c',
      'clientId: c\n    scopes: openid email',
      '8:5: connections.up.scopes: must be a list, not text: write',
    ],
  ])('%s as %s is reported with its fix', async (from, to, expected) => {
    const { faults } = await found(connection((text) => text.replace(from, to)))
    expect(faults).toContainEqual(expect.stringContaining(expected))
  })

  it('file: may be followed by a space', async () => {
    const text = connection((own) => own.replace('${ACME_SECRET}', '"file: acme/secret"'))
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': text,
      'tenants/acme/secret': 'x',
    })
    expect(faults).toEqual([])
  })

  it.each(['$(ACME_SECRET)', '%ACME_SECRET%'])('warns of the reference %s that was not filled in', async (secret) => {
    const { warnings } = await found(
      connection((text) => text),
      gatehouse,
      { ACME_SECRET: secret },
    )
    expect(warnings).toContainEqual(expect.stringContaining('looks like a placeholder'))
  })

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['listen: { port: ${PORT} }', '4:18: inside { } and [ ], ${NAME} has to be in quotes', { PORT: '4000' }],
    ["keys: ['${KEY}']", 'keys[0]: is in quotes, which count as part of it', { KEY: `"${'k'.repeat(43)}"` }],
    ["keys: ['${KEY}']", 'keys[0]: holds several words', { KEY: `${'k'.repeat(43)},${'j'.repeat(43)}` }],
    [
      'cookie: { domain: .example.com }',
      'cookie.domain: must be a domain such as acme.com, without a dot before it',
      {},
    ],
    ['apps: { shop: { name: Shop, kind: web } }', 'apps.shop.tenants: is missing; it has to be all, or a list', {}],
  ])('%s in gatehouse.yaml is reported with its fix', async (line, expected, environment) => {
    const { faults } = await found(
      connection((text) => text),
      `${gatehouse}${line}\n`,
      environment,
    )
    expect(faults).toContainEqual(expect.stringContaining(expected))
  })

  it('a list given as text has no second fault about its length', async () => {
    const app = 'apps: { shop: { name: Shop, kind: web, tenants: all, secrets: a-text } }'
    const { faults } = await found(
      connection((text) => text),
      `${gatehouse}${app}\n`,
    )
    expect(faults.join()).toContain('apps.shop.secrets: must be a list')
    expect(faults.join()).not.toContain('characters')
  })

  it.each(['0.0.0.0/0', '::/0'])('warns of the trusted proxies %s', async (range) => {
    const { warnings } = await found(
      connection((text) => text),
      `${gatehouse}trustedProxies: ['${range}']\n`,
    )
    expect(warnings).toContainEqual(expect.stringContaining('trustedProxies[0]: trusts every address'))
  })
})
