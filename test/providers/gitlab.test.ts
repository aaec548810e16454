import { describe, expect, it } from 'vitest'
import { startGitLabEmulator } from '../../providers/gitlab/emulator.ts'
import { gitlab } from '../../providers/gitlab/gitlab.ts'
import { providerContract } from '../contract/provider.ts'
import { brandAttacks, invalid } from '../support/providers/passport-attacks.ts'
import { type Brand, benchOf, callback, contractSetup } from '../support/providers/passport-brand.ts'

const clientId = '0f7c9f6e4f'
const clientSecret = 'gloas-canary-client-secret'
const ada = {
  sub: '1207',
  email: 'Ada@Acme.test',
  email_verified: true,
  name: 'Ada Lovelace',
  nickname: 'ada',
  preferred_username: 'ada',
  profile: 'https://gitlab.acme.test/ada',
  picture: 'https://gitlab.acme.test/a.png',
  groups: ['acme', 'acme/platform'],
  groups_direct: ['acme/platform'],
}

const brand: Brand = {
  provider: gitlab,
  start: () => startGitLabEmulator({ clients: [{ clientId, clientSecret, redirectUris: [callback] }], people: [ada] }),
  config: { clientId, clientSecret },
  addresses: ({ issuer }) => ({ issuer }),
  person: { subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
}

providerContract('GitLab', contractSetup(brand))

describe('GitLab', () => {
  const bench = benchOf(brand)
  const { emulator, open, begin, signIn } = bench

  it.each([
    ['https://gitlab.com', undefined],
    ['https://gitlab.acme.test', true],
  ])('ID-01 lets the DNS proof of a domain speak for emails of %s: %s', (issuer, expected) => {
    const config = gitlab.config.parse({ clientId, clientSecret, issuer })
    expect(gitlab.read?.({ email: 'ada@acme.test' }, config).emailVerificationUnknown).toBe(expected)
  })

  brandAttacks(bench, {
    clientId,
    nonce: true,
    pkce: true,
    userinfo: true,
    discovery: true,
    checks: ['state', 'alg', 'iss', 'aud', 'exp', 'iat', 'sub', 'nonce', 'signature', 'sub of userinfo'],
  })

  it('is gitlab.com or an own server, as it spells itself', () => {
    for (const issuer of ['https://gitlab.com', 'https://gitlab.acme.test', 'https://acme.test/gitlab'])
      expect(gitlab.config.safeParse({ ...brand.config, issuer }).success).toBe(true)
    expect(gitlab.config.parse(brand.config)).toMatchObject({ issuer: 'https://gitlab.com' })
    for (const issuer of ['http://gitlab.acme.test', 'gitlab.com', 'https://a:b@gitlab.com'])
      expect(gitlab.config.safeParse({ ...brand.config, issuer }).success).toBe(false)
  })

  it('RP-43 refuses a server that calls itself otherwise, such as behind a wrong external_url', async () => {
    emulator().fault('otherIssuer')
    await expect(signIn()).rejects.toMatchObject(invalid('issuer of the discovery document'))
  })

  it('takes all groups of userinfo, not only the direct ones of the ID token', async () => {
    const { identity } = await signIn()
    expect(identity.profile).toMatchObject({ groups: ['acme', 'acme/platform'], nickname: 'ada' })
  })

  it('leaves known groups as they are when userinfo cannot be read', async () => {
    const { identity } = await signIn(['status500', 'userinfo'])
    expect(identity.profile.groups).toBeUndefined()
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: true })
  })

  it('reports the scope that its application does not list', async () => {
    const error = new URLSearchParams({ error: 'invalid_scope', error_description: 'The requested scope is invalid' })
    const login = await begin()
    await expect(login.finish(`${error}&state=canary-state`)).rejects.toMatchObject({
      code: 'sign_in_refused',
      message: expect.stringContaining('invalid_scope'),
    })
  })

  it('that had to prove the person again insists on a new sign-in', async () => {
    expect(open().traits?.providesAuthTime).toBe(true)
    const login = await begin(open(), { reauthenticate: true })
    expect(login.url.searchParams.get('prompt')).toBe('login')
    await expect(login.finish()).resolves.toMatchObject({ evidence: { authenticatedAt: expect.any(Date) } })
    for (const auth_time of [1, undefined]) {
      const old = await begin(open(), { reauthenticate: true })
      emulator().fault('claims', { auth_time })
      await expect(old.finish()).rejects.toMatchObject(invalid('auth_time'))
    }
  })
})
