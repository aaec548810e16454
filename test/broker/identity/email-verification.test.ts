/** Which evidence verifies an email: the upstream's claim, the policy and the DNS. */
import { describe, expect, it } from 'vitest'
import { type DomainProof, domainProof } from '../../../src/broker/identity/domain-verification.ts'
import {
  linkingPolicy,
  releasedProfile,
  resolveEmailVerified,
} from '../../../src/broker/identity/email-verification.ts'
import { resolveUser } from '../../../src/broker/identity/resolve-user.ts'
import type { Identity } from '../../../src/provider/provider.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleUser } from '../../support/store/samples.ts'

const entra = connectionSettings({ id: 'entra', domains: ['acme.test'] })
const google = connectionSettings({ id: 'google' })
const linkedin = connectionSettings({ id: 'linkedin' })
const password = connectionSettings({ id: 'password', domains: ['staff.test'] })
const tenant = tenantOf([entra, google, linkedin, password])
const strict = tenantOf(tenant.connections, { domainProof: 'required' })

const at = new Date('2026-01-15T12:00:00Z')
const check = { tenant: 'acme', domain: 'acme.test', checkedAt: at }
const proven = domainProof({ ...check, outcome: 'proven', provenAt: at }, at)
const missing = domainProof({ ...check, outcome: 'missing', provenAt: undefined }, at)
const unknown = domainProof(undefined, at)

type Said = 'verified' | 'says false' | 'says nothing'
const identity = (address: string, said: Said, changes: Partial<Identity> = {}): Identity => ({
  issuer: 'https://idp.test',
  subject: 's',
  profile: { email: { address, verified: said === 'verified' } },
  ...(said === 'says nothing' && { emailVerificationUnknown: true }),
  ...changes,
})

describe('an email of a domain the connection claims', () => {
  const judge = (address: string, said: Said, proof: DomainProof | undefined, on = tenant) =>
    resolveEmailVerified(identity(address, said), linkingPolicy(on, entra, false, proof))

  it.each([
    ['verified, nobody looked', 'verified', unknown, 'advisory', true],
    ['verified, no record', 'verified', missing, 'advisory', true],
    ['verified, record', 'verified', proven, 'advisory', true],
    ['ID-01 nothing said, nobody looked', 'says nothing', unknown, 'advisory', false],
    ['ID-01 nothing said, no record', 'says nothing', missing, 'advisory', false],
    ['nothing said, record', 'says nothing', proven, 'advisory', true],
    ['ID-01 said not to be verified, record', 'says false', proven, 'advisory', false],
    ['ID-02 verified, nobody looked', 'verified', unknown, 'required', false],
    ['ID-02 verified, no record', 'verified', missing, 'required', false],
    ['verified, record', 'verified', proven, 'required', true],
    ['nothing said, record', 'says nothing', proven, 'required', true],
    ['ID-01 said not to be verified, record', 'says false', proven, 'required', false],
  ] as const)('%s (%s, the proof %j, %s): %s', (_, said, proof, policy, isProven) => {
    const judged = judge('ann@acme.test', said, proof, policy === 'required' ? strict : tenant)
    expect(judged.proven).toBe(isProven)
    expect(judged.profile.email).toEqual({ address: 'ann@acme.test', verified: isProven || said === 'verified' })
  })

  it.each([
    [
      'says nothing',
      proven,
      'domain acme.test is proven by DNS TXT, checked at 2026-01-15T12:00:00.000Z: connection entra speaks for it, though it does not say which emails are verified',
    ],
    [
      'says nothing',
      missing,
      'connection entra did not say that the email is verified (it never does), and domain acme.test is not proven by DNS TXT: no record at 2026-01-15T12:00:00.000Z',
    ],
    ['says false', proven, 'connection entra did not say that the email is verified'],
    [
      'verified',
      proven,
      'the email is verified, and connection entra may speak for acme.test; domain acme.test is proven by DNS TXT, checked at 2026-01-15T12:00:00.000Z',
    ],
    ['verified', missing, 'the email is verified, and connection entra may speak for acme.test'],
  ] as const)('that it %s has the reason as text', (said, proof, reason) => {
    expect(judge('ann@acme.test', said, proof).reason).toBe(reason)
  })

  it('states the reason when required domain verification is missing', () => {
    expect(judge('ann@acme.test', 'verified', missing, strict).reason).toBe(
      'the email is verified, but domain acme.test is not proven by DNS TXT: no record at 2026-01-15T12:00:00.000Z, which this organization requires',
    )
  })

  it.each(['ann@other.test', 'ann@sub.acme.test', 'ann@evilacme.test', 'ann@gmail.com'])(
    'ID-02 is not %s: a verified domain vouches for no other',
    (address) => {
      expect(judge(address, 'says nothing', proven).proven).toBe(false)
      expect(judge(address, 'verified', proven).proven).toBe(false)
    },
  )

  it('ID-02 is not verified by a domain record if another connection claims the domain', () => {
    const policy = linkingPolicy(tenant, google, false, proven)
    expect(resolveEmailVerified(identity('ann@acme.test', 'says nothing'), policy).proven).toBe(false)
  })

  it('needs no record if the connection emails links itself', () => {
    const policy = linkingPolicy(strict, password, true, missing)
    expect(resolveEmailVerified(identity('ann@staff.test', 'verified'), policy).proven).toBe(true)
  })
})

