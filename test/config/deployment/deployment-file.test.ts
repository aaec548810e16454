import { describe, expect, it } from 'vitest'
import { gatehouse, gatehouseFaults, load, loadedOf, tenant } from '../../support/gatehouse/config-folder.ts'

const base = 'publicUrl: https://login.example.com\nmail: { directory: var/mail }\n'
const key = Buffer.alloc(32, 7).toString('base64url')

const faults: readonly [what: string, text: string, expected: string][] = [
  ['no publicUrl', 'mail: {}\n', 'gatehouse.yaml:1:1: publicUrl: is missing; it has to be text'],
  ['a publicUrl with a path', 'publicUrl: https://a.com/x', '1:1: publicUrl: must have no path'],
  ['a publicUrl with a query', 'publicUrl: https://a.com/?x=1', '1:1: publicUrl: must have no path'],
  [
    'a publicUrl that is http elsewhere',
    'publicUrl: http://a.com',
    '1:1: publicUrl: must be https (http only on localhost)',
  ],
  ['a publicUrl with a user name', 'publicUrl: https://me@a.com', '1:1: publicUrl: must not hold a user name'],
  ['a publicUrl that is none', 'publicUrl: login', '1:1: publicUrl: must be an https origin'],
  ['a port that is text', `${base}listen: { port: http }`, '3:11: listen.port: must be a number, not text'],
  [
    'an unknown nested key',
    `${base}listen: { prot: 1 }`,
    '3:11: listen.prot: unknown key prot; did you mean port? known: host, port',
  ],
  ['a section without value', `${base}cookie:\n`, '3:1: cookie: has no value; it has to be a map of keys'],
  [
    'a file of breached passwords that is absent',
    `${base}passwords: { breachedFile: /absent/list.txt }`,
    '3:14: passwords.breachedFile: the file cannot be read',
  ],
  [
    'a file of breached passwords that is another',
    `${base}passwords: { breachedFile: package.json }`,
    '3:14: passwords.breachedFile: is not a list of SHA-1 hashes',
  ],
  ['redis alone', `${base}storage: { redis: 'redis://r' }`, '3:12: storage.redis: needs postgres too'],
  ['postgres alone', `${base}storage: { postgres: 'postgres://p/d' }`, '3:12: storage.postgres: needs redis too'],
  [
    'a redis URL of another scheme',
    `${base}storage: { redis: 'https://r', postgres: 'postgres://p/d' }`,
    '3:12: storage.redis: must be a URL that begins with redis://, rediss:// or unix://',
  ],
  [
    'redis and postgres without keys',
    `${base}storage: { redis: 'redis://r', postgres: 'postgres://p/d' }`,
    '1:1: keys: is required with redis and postgres',
  ],
  ['a short key', `${base}keys: [short]`, '3:8: keys[0]: must be at least 32 bytes as base64url, base64 or hex'],
  ['no key in the list', `${base}keys: []`, '3:1: keys: must have at least 1 entry'],
  ['a cookie name with the prefix', `${base}cookie: { name: __Host-x }`, '3:11: cookie.name: must be 1 to 64 letters'],
  [
    'a cookie for another domain',
    `${base}cookie: { domain: other.com }`,
    '3:11: cookie.domain: browsers refuse it: it must be login.example.com or a domain above it',
  ],
  [
    'SameSite none without Secure',
    'publicUrl: http://localhost:1\ncookie: { sameSite: none }',
    '2:11: cookie.sameSite: none needs a secure cookie',
  ],
  [
    'a sender without address',
    `${base.replace('directory: var/mail', 'from: Us')}`,
    '2:9: mail.from: must be a sender',
  ],
  [
    'a mail server of another scheme',
    `${base.replace('directory: var/mail', 'smtp: host')}`,
    '2:9: mail.smtp: must be a URL that begins with smtp:// or smtps://',
  ],
  [
    'a proxy range that is none',
    `${base}trustedProxies: [10.0.0.0/33]`,
    '3:18: trustedProxies[0]: must be an address or a CIDR range',
  ],
  [
    'a private host that is none',
    `${base}outbound: { allowPrivate: ['*.a.com'] }`,
    '3:28: outbound.allowPrivate[0]: must be a host name',
  ],
  [
    'a duration without unit',
    `${base}outbound: { timeout: 5 }`,
    '3:13: outbound.timeout: must be a duration such as 1s, from 1s to 60s',
  ],
  [
    'a duration in words',
    `${base}outbound: { timeout: 5 s }`,
    '3:13: outbound.timeout: must be a duration such as 1s, from 1s to 60s',
  ],
  [
    'a duration beyond its limit',
    `${base}traces: { retention: 366d }`,
    '3:11: traces.retention: must be between 1h and 365d',
  ],
  [
    'metrics for everyone',
    `${base}metrics: {}`,
    '3:1: metrics: needs listen or token: /metrics names tenants and connections, so it is not for everyone',
  ],
  [
    'a short token of metrics',
    `${base}metrics: { token: short }`,
    '3:12: metrics.token: must be at least 32 characters; make one with: openssl rand -base64 32',
  ],
  [
    'a metrics listener without a port',
    `${base}metrics: { listen: 127.0.0.1 }`,
    '3:12: metrics.listen: must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464',
  ],
  [
    'an unknown log level',
    `${base}log: { level: loud }`,
    '3:8: log.level: must be one of: fatal, error, warn, info, debug, trace, silent',
  ],
  [
    'a shared connection with domains',
    `${base}connections: { password: { domains: [a.com] } }`,
    '3:28: connections.password.domains: unknown key domains',
  ],
  [
    'a shared connection that is shared again',
    `${base}connections: { password: shared }`,
    '3:16: connections.password: must be a map of keys',
  ],
  ['a list where a map has to be', '- publicUrl', '1:1: the file has to be a map of keys'],
]

