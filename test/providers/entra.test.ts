import { describe, expect, it } from 'vitest'
import { startEntraEmulator } from '../../providers/entra/emulator.ts'
import { entra } from '../../providers/entra/entra.ts'
import { domainProof } from '../../src/broker/identity/domain-verification.ts'
import { linkingPolicy, resolveEmailVerified } from '../../src/broker/identity/email-verification.ts'
import { resolveUser } from '../../src/broker/identity/resolve-user.ts'
import { testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'
import { connectionSettings, tenantOf } from '../support/gatehouse/broker.ts'
import { brandAttacks, invalid } from '../support/providers/passport-attacks.ts'
import { type Brand, benchOf, callback, contractSetup } from '../support/providers/passport-brand.ts'
import { sampleUser } from '../support/store/samples.ts'

const clientId = '6cb04018-a3f5-46a7-b995-940c78f5aef3'
const clientSecret = 'canary-client-secret'
const acme = '9122040d-6c67-4c5b-b112-36a304b66dad'
const other = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const group = '3f2504e0-4f89-41d3-9a0c-0305e82c3301'
const ada = {
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  oid: '11111111-2222-4333-8444-555555555555',
  tid: acme,
  email: 'Ada@Acme.test',
  email_verified: true,
  name: 'Ada Lovelace',
  groups: [group],
}
const eve = {
  sub: 'eve-at-other',
  oid: '99999999-2222-4333-8444-555555555555',
  tid: other,
  email: 'ada@acme.test',
  email_verified: false,
  name: 'Eve',
}

const client = { clientId, clientSecret, redirectUris: [callback] }
const brandAt = (directory: string, sub = ada.sub): Brand => ({
  provider: entra,
  start: () => startEntraEmulator({ directory, clients: [client], people: [ada, eve] }),
  config: { clientId, clientSecret },
  addresses: ({ issuer }) => ({ issuer }),
  issuer: ({ url }) => `${url}/${acme}/v2.0`,
  person: { subject: ada.oid, email: { address: 'ada@acme.test', verified: true } },
  sub,
})
const checks = ['state', 'alg', 'iss', 'aud', 'exp', 'iat', 'sub', 'nonce', 'signature', 'tid', 'oid']
const habits = { clientId, nonce: true, pkce: true, userinfo: false, discovery: true, checks }

providerContract('Entra ID with one directory', contractSetup(brandAt(acme)))
providerContract('Entra ID with many directories', contractSetup(brandAt('organizations')))

describe('Entra ID', () => {
  const bench = benchOf(brandAt(acme))
  const { emulator, open, begin, signIn } = bench
  brandAttacks(bench, habits)

  it('knows a person by oid, which all apps of a directory share, or by sub where the tenant wants it', async () => {
    expect((await signIn()).identity.subject).toBe(ada.oid)
    const connection = open({}, { subjectClaim: 'sub' })
    expect((await signIn(undefined, connection)).identity.subject).toBe(ada.sub)
  })

  it.each([undefined, null, '', 7, 'ada', [ada.oid], `${ada.oid}x`])(
    'RP-31 refuses a token whose oid is %j, such as without the scope profile',
    async (oid) => {
      await expect(signIn(['claims', { oid }])).rejects.toMatchObject(invalid('oid'))
    },
  )

  it.each([true, 1, '1', 'true', 'True'])('ID-02 takes an email for verified by xms_edov %j', async (xms_edov) => {
    const { identity } = await signIn(['claims', { xms_edov }])
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: true })
    expect(identity.emailVerificationUnknown).toBeUndefined()
  })

  it.each([false, 0, '0', 'false', [true], {}])(
    'ID-02 takes no email for verified by xms_edov %j',
    async (xms_edov) => {
      const { identity } = await signIn(['claims', { xms_edov, email_verified: true }])
      expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
      expect(identity.emailVerificationUnknown).toBeUndefined()
    },
  )

  it('ID-02 says that nothing is known of an email without xms_edov, even with an email_verified', async () => {
    const { identity } = await signIn(['claims', { xms_edov: undefined, email_verified: true }])
    expect(identity.profile.email?.verified).toBe(false)
    expect(identity.emailVerificationUnknown).toBe(true)
  })

  it('takes the IDs of groups, and reports too many of them instead of none', async () => {
    expect((await signIn()).identity.profile.groups).toEqual([group])
    const login = await begin()
    emulator().fault('manyGroups')
    const { identity } = await login.finish()
    expect(identity.profile.groups).toBeUndefined()
    expect(identity.groupsOmitted).toBe(true)
    expect(login.record.checks.at(-1)).toMatchObject({
      name: 'groups',
      ok: true,
      got: expect.stringContaining('overage'),
    })
  })

  it.each([{ hasgroups: true }, { hasgroups: 'true' }, { _claim_names: { groups: 'src1' } }])(
    'reports the overage %j',
    async (claims) => {
      const { identity } = await signIn(['claims', { groups: undefined, ...claims }])
      expect([identity.groupsOmitted, identity.profile.groups]).toEqual([true, undefined])
    },
  )

  it('RP-18 refuses a token of another directory', async () => {
    const iss = `${emulator().url}/${other}/v2.0`
    await expect(signIn(['claims', { iss, tid: other }])).rejects.toMatchObject(invalid('iss'))
  })

  it('reports that consent was declined', async () => {
    const login = await begin()
    const brought = `state=canary-state&error=access_denied&error_subcode=cancel&error_description=AADSTS65004`
    await expect(login.finish(brought)).rejects.toMatchObject({ code: 'user_denied' })
  })
})

