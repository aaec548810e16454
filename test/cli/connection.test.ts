/**
 * `gatehouse connection show` as it is typed: the addresses that people copy into the pages of an
 * upstream.
 */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../src/cli/run.ts'
import { writeFolder } from '../support/gatehouse/config-folder.ts'

const here = 'https://login.example.com/t/acme'
let config = ''

beforeAll(() => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  config = writeFolder({
    'gatehouse.yaml': 'publicUrl: https://login.example.com\nmail: { directory: var/mail }\n',
    'tenants/acme/apple.p8': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'tenants/acme/secret': 'canary',
    'tenants/acme.yaml': `tenant: acme
name: Acme
connections:
  okta: { issuer: https://acme.okta.com, clientId: c, clientSecret: file:acme/secret }
  staff: { kind: oidc, issuer: https://id.acme.com, clientId: c, clientSecret: file:acme/secret, endUpstreamSession: true, receiveLogouts: false }
  google: { clientId: c, clientSecret: file:acme/secret }
  gitlab: { clientId: c, clientSecret: file:acme/secret }
  linkedin: { clientId: c, clientSecret: file:acme/secret }
  apple: { clientId: com.acme, teamId: T, keyId: K, privateKey: file:acme/apple.p8 }
  epam: { metadataUrl: https://sso.epam.example/metadata, allowIdpInitiated: true }
  keyed: { kind: oidc, issuer: https://id.acme.com/keyed, clientId: c, clientKey: { privateKey: file:acme/apple.p8, kid: mine } }
  password:
`,
  })
})

/** What it prints, by the words in front; the exit code. */
const show = (...words: readonly string[]) => run('show', ...words)

async function run(command: 'show' | 'jwks', ...words: readonly string[]) {
  const written = { out: '', error: '' }
  const catching = (name: 'out' | 'error') => (chunk: string | Uint8Array) => {
    written[name] += chunk
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(catching('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(catching('error')),
  ]
  try {
    const code = await runCommand(['connection', command, '--config', config, ...words])
    const lines = written.out.split('\n').flatMap((line) => {
      const [, what, where] = /^ {2}(\S.*?) {2,}(.+)$/.exec(line) ?? []
      return what === undefined ? [] : [[what, where] as const]
    })
    return { ...written, code, told: Object.fromEntries(lines) }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

describe('gatehouse connection show', () => {
  it("prints every URL to register at Okta, by the names of Okta's pages, and the setup guide", async () => {
    expect((await show('acme', 'okta')).told).toEqual({
      'Sign-in redirect URIs': `${here}/okta/callback`,
      'Initiate login URI': `${here}/okta/initiate`,
      'back-channel logout URI': `${here}/okta/backchannel-logout`,
      'Logout endpoint URL': `${here}/okta/global-token-revocation`,
      'start of a sign-in': `${here}/okta/start`,
      'how to register, step by step': 'providers/okta/setup.md',
    })
  })

  it('prints only the URLs that the connection uses: a post-logout redirect URI where it starts logouts, no logout URI where it receives none', async () => {
    const { told: stated } = await show('acme', 'staff')
    expect(stated).toMatchObject({ 'Post logout redirect URI': `${here}/staff/signed-out` })
    expect(stated).not.toHaveProperty('Back-channel logout URI')
    expect((await show('acme', 'google')).told).not.toHaveProperty('Initiate login URI')
  })

  it('prints no URL for logouts or logins that the brand never sends', async () => {
    expect((await show('acme', 'gitlab')).told).toEqual({
      'Redirect URI': `${here}/gitlab/callback`,
      'start of a sign-in': `${here}/gitlab/start`,
      'how to register, step by step': 'providers/gitlab/setup.md',
    })
  })

  it('prints the notification endpoint for Apple', async () => {
    expect((await show('acme', 'apple')).told).toMatchObject({
      'Server-to-Server Notification Endpoint': `${here}/apple/notifications`,
    })
  })

  it('uses the terms of EPAM SSO', async () => {
    const { told: stated } = await show('acme', 'epam')
    expect(stated).toMatchObject({
      'assertion consumer service': `${here}/epam/callback`,
      'entity ID': `${here}/epam/metadata`,
      metadata: `${here}/epam/metadata`,
      'sign-in from its dashboard': `${here}/epam/callback`,
    })
    expect(stated).not.toHaveProperty('callback URL')
    expect((await show('acme', 'password')).told).toMatchObject({
      'to register': 'nothing: Gatehouse itself checks the users',
    })
  })

  it.each(['okta', 'staff', 'google', 'gitlab', 'linkedin', 'apple', 'epam', 'password'])(
    'names for %s a page that exists, and no secret',
    async (connection) => {
      const { out, told: stated, code } = await show('acme', connection)
      const page = stated['how to register, step by step'] ?? 'none'
      expect(existsSync(fileURLToPath(new URL(`../../${page}`, import.meta.url))), page).toBe(true)
      expect(out).not.toContain('canary')
      expect(code).toBe(0)
    },
  )

  it('accepts tenant and connection as options', async () => {
    expect((await show('--tenant', 'acme', '--connection', 'okta')).out).toBe((await show('acme', 'okta')).out)
  })

  it.each([
    [[], 'name a tenant (--tenant): acme'],
    [['acme'], 'name a connection (--connection): okta, staff'],
    [['acne', 'okta'], 'did you mean acme?'],
    [['acme', 'gogle'], 'did you mean google?'],
  ])('rejects %j with an error and exit code 1', async (words, sentence) => {
    const { code, error } = await show(...words)
    expect(code).toBe(1)
    expect(error).toContain(sentence)
  })
})

describe('gatehouse connection jwks', () => {
  it('C1: prints the public key of a connection, never the private key', async () => {
    const { out, code } = await run('jwks', 'acme', 'keyed')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: expect.any(String),
          y: expect.any(String),
          kid: 'mine',
          use: 'sig',
          alg: 'ES256',
        },
      ],
    })
  })

  it('reports a connection without a key', async () => {
    const { error, code } = await run('jwks', 'acme', 'okta')
    expect([code, error]).toEqual([1, expect.stringContaining('acme/okta has no clientKey')])
  })
})