describe('gatehouse.yaml', () => {
  it.each(faults)('rejects %s', async (_what, text, expected) => {
    const lines = (await gatehouseFaults(text)).filter((line) => line.startsWith('gatehouse.yaml'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(expected)
  })

  it('accepts both stores with a key ring in any encoding', async () => {
    const hex = Buffer.alloc(32, 9).toString('hex')
    const text = `${gatehouse}storage:\n  redis: \${R}\n  postgres: \${P}\nkeys: ['\${K}', '\${H}']\n`
    const environment = { R: 'rediss://:pw@r:6380/1', P: 'postgresql://u:p@db/g', K: key, H: hex }
    const { loaded, warnings } = await load(
      { 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') },
      environment,
    )
    const { deployment } = loadedOf(loaded)
    expect(warnings).toEqual([])
    expect(deployment.storage.redis?.reveal()).toBe('rediss://:pw@r:6380/1')
    expect(deployment.keys.map((one) => one.reveal())).toEqual([key, hex])
  })

  it('allows http on localhost only, where the cookie is not Secure by default', async () => {
    for (const host of ['localhost:4000', '127.0.0.1', '[::1]:1', 'login.localhost']) {
      const { loaded } = await load({
        'gatehouse.yaml': `publicUrl: http://${host}\n`,
        'tenants/acme.yaml': tenant('acme'),
      })
      expect(loadedOf(loaded).deployment.cookie.secure).toBe(false)
    }
  })

  it('allows a cookie domain above the host', async () => {
    const text = `${gatehouse}cookie: { domain: Example.com, sameSite: none }\n`
    const { loaded } = await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') })
    expect(loadedOf(loaded).deployment.cookie).toMatchObject({ domain: 'example.com', sameSite: 'none', secure: true })
  })

  it('converts environment values to the expected number or boolean', async () => {
    const text = `${gatehouse}listen: { port: "\${PORT:-4000}" }\ncookie: { persistent: "\${KEEP}" }\n`
    const { loaded } = await load(
      { 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') },
      { PORT: '8080', KEEP: 'false' },
    )
    const { listen, cookie } = loadedOf(loaded).deployment
    expect([listen.port, cookie.persistent]).toEqual([8080, false])
    expect(await gatehouseFaults(`${gatehouse}listen: { port: "\${PORT}" }`, { PORT: 'eighty' })).toEqual([
      'gatehouse.yaml:4:11: listen.port: must be a number, not text',
    ])
  })
})
