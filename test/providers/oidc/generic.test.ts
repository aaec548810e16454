/** Any OpenID Connect issuer, by the emulated Okta with other paths. */
import { describe, expect, it } from 'vitest'
import { oidc } from '../../../providers/oidc/generic.ts'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { browse } from '../../contract/browse.ts'
import type { UpstreamFixture } from '../../contract/context.ts'
import { testContext } from '../../contract/context.ts'
import { providerContract } from '../../contract/provider.ts'

const callback = 'https://gatehouse.test/t/acme/okta/callback'
const ada = { sub: 'ada', email: 'Ada@Acme.test', email_verified: true, name: 'Ada Lovelace' }
const client = { clientId: 'gatehouse', clientSecret: 'canary-client-secret', redirectUris: [callback] }

async function start(): Promise<UpstreamFixture> {
  // it says who answers (RFC 9207), as Keycloak and GitLab do
  const emulator = await startOktaEmulator({
    path: '/realms/acme',
    issParameter: true,
    clients: [client],
    people: [ada],
  })
  const authenticate = async (challenge: { step: string; url?: URL }, choice: { as: string } | 'cancel') => {
    if (challenge.url === undefined) throw new Error('expected a redirect')
    return (await browse(challenge.url, callback, choice)).searchParams
  }
  return {
    provider: oidc,
    config: { issuer: emulator.issuer, clientId: client.clientId, clientSecret: client.clientSecret },
    typo: { key: 'issuer', value: 'sso.acme.test' },
    person: { issuer: emulator.issuer, subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
    stateParameter: 'state',
    answer: (challenge) => authenticate(challenge, { as: ada.sub }),
    deny: (challenge) => authenticate(challenge, 'cancel'),
    withoutEmail: () => emulator.fault('noEmail'),
    textVerified: (value) => emulator.fault('emailVerifiedText', value),
    faults: {
      down: () => emulator.fault('down'),
      html: () => emulator.fault('html'),
      heal: emulator.reset,
      requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
    },
    close: emulator.close,
  }
}

providerContract('any OpenID Connect issuer', { challenge: 'redirect', start })

describe('any OpenID Connect issuer', () => {
  const given = { issuer: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0' }
  const configured = (more: object = {}) => oidc.config.parse({ ...given, clientId: 'c', clientSecret: 's', ...more })
  const opened = (more: object = {}) => oidc.open(configured(more), testContext())

  it('takes the issuer as it stands, with or without a slash', () => {
    for (const issuer of [given.issuer, 'https://acme.eu.auth0.com/', 'https://sso.acme.test/realms/acme'])
      expect(opened({ issuer }).traits?.initiatingIssuer).toBe(issuer)
  })

  it.each([
    ...['https://accounts.google.com', 'https://appleid.apple.com', 'https://www.linkedin.com/oauth'],
    ...['https://gitlab.com', 'https://access.line.me'],
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  ])('ID-01 lets no DNS proof of a domain speak for emails of %s, where anyone can have an account', (issuer) => {
    const unknownAt = (given: object) =>
      oidc.read?.({ email: 'ada@acme.test' }, configured(given)).emailVerificationUnknown
    expect([unknownAt({ issuer }), unknownAt({})]).toEqual([undefined, true])
  })

  it('ends sessions, receives logouts and accepts ID tokens of apps only if configured', () => {
    const plain = opened()
    expect([plain.logout?.start, plain.exchange]).toEqual([undefined, undefined])
    expect(plain.logout?.identifiers).toEqual(['sid', 'subject'])
    expect(opened({ receiveLogouts: false }).logout?.receive).toBeUndefined()
    expect(opened({ receiveLogouts: false }).logout?.identifiers).toBeUndefined()
    expect(opened({ endUpstreamSession: true, audiences: ['app'] })).toMatchObject({
      logout: { start: expect.any(Function) },
      exchange: expect.any(Function),
    })
  })

  it.each([
    ['audiences', 'app'],
    ['audiences', ['']],
    ['requiredAmr', ['two words']],
    ['requiredAcr', [7]],
    ['endUpstreamSession', 'yes'],
  ])('CF-01 names %s when it is %j', (key, value) => {
    const parsed = oidc.config.safeParse({ ...given, clientId: 'c', clientSecret: 's', [key]: value })
    expect(parsed.error?.issues[0]?.path[0]).toBe(key)
  })
})