describe('an email hosted by the upstream', () => {
  const authoritativeDomains = ['gmail.com', 'workspace.test']
  const judge = (address: string, said: Said, connection = google, on = tenant) =>
    resolveEmailVerified(identity(address, said, { authoritativeDomains }), linkingPolicy(on, connection, false))
  const claimed = tenantOf([connectionSettings({ id: 'okta', domains: ['gmail.com', 'workspace.test'] }), google])

  it.each([
    ['is proven when verified: gmail.com', 'ann@gmail.com', 'verified', tenant, true],
    ['is proven when verified: a workspace', 'ann@workspace.test', 'verified', tenant, true],
    ['ID-01 is not when it is not verified', 'ann@gmail.com', 'says false', tenant, false],
    ['ID-01 is not when nothing is said', 'ann@gmail.com', 'says nothing', tenant, false],
    ['ID-02 is not of another domain', 'ann@elsewhere.test', 'verified', tenant, false],
    ['ID-02 is not of a domain below', 'ann@mail.workspace.test', 'verified', tenant, false],
    ['ID-02 is not where a connection claims the domain', 'ann@gmail.com', 'verified', claimed, false],
    ['ID-02 is not where a connection claims the workspace', 'ann@workspace.test', 'verified', claimed, false],
    ['ID-02 is not of a domain another connection claims', 'ann@acme.test', 'verified', tenant, false],
  ] as const)('%s', (_, address, said, on, isProven) => {
    expect(judge(address, said, google, on).proven).toBe(isProven)
  })

  it('is recorded as authoritative', () => {
    expect(judge('ann@gmail.com', 'verified').reason).toBe(
      'the email is verified, and the upstream of connection google hosts the mailboxes of gmail.com',
    )
  })

  it('ID-02 is believed from its host only; a second public provider must get proof for the same verified email', () => {
    const says = (connection: typeof google, changes: Partial<Identity>) => {
      const holder = sampleUser({ tenant: 'acme', profile: { email: { address: 'ann@gmail.com', verified: true } } })
      const found = { byIdentity: null, byEmail: [holder] }
      return resolveUser(
        identity('ann@gmail.com', 'verified', changes),
        found,
        linkingPolicy(tenant, connection, false),
      )
    }
    expect(says(google, { authoritativeDomains }).action).toBe('link')
    expect(says(linkedin, {}).action).toBe('prove')
  })
})

describe('a profile as released to apps', () => {
  it.each([
    ['ID-01 ID-02 said to be verified, and not proven', true, false],
    ['said to be verified, and proven', true, true],
    ['never said to be verified, and proven all the same', false, true],
    ['neither', false, false],
  ])('an email %s: %j, proven %j', (_, verified, emailProven) => {
    const profile = { email: { address: 'ann@acme.test', verified }, name: 'Ann' }
    const stated = releasedProfile({ profile, emailProven })
    expect(stated).toEqual({ email: { address: 'ann@acme.test', verified: emailProven }, name: 'Ann' })
    expect(profile.email.verified, 'what was said stays').toBe(verified)
  })

  it('without an email has none', () => {
    expect(releasedProfile({ profile: { name: 'Ann' }, emailProven: false })).toEqual({ name: 'Ann' })
  })
})
