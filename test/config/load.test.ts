import { describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { reportOf } from '../../src/config/check.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { gatehouse, load, loadedOf, okta, tenant, writeFolder } from '../support/gatehouse/config-folder.ts'

const faulty = {
  'gatehouse.yaml': `publicUrl: http://login.example.com/sign-in
lisen:
  port: 4000
listen:
  port: 70000
storage:
  redis: \${REDIS_URL}
cookie:
  sameSite: sometimes
`,
  'tenants/acme.yaml': `tenant: acme
name: Acme
connections:
  okta:
    issuer: http://acme.okta.com
    clientID: 0oa1
    clientSecret: \${ACME_SECRET}
    domains: [acme.com, "@acme.org"]
  samba:
    label: Old gate
returnOrigins:
  - https://app.acme.com/home
`,
  'tenants/globex.yaml': `tenant: globes
name: Globex
name: Globex again
connections:
  password:
    minimumLength: short
  okta: shared
`,
  'tenants/broken.yaml': `tenant: broken
name: "Broken
connections: {}
`,
}

describe('a configuration folder with errors in every file', () => {
  it('reports all of them at once with line and column', async () => {
    const { faults } = await load(faulty, {})
    expect(faults).toEqual([
      'gatehouse.yaml:1:1: publicUrl: must be https (http only on localhost): write it as https://login.example.com',
      'gatehouse.yaml:2:1: lisen: unknown key lisen; did you mean listen? known: publicUrl, listen, storage, keys, cookie, mail, passwords, passkeys, trustedProxies, outbound, log, traces, health, metrics, signingKeys, defaultTenant, domainProof, tenantVariables, plugins, apps, apis, connections',
      'gatehouse.yaml:5:3: listen.port: must be at most 65535',
      'gatehouse.yaml:7:3: storage.redis: the environment variable REDIS_URL is not set',
      'gatehouse.yaml:9:3: cookie.sameSite: must be one of: lax, strict, none',
      'tenants/acme.yaml:5:5: connections.okta.issuer: must be an https URL (http only on localhost), without query and fragment',
      expect.stringContaining(
        'tenants/acme.yaml:6:5: connections.okta.clientID: unknown key clientID; did you mean clientId? known: kind, label, domains, button, hidden, browsers, createUsers, linking, secretExpires, mfaEvidence, profile, issuer, clientId, clientSecret,',
      ),
      'tenants/acme.yaml:7:5: connections.okta.clientSecret: the environment variable ACME_SECRET is not set',
      'tenants/acme.yaml:8:25: connections.okta.domains[1]: must be a domain such as acme.com, without @',
      expect.stringMatching(
        /^tenants\/acme\.yaml:9:3: connections\.samba: its ID is not a known kind: add kind; .*known: okta, /,
      ),
      'tenants/acme.yaml:12:5: returnOrigins[0]: must have no path, query or fragment: write it as https://app.acme.com',
      'tenants/broken.yaml:2:7: something is missing here: a closing quote or bracket, a colon or a comma',
      'tenants/globex.yaml:1:1: tenant: must be globex, as the file is called, or call the file globes.yaml',
      'tenants/globex.yaml:3:1: name: this key is given twice; the first one would be used',
      'tenants/globex.yaml:6:5: connections.password.minimumLength: must be a number, not text',
      'tenants/globex.yaml:7:3: connections.okta: gatehouse.yaml shares no connection okta; known: none',
    ])
  })

  it('is reported by check with a summary', async () => {
    const { ok, text } = reportOf(await loadConfig({ directory: writeFolder(faulty), environment: {}, providers }))
    expect(ok).toBe(false)
    expect(text.split('\n').at(-1)).toBe('16 faults, 1 warning')
  })
})

describe('a valid configuration folder', () => {
  it('returns the deployment with defaults', async () => {
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': okta() })
    const { deployment } = loadedOf(loaded)
    expect(deployment).toEqual({
      publicUrl: new URL('https://login.example.com'),
      listen: { host: '127.0.0.1', port: 4000 },
      storage: { redis: undefined, postgres: undefined, file: 'var/gatehouse.db' },
      keys: [],
      cookie: {
        name: 'gatehouse_session',
        domain: undefined,
        path: '/',
        sameSite: 'lax',
        secure: true,
        persistent: true,
      },
      mail: { smtp: undefined, directory: 'var/mail', from: 'Gatehouse <no-reply@login.example.com>' },
      passwords: {},
      passkeys: { relatedOrigins: [] },
      trustedProxies: [],
      outbound: {
        allowPrivate: [],
        timeoutSeconds: 5,
        ca: [],
        proxy: 'environment',
        noProxy: [],
        proxyResolves: false,
      },
      log: { level: 'info', format: 'auto' },
      traces: { keepSeconds: 30 * 86_400 },
      health: { probe: true },
      signingKeys: {
        rotateEverySeconds: 90 * 86_400,
        publishAheadSeconds: 86_400,
        algorithms: ['RS256', 'ES256', 'PS256'],
      },
      defaultTenant: 'acme',
      domainProof: 'advisory',
      apps: [],
      apis: [],
    })
  })

  it.each([
    ['', '', 'advisory'],
    ['', 'domainProof: required\n', 'required'],
    ['domainProof: required\n', '', 'required'],
    ['domainProof: required\n', 'domainProof: advisory\n', 'required'],
    ['domainProof: advisory\n', 'domainProof: required\n', 'required'],
  ])('requires domain verification if gatehouse.yaml ("%s") or the tenant ("%s") does: %s', async (all, own, is) => {
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse + all, 'tenants/acme.yaml': okta() + own })
    expect(loadedOf(loaded).tenants[0]?.domainProof).toBe(is)
  })

  it('returns the tenant with its connections in file order', async () => {
    const text = `${okta()}    domains: [ACME.com]\n  '2':\n    kind: password\n    button: false\n  '1':\n    kind: password\n    label: Guests\nreturnOrigins: [https://App.example.com]\n`
    const { loaded, warnings } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
    const [acme] = loadedOf(loaded).tenants
    expect(warnings).toEqual([])
    expect(acme).toMatchObject({
      id: 'acme',
      name: 'Acme',
      returnOrigins: ['https://app.example.com'],
      supportUrl: undefined,
    })
    expect(
      acme?.connections.map(({ id, kind, label, domains, button }) => ({ id, kind, label, domains, button })),
    ).toEqual([
      { id: 'okta', kind: 'okta', label: undefined, domains: ['acme.com'], button: true },
      { id: '2', kind: 'password', label: undefined, domains: [], button: false },
      { id: '1', kind: 'password', label: 'Guests', domains: [], button: true },
    ])
    const config = acme?.connections[0]?.config
    expect(config).toMatchObject({ clientId: '1', clientSecret: expect.any(Secret) })
  })

  it('limits sessions as the tenant says, with idle equal to the lifetime by default', async () => {
    const policyOf = async (sessions: string) => {
      const { loaded } = await load({
        'gatehouse.yaml': gatehouse,
        'tenants/acme.yaml': `${tenant('acme')}sessions: ${sessions}\n`,
      })
      return loadedOf(loaded).tenants[0]?.sessions
    }
    expect(await policyOf('{}')).toEqual({ lifetimeSeconds: 2_592_000, idleSeconds: 2_592_000, tokenInQuery: false })
    expect(await policyOf('{ lifetime: 12h }')).toEqual({
      lifetimeSeconds: 43_200,
      idleSeconds: 43_200,
      tokenInQuery: false,
    })
    expect(await policyOf('{ tokenCookie: true }')).toMatchObject({ tokenCookie: 'token' })
    expect(await policyOf('{ tokenCookie: __Host-app.token }')).toMatchObject({ tokenCookie: '__Host-app.token' })
    expect(await policyOf('{ tokenCookie: false }')).not.toHaveProperty('tokenCookie')
    expect(await policyOf('{ lifetime: 1d, idleTimeout: 15m, tokenInQuery: true }')).toEqual({
      lifetimeSeconds: 86_400,
      idleSeconds: 900,
      tokenInQuery: true,
    })
  })

  it('copies a shared connection to each tenant', async () => {
    const shared = 'connections:\n  workforce:\n    kind: password\n    label: Everyone\n'
    const using = (id: string) => `tenant: ${id}\nname: ${id}\nconnections:\n  workforce: shared\n`
    const { loaded } = await load({
      'gatehouse.yaml': gatehouse + shared,
      'tenants/a.yaml': using('a'),
      'tenants/b.yaml': using('b'),
    })
    const [a, b] = loadedOf(loaded).tenants.map(({ connections }) => connections[0])
    expect(a).toMatchObject({ id: 'workforce', kind: 'password', label: 'Everyone', domains: [] })
    expect(b).toEqual(a)
    expect(b).not.toBe(a)
  })

  it('skips examples, hidden and unrelated files', async () => {
    const { loaded } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': tenant('acme'),
      'tenants/x.example.yaml': '[',
      'tenants/.x.yaml': '[',
      'tenants/README.md': '[',
    })
    expect(loadedOf(loaded).tenants).toHaveLength(1)
  })

  it('has a one-line summary; K7: and a hint that verified emails need domains', async () => {
    const directory = writeFolder({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': okta('https://a.okta.com', 'literal'),
    })
    const { ok, text } = reportOf(await loadConfig({ directory, environment: {}, providers }))
    expect(ok).toBe(true)
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/acme\.yaml:7:5: connections\.okta\.clientSecret: warning: a secret is written out here/),
      expect.stringMatching(
        /acme\.yaml:4:3: connections\.okta: note: .*the connection speaks for no domain; list theirs/,
      ),
      'who can fix it: an operator changes the file, runs gatehouse check and restarts Gatehouse',
      '1 tenant, 1 connection: no faults, 1 warning',
    ])
  })
})

it('sorts tenants by ID, although acme-eu.yaml comes before acme.yaml', async () => {
  const files = { 'tenants/acme-eu.yaml': tenant('acme-eu'), 'tenants/acme.yaml': tenant('acme') }
  const { tenants } = loadedOf((await load({ 'gatehouse.yaml': gatehouse, ...files })).loaded)
  expect(tenants.map(({ id }) => id)).toEqual(['acme', 'acme-eu'])
})
