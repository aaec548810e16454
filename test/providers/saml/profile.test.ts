/** The subject and the profile that a SAML assertion gives. */
import { describe, expect, it } from 'vitest'
import { epam } from '../../../providers/epam/epam.ts'
import type { ResponseFacts } from '../../../providers/saml/emulator/response.ts'
import { saml } from '../../../providers/saml/saml.ts'
import { testContext } from '../../contract/context.ts'
import { assertionSigned, beginLogin, type Config, configOf } from '../../support/providers/saml-forge.ts'
import { keys, signIn } from '../../support/providers/saml-sign-in.ts'

describe('who a SAML answer is about', () => {
  const send = (changes: Partial<ResponseFacts>, config: Config = {}) =>
    signIn((facts) => assertionSigned(facts, keys.idp), configOf(keys, config), changes)
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'

  it('reads attributes as Entra names them', async () => {
    const attributes = {
      [`${claims}/emailaddress`]: ['Ada@Acme.test'],
      [`${claims}/givenname`]: ['Ada'],
      [`${claims}/surname`]: ['Lovelace'],
      'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': ['g-1'],
    }
    expect((await send({ attributes })).identity.profile).toEqual({
      email: { address: 'ada@acme.test', verified: false },
      givenName: 'Ada',
      familyName: 'Lovelace',
      groups: ['g-1'],
    })
  })

  it('reads attributes by OID', async () => {
    const attributes = {
      'urn:oid:0.9.2342.19200300.100.1.3': ['ada@acme.test'],
      'urn:oid:2.5.4.42': ['Ada'],
      'urn:oid:2.16.840.1.113730.3.1.241': ['Ada L.'],
    }
    expect((await send({ attributes })).identity.profile).toMatchObject({ givenName: 'Ada', name: 'Ada L.' })
  })

  it('leaves every attribute, and the name, to the mapping of the connection', async () => {
    const { identity, sid } = await send({ attributes: { post: ['ada@acme.test'], groups: ['a', 'b'] } })
    expect(identity.attributes).toEqual({ post: ['ada@acme.test'], groups: ['a', 'b'], NameID: 'ada' })
    expect(sid).toMatch(/-session$/)
  })

  it('maps a captured response to a profile', () => {
    const captured = { mail: 'ada@acme.test', 'urn:oid:2.5.4.10': ['Acme'], phone: '+44 20 7946 0000', groups: ['a'] }
    expect(saml.read?.(captured, saml.config.parse(configOf(keys, { emailsVerified: true })))).toEqual({
      profile: {
        email: { address: 'ada@acme.test', verified: true },
        organization: 'Acme',
        phone: { number: '+442079460000', verified: false },
        groups: ['a'],
      },
      attributes: captured,
    })
  })

  it('reads attributes as EPAM SSO names them', async () => {
    const login = await beginLogin(configOf(keys))
    const xml = assertionSigned(
      login.facts({ attributes: { EmailAddress: ['ada@epam.test'], firstName: ['Ada'], memberOf: ['x'] } }),
      keys.idp,
    )
    const connection = epam.open(epam.config.parse(configOf(keys)), testContext())
    const record = { step: <T>(_: string, work: () => Promise<T>) => work(), check: () => undefined }
    const parameters = new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: 'S' })
    const { identity } = await connection.complete({ parameters, memo: login.challenge.memo, state: 'S', record })
    expect(identity.profile).toMatchObject({ email: { address: 'ada@epam.test' }, givenName: 'Ada', groups: ['x'] })
  })

  it('leaves out groups that the response does not have', async () => {
    expect((await send({})).identity.profile.groups).toBeUndefined()
  })

  it('calls an email verified only where the tenant vouches for it', async () => {
    expect((await send({}, { emailsVerified: true })).identity.profile.email?.verified).toBe(true)
  })

  it('takes the email from a NameID that is one', async () => {
    const nameIdFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
    expect(
      (await send({ nameId: 'ada@acme.test', nameIdFormat, attributes: {} })).identity.profile.email?.address,
    ).toBe('ada@acme.test')
  })

  it('SA-42 takes none of two different addresses', async () => {
    expect(
      (await send({ attributes: { email: ['ada@acme.test', 'victim@acme.test'] } })).identity.profile.email,
    ).toBeUndefined()
  })

  it('keeps names of different qualifiers apart', async () => {
    expect((await send({ nameQualifier: 'https://other.test' })).identity.subject).toBe('https://other.test!ada')
    expect((await send({ nameQualifier: 'https://idp.acme.test/metadata' })).identity.subject).toBe('ada')
  })

  it('takes a configured attribute for the subject where names are transient', async () => {
    const transient = {
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
      attributes: { uid: ['u-1'] },
    }
    expect((await send(transient, { subjectAttribute: 'uid' })).identity.subject).toBe('u-1')
  })
})