describe('Entra ID with many directories', () => {
  const bench = benchOf(brandAt('organizations'))
  const { emulator, open, begin, signIn } = bench
  brandAttacks(bench, habits)

  it('knows people of each directory under the issuer of that directory', async () => {
    const { identity } = await signIn()
    expect(identity.issuer).toBe(`${emulator().url}/${acme}/v2.0`)
    const foreign = await (await begin(open(), {}, eve.sub)).finish()
    expect([foreign.identity.issuer, foreign.identity.subject]).toEqual([`${emulator().url}/${other}/v2.0`, eve.oid])
    expect(open().traits?.issuers).toBeUndefined()
  })

  it('ID-02 takes no email for verified that another directory only wrote down (nOAuth)', async () => {
    const { identity } = await (await begin(open(), {}, eve.sub)).finish()
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
  })

  it('ID-01 links no address by the DNS proof of its domain, because any directory may use it (nOAuth)', async () => {
    const settings = connectionSettings({ id: 'entra', domains: ['acme.test'] })
    const at = new Date()
    const proof = domainProof(
      { tenant: 'acme', domain: 'acme.test', checkedAt: at, outcome: 'proven', provenAt: at },
      at,
    )
    const login = await begin(open(), {}, eve.sub)
    emulator().fault('claims', { xms_edov: undefined })
    const { identity } = await login.finish()
    expect(identity.emailVerificationUnknown).toBeUndefined()
    const policy = linkingPolicy(tenantOf([settings]), settings, false, proof)
    expect(resolveEmailVerified(identity, policy)).toMatchObject({ proven: false, why: 'unverified' })
    const victim = sampleUser({ tenant: 'acme', profile: { email: { address: 'ada@acme.test', verified: true } } })
    expect(resolveUser(identity, { byIdentity: null, byEmail: [victim] }, policy).action).not.toBe('link')
  })

  it.each([
    ['https://login.microsoftonline.com/common/v2.0', undefined],
    ['https://login.microsoftonline.com/organizations/v2.0', undefined],
    ['https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0', undefined],
    [`https://login.microsoftonline.com/${acme}/v2.0`, true],
  ])('ID-01 lets the DNS proof of a domain speak for emails of %s: %s', (issuer, expected) => {
    const config = entra.config.parse({ clientId, clientSecret, issuer })
    expect(entra.read?.({ email: 'ada@acme.test' }, config).emailVerificationUnknown).toBe(expected)
  })

  it('RP-37 states the form of its issuers', () => {
    const issuerTemplate = { before: `${emulator().url}/`, after: '/v2.0' }
    expect(open().traits).toMatchObject({ issuerTemplate })
    expect(open().traits).not.toHaveProperty('issuers')
  })

  it.each(['https://login.microsoftonline.com/consumers/v2.0', 'https://login.microsoftonline.us/Consumers/v2.0'])(
    'CF-01 refuses the issuer %s, which no token has',
    (issuer) => {
      const [issue] = entra.config.safeParse({ clientId, clientSecret, issuer }).error?.issues ?? []
      expect(issue?.message).toContain('9188040d-6c67-4c5b-b112-36a304b66dad')
    },
  )

  it.each([
    ['tid of another directory', { tid: other }],
    ['no tid', { tid: undefined }],
    ['a tid that is no ID', { tid: '{tenantid}' }],
    ['a tid that is a list', { tid: [acme] }],
  ])('RP-18 refuses a token with %s', async (_, claims) => {
    await expect(signIn(['claims', claims])).rejects.toMatchObject(invalid('iss'))
  })

  it('RP-18 refuses the template, and other hosts, as an issuer', async () => {
    const { url } = emulator()
    for (const iss of [
      `${url}/{tenantid}/v2.0`,
      `${url}/organizations/v2.0`,
      `https://evil.test/${acme}/v2.0`,
      `${url}/(a tenant)/v2.0`,
    ])
      for (const tid of [acme, undefined, '{tenantid}', 'organizations'])
        await expect(signIn(['claims', { iss, tid }])).rejects.toMatchObject(invalid('iss'))
  })

  it('RP-43 refuses a discovery document without the template', async () => {
    emulator().fault('discovery', { issuer: `${emulator().url}/${other}/v2.0` })
    await expect(signIn()).rejects.toMatchObject(invalid('issuer of the discovery document'))
  })

  it('RP-45 signs in users of the listed directories, and refuses others with a reason', async () => {
    const listed = open({}, { directories: [acme.toUpperCase()] })
    await expect(signIn(undefined, listed)).resolves.toBeDefined()
    const foreign = await begin(listed, {}, eve.sub)
    await expect(foreign.finish()).rejects.toMatchObject({
      ...invalid('tid'),
      text: expect.stringContaining('work account'),
    })
  })

  it.each(['acme.onmicrosoft.com', '', 'organizations', 7])('refuses the directory %j in its list', (directory) => {
    const issuer = 'https://login.microsoftonline.com/organizations/v2.0'
    const parsed = entra.config.safeParse({ clientId, clientSecret, issuer, directories: [directory] })
    expect(parsed.error?.issues[0]?.path).toEqual(['directories', 0])
  })

  it('takes ID tokens of native apps by the same rules', async () => {
    const app = open({}, { audiences: ['native'], directories: [acme] })
    const now = Math.floor(Date.now() / 1000)
    const token = (claims: object) =>
      emulator().sign({
        ...ada,
        iss: `${emulator().url}/${acme}/v2.0`,
        aud: 'native',
        exp: now + 600,
        nonce: 'n',
        ...claims,
      })
    const exchange = (idToken: string) => app.exchange?.({ idToken, nonce: 'n', record: testRecorder() })
    await expect(exchange(token({}))).resolves.toMatchObject({ identity: { subject: ada.oid } })
    await expect(exchange(token({ tid: other }))).rejects.toMatchObject(invalid('iss'))
    const ofOther = { tid: other, iss: `${emulator().url}/${other}/v2.0` }
    await expect(exchange(token(ofOther))).rejects.toMatchObject(invalid('tid'))
  })
})
