import { describe, expect, it } from 'vitest'
import { startLinkedInEmulator } from '../../providers/linkedin/emulator.ts'
import { linkedin } from '../../providers/linkedin/linkedin.ts'
import { providerContract } from '../contract/provider.ts'
import { brandAttacks } from '../support/providers/passport-attacks.ts'
import { type Brand, benchOf, callback, contractSetup, state } from '../support/providers/passport-brand.ts'

const clientId = '86abcdefghijkl'
const clientSecret = 'canary-client-secret'
const ada = {
  sub: '782bbtaQ',
  email: 'ada@acme.test',
  email_verified: true,
  locale: 'en-GB',
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  picture: 'https://media.licdn.example/ada',
}

const brand: Brand = {
  provider: linkedin,
  start: () =>
    startLinkedInEmulator({ clients: [{ clientId, clientSecret, redirectUris: [callback] }], people: [ada] }),
  config: { clientId, clientSecret },
  person: { subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
}

providerContract('LinkedIn', contractSetup(brand))

describe('LinkedIn', () => {
  const bench = benchOf(brand)
  const { emulator, open, begin, signIn } = bench

  brandAttacks(bench, {
    clientId,
    nonce: false,
    pkce: false,
    userinfo: true,
    checks: ['state', 'alg', 'iss', 'aud', 'exp', 'iat', 'sub', 'signature', 'sub of userinfo'],
  })

  it('asks for the OpenID Connect scopes, not for those of old', async () => {
    expect((await begin()).url.searchParams.get('scope')).toBe('openid profile email')
  })

  it('returns the profile, with a locale made of language and country', async () => {
    const profile = {
      email: { address: 'ada@acme.test', verified: true },
      name: 'Ada Lovelace',
      givenName: 'Ada',
      familyName: 'Lovelace',
      locale: 'en-GB',
      pictureUrl: 'https://media.licdn.example/ada',
    }
    expect((await signIn()).identity.profile).toEqual(profile)
    expect((await signIn(['localeText'])).identity.profile).toEqual(profile)
  })

  it.each([{ language: 'de' }, { country: 'DE' }, { language: 7 }, {}, [], 'xx'.repeat(10_000), null])(
    'ID-06+ survives the locale %j',
    async (locale) => {
      await expect(signIn(['person', { locale }])).resolves.toBeDefined()
    },
  )

  it('accepts a token answer without token_type, which LinkedIn leaves out at times', async () => {
    await expect(signIn(['noTokenType'])).resolves.toMatchObject({ identity: { subject: ada.sub } })
  })

  it.each(['html', 'status500', 'hang'] as const)('RP-41 refuses a login whose userinfo fails (%s)', async (fault) => {
    const code = fault === 'html' ? 'upstream_invalid' : 'upstream_unreachable'
    await expect(signIn([fault, 'userinfo'], bench.impatient())).rejects.toMatchObject({ code })
  })

  it.each(['user_cancelled_login', 'user_cancelled_authorize'])('takes %s for a no of the person', async (error) => {
    const login = await begin()
    await expect(login.finish(`state=${state}&error=${error}`)).rejects.toMatchObject({ code: 'user_denied' })
  })

  it('takes no email for verified that LinkedIn does not call so', async () => {
    emulator().fault('claims', { email: 'other@acme.test', email_verified: true })
    const { identity } = await signIn(['person', { email_verified: undefined }])
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
  })

  it('declares that reauthentication is not proven, and sends the usual request', async () => {
    expect(open().traits?.providesAuthTime).toBe(false)
    const login = await begin(open(), { reauthenticate: true })
    expect([...login.url.searchParams.keys()]).not.toContain('prompt')
    expect((await login.finish()).evidence.authenticatedAt).toBeUndefined()
  })

  it('is down if the client secret is wrong, and names the cause', async () => {
    const health = await open({}, { clientSecret: 'canary-wrong' }).health(AbortSignal.timeout(5000))
    expect(health.checks.at(-1)?.detail).toEqual(
      expect.stringMatching(
        /^the token endpoint answered invalid_client.* to client_secret_post: client ID or client secret is wrong$/,
      ),
    )
  })
})

describe('the emulated LinkedIn', () => {
  const { emulator } = benchOf(brand)

  it('answers a code_verifier with 401 invalid_client', async () => {
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      code: 'x',
      code_verifier: 'y',
    })
    const response = await fetch(emulator().endpoints.token, { method: 'POST', body })
    expect([response.status, await response.json()]).toEqual([401, { error: 'invalid_client' }])
  })

  it('refuses scopes that were retired', async () => {
    const asked = new URLSearchParams({
      client_id: clientId,
      redirect_uri: callback,
      response_type: 'code',
      state: 's',
    })
    asked.set('scope', 'r_liteprofile')
    const response = await fetch(`${emulator().endpoints.authorization}?${asked}`)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('unauthorized_scope_error')])
  })

  it('has a page where its faults are switched', async () => {
    const { url } = emulator()
    const post = (form: Record<string, string>) =>
      fetch(`${url}/faults`, { method: 'POST', body: new URLSearchParams(form) })
    expect(await (await post({ on: 'localeText' })).text()).toContain('aria-pressed="true"')
    expect(await (await post({ off: 'localeText' })).text()).not.toContain('aria-pressed="true"')
  })
})
