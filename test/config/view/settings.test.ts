/** The settings of a file as an administrator sees them. */
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { deploymentJsonSchema, tenantJsonSchema } from '../../../src/config/json-schema.ts'
import { readYaml } from '../../../src/config/source/yaml-source.ts'
import { settingsOf } from '../../../src/config/view/settings.ts'

const settings = (text: string, kind: 'tenant' | 'deployment' = 'tenant') => {
  const schema = kind === 'tenant' ? tenantJsonSchema(providers) : deploymentJsonSchema(providers)
  return settingsOf(readYaml('acme.yaml', text), schema)
}
const byPath = (text: string, kind?: 'tenant' | 'deployment') =>
  Object.fromEntries(settings(text, kind).map(({ path, ...rest }) => [path, rest]))

const variable = (name: string) => `•••• from $\{${name}}`

const acme = `tenant: acme
name: Acme
connections:
  okta:
    issuer: https://acme.okta.test
    clientId: shop
    clientSecret: a-literal-canary
    domains: [acme.test, acme.example]
  google:
    clientId: \${ACME_GOOGLE_ID}
    clientSecret: file:acme/google
  password:
  saml: shared
sessions: { lifetime: 12h }
`

describe('the settings of a tenant', () => {
  const found = byPath(acme)

  it('have the line of each value, as written', () => {
    expect(found['connections.okta.issuer']).toEqual({ value: 'https://acme.okta.test', origin: 'written', line: 5 })
    expect(found['connections.okta.domains[1]']).toEqual({ value: 'acme.example', origin: 'written', line: 8 })
    expect(found['sessions.lifetime']).toEqual({ value: '12h', origin: 'written', line: 14 })
    expect(found['connections.saml']).toEqual({ value: 'shared', origin: 'written', line: 13 })
  })

  it('mask secrets, and what comes from variables and files', () => {
    expect(found['connections.okta.clientSecret']).toEqual({ value: '••••', origin: 'masked', line: 7 })
    expect(found['connections.google.clientId']).toMatchObject({ value: variable('ACME_GOOGLE_ID') })
    expect(found['connections.google.clientSecret']).toMatchObject({ value: '•••• from file:acme/google' })
    expect(JSON.stringify(found)).not.toContain('canary')
  })

  it('include defaults of absent keys, also of connections', () => {
    expect(found['sessions.tokenInQuery']).toEqual({ value: 'false', origin: 'default', line: undefined })
    expect(found['tokens.max']).toMatchObject({ value: '100', origin: 'default' })
    expect(found['domainProof']).toMatchObject({ value: 'advisory', origin: 'default' })
    expect(Object.keys(found).some((path) => path.startsWith('connections.password'))).toBe(true)
    expect(
      Object.entries(found).filter(([path, { origin }]) => path.startsWith('connections.okta') && origin === 'default'),
    ).not.toEqual([])
  })

  it('are shown for a file that fits no schema', () => {
    expect(byPath('- 1\n- { password: a-canary }\n')).toEqual({
      '[0]': { value: '1', origin: 'written', line: 1 },
      '[1].password': { value: '••••', origin: 'masked', line: 2 },
    })
    expect(byPath('connections: [1]\nname: { a: 1 }\n')['name.a']).toMatchObject({ value: '1' })
    expect(settings('tenant: [')).toEqual([])
  })
})

it('of the deployment mask the key ring, the stores, the mail server and secrets of apps', () => {
  const text = `publicUrl: https://login.test
keys: [a-canary-of-the-ring, "\${RING_KEY}"]
storage: { redis: "redis://:a-canary@redis.test", postgres: "postgres://u:a-canary@db.test/g" }
mail: { smtp: "smtps://u:a-canary@mail.test" }
metrics: { token: a-canary-token }
apps:
  shop: { name: Shop, secrets: [a-canary-secret] }
`
  const found = byPath(text, 'deployment')
  expect(JSON.stringify(found)).not.toContain('canary')
  expect(found['publicUrl']).toMatchObject({ value: 'https://login.test', line: 1 })
  expect(found['keys[1]']).toMatchObject({ value: variable('RING_KEY') })
  expect(found['apps.shop.name']).toMatchObject({ value: 'Shop', line: 7 })
})
