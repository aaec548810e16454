import { beforeAll, describe, expect, it } from 'vitest'
import { epam } from '../../../providers/epam/epam.ts'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { saml } from '../../../providers/saml/saml.ts'
import { testContext } from '../../contract/context.ts'
import {
  assertionSigned,
  beginLogin,
  bothSigned,
  type Config,
  configOf,
  type Keys,
  newKeys,
  open,
  responseSigned,
} from '../../support/providers/saml-forge.ts'

let keys: Keys
beforeAll(async () => {
  keys = await newKeys()
})

const pem = (key: Keys['idp']) => key.privateKey.export({ format: 'pem', type: 'pkcs8' })
const withKey = (changes: Config = {}) =>
  configOf(keys, { privateKey: pem(keys.ours), certificate: keys.ours.certificate, ...changes })
const sealed = (facts: ResponseFacts, options: Parameters<typeof encrypted>[2]) =>
  responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', keys.idp), keys.ours.publicKey, options))

async function signIn(
  write: (facts: ResponseFacts) => string,
  config: Config = configOf(keys),
  changes: Partial<ResponseFacts> = {},
) {
  const login = await beginLogin(config)
  return login.finish(write(login.facts(changes)))
}

describe('R4 the end of the session at the identity provider', () => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)
  const statement = (attributes: string, context = 'Password') =>
    `<saml:AuthnStatement AuthnInstant="${inMinutes(-1).toISOString()}"${attributes}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:${context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
  const withStatement = (more: string) => (facts: ResponseFacts) => {
    const assertion = assertionXml(facts).replace('<saml:AuthnStatement', () => `${more}<saml:AuthnStatement`)
    return responseXml(facts, signed(assertion, 'Assertion', keys.idp))
  }

  it('R4: SessionNotOnOrAfter becomes the end of the session', async () => {
    const sessionUntil = inMinutes(5)
    const { evidence } = await signIn((facts) => assertionSigned(facts, keys.idp), undefined, { sessionUntil })
    expect(evidence.sessionEndsAt).toEqual(sessionUntil)
    const without = await signIn((facts) => assertionSigned(facts, keys.idp), undefined, { sessionUntil: null })
    expect(without.evidence.sessionEndsAt).toBeUndefined()
  })

  it('R4: the earliest counts where several statements have one, and an empty one is none', async () => {
    const early = inMinutes(3)
    const more = `${statement(` SessionNotOnOrAfter="${early.toISOString()}"`)}${statement(' SessionNotOnOrAfter=""')}`
    const { evidence } = await signIn(withStatement(more), undefined, { sessionUntil: inMinutes(9) })
    expect(evidence.sessionEndsAt).toEqual(early)
  })

  it('R4: a statement whose session is over, or ends at no time, refuses the login', async () => {
    for (const end of [inMinutes(0).toISOString(), 'tomorrow'])
      await expect(signIn(withStatement(statement(` SessionNotOnOrAfter="${end}"`)))).rejects.toMatchObject({
        check: { name: 'SessionNotOnOrAfter', ok: false },
      })
  })

  it('of several statements the one with a required context counts', async () => {
    const context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509'
    const config = configOf(keys, { requiredAuthnContext: [context] })
    const { evidence } = await signIn(withStatement(statement('', 'X509')), config)
    expect(evidence.acr).toBe(context)
  })
})

describe('a SAML answer that is right', () => {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
  const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
  const accepted: readonly (readonly [string, (facts: ResponseFacts) => string, () => Config])[] = [
    ['with its assertion signed', (facts) => assertionSigned(facts, keys.idp), () => configOf(keys)],
    ['with the response signed', (facts) => responseSigned(facts, keys.idp), () => configOf(keys)],
    ['with both signed', (facts) => bothSigned(facts, keys.idp), () => configOf(keys, { signed: 'both' })],
    [
      'with only the response signed where that is asked',
      (facts) => responseSigned(facts, keys.idp),
      () => configOf(keys, { signed: 'response' }),
    ],
    [
      'as Entra and ADFS write it, without prefixes',
      (facts) => {
        const bare = assertionXml(facts)
          .replaceAll(/(<\/?)saml:/g, '$1')
          .replace('xmlns:saml=', 'xmlns=')
        return responseXml(facts, signed(bare, 'Assertion', keys.idp, { prefix: '' }))
      },
      () => configOf(keys),
    ],
    ...(
      [
        ['ecdsa-sha256', 'P-256', 'xmlenc#sha256'],
        ['ecdsa-sha384', 'P-384', 'xmldsig-more#sha384'],
        ['ecdsa-sha512', 'P-521', 'xmlenc#sha512'],
      ] as const
    ).map(
      ([algorithm, curve, digest]) =>
        [
          `SA-12+ by ${algorithm} on ${curve}`,
          (facts: ResponseFacts) =>
            assertionSigned(facts, keys.curves[curve], {
              signatureAlgorithm: `http://www.w3.org/2001/04/xmldsig-more#${algorithm}`,
              digestAlgorithm: `http://www.w3.org/2001/04/${digest}`,
            }),
          () => configOf(keys, { certificates: [keys.idp.certificate, keys.curves[curve].certificate] }),
        ] as const,
    ),
    [
      'by RSA with SHA-384',
      (facts) =>
        assertionSigned(facts, keys.idp, {
          signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
          digestAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
        }),
      () => configOf(keys),
    ],
    [
      'by RSA-PSS with SHA-384',
      (facts) =>
        assertionSigned(facts, keys.idp, {
          signatureAlgorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1',
        }),
      () => configOf(keys),
    ],
    [
      'by RSA with SHA-512',
      (facts) =>
        assertionSigned(facts, keys.idp, {
          signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
          digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
        }),
      () => configOf(keys),
    ],
    [
      'by RSA-PSS',
      (facts) =>
        assertionSigned(facts, keys.idp, {
          signatureAlgorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
        }),
      () => configOf(keys),
    ],
    [
      'with InclusiveNamespaces, as OpenSAML signs',
      (facts) =>
        assertionSigned({ ...facts, attributes: { email: ['ada@acme.test'] } }, keys.idp, {
          inclusivePrefixes: ['xs', 'saml'],
        }),
      () => configOf(keys),
    ],
    [
      'canonical WithComments',
      (facts) => assertionSigned(facts, keys.idp, { transforms: [enveloped, `${exclusive}WithComments`] }),
      () => configOf(keys),
    ],
    [
      'SA-87 by the second of two certificates',
      (facts) => assertionSigned(facts, keys.next, {}),
      () => configOf(keys, { certificates: [keys.idp.certificate, keys.next.certificate] }),
    ],
    [
      'SA-64+ without Destination, unsigned itself: the Recipient in its signed assertion names us',
      (facts) =>
        assertionSigned({ ...facts, destination: null, responseIssuer: null, responseInResponseTo: null }, keys.idp),
      () => configOf(keys),
    ],
    [
      'with an XML declaration and CRLF between lines',
      (facts) => `<?xml version="1.0" encoding="UTF-8"?>\r\n${assertionSigned(facts, keys.idp)}\r\n`,
      () => configOf(keys),
    ],
    ['encrypted by AES-256-GCM', (facts) => sealed(facts, {}), () => withKey()],
    [
      'encrypted by AES-128-GCM under RSA-OAEP with SHA-256',
      (facts) => sealed(facts, { content: 'aes128-gcm', transport: 'rsa-oaep' }),
      () => withKey(),
    ],
    ['encrypted by AES-CBC around a signature', (facts) => sealed(facts, { content: 'aes256-cbc' }), () => withKey()],
    [
      'encrypted, and signed inside and as a whole',
      (facts) => signed(sealed(facts, {}), 'Response', keys.idp),
      () => withKey({ signed: 'both' }),
    ],
  ]
  it.each(accepted)('is taken %s', async (_, write, config) => {
    const { identity, evidence } = await signIn(write, config())
    expect(identity.subject).toBe('ada')
    expect(identity.emailVerificationUnknown).toBe(true) // an assertion has no word for it
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
    expect(evidence.acr).toBe('urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport')
  })

  it('is taken with 300 groups and letters of all kinds', async () => {
    const groups = Array.from({ length: 300 }, (_, n) => `Gruppe ${n} &amp; Söhne 🜨`)
    const { identity } = await signIn((facts) => assertionSigned(facts, keys.idp), configOf(keys), {
      attributes: { groups },
    })
    expect(identity.profile.groups).toHaveLength(300)
    expect(identity.profile.groups?.[7]).toBe('Gruppe 7 & Söhne 🜨')
  })

  it('SA-88 leaves a warning in health when it was encrypted by AES-CBC', async () => {
    const config = withKey({ singleSignOnUrl: 'http://127.0.0.1:9/sso' })
    const connection = open(config)
    const record = { step: <T>(_: string, work: () => Promise<T>) => work(), check: () => undefined }
    const login = await beginLogin(config)
    const xml = sealed(login.facts(), { content: 'aes128-cbc' })
    const parameters = new URLSearchParams({
      SAMLResponse: Buffer.from(xml).toString('base64'),
      RelayState: 'state-of-this-login',
    })
    await connection.complete({ parameters, memo: login.challenge.memo, state: 'state-of-this-login', record })
    const { checks } = await connection.health(AbortSignal.timeout(5000))
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'encryption', detail: expect.stringContaining('AES-GCM') }),
    )
  })
})

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

  it('tells what a captured answer becomes', () => {
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

  it('says nothing about groups that are not told', async () => {
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

describe('our SAML request', () => {
  it('asks for a fresh proof and for a context', async () => {
    const context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509'
    const config = configOf(keys, { binding: 'post', requiredAuthnContext: [context], nameIdFormat: 'persistent' })
    const { challenge } = await beginLogin(config, {}, { reauthenticate: true })
    const xml = challenge.step === 'post' ? Buffer.from(challenge.fields['SAMLRequest'] ?? '', 'base64').toString() : ''
    expect(xml).toContain('ForceAuthn="true"')
    expect(xml).toContain(context)
    expect(xml).toContain('nameid-format:persistent')
  })

  it('is signed where the connection has a key', async () => {
    const redirect = (await beginLogin(withKey())).challenge
    expect(redirect.step === 'redirect' && redirect.url.searchParams.get('SigAlg')).toBe(
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    )
    const unsigned = (await beginLogin(configOf(keys))).challenge
    expect(unsigned.step === 'redirect' && unsigned.url.searchParams.has('Signature')).toBe(false)
  })
})

describe('our SAML metadata', () => {
  it('says what the connection does', async () => {
    const keyed = await open(withKey()).metadata?.publish?.()
    expect(keyed).toContain('entityID="https://gatehouse.test/t/acme/gate/metadata"')
    expect(keyed).toContain('Location="https://gatehouse.test/t/acme/gate/callback"')
    expect(keyed).toContain('AuthnRequestsSigned="true"')
    expect(keyed).toContain('WantAssertionsSigned="true"')
    expect(keyed).toContain('use="encryption"')
    expect(keyed).toContain('aes256-gcm')
    expect(keyed).not.toMatch(/-cbc"|PRIVATE KEY/)
    const bare = await open(configOf(keys, { signed: 'response' })).metadata?.publish?.()
    expect(bare).toContain('AuthnRequestsSigned="false"')
    expect(bare).not.toMatch(/WantAssertionsSigned|KeyDescriptor/)
  })
})

describe('the config of a SAML connection', () => {
  const faults = (config: Config) => saml.config.safeParse(config).error?.issues.map(({ path }) => path.join('.'))

  it('asks for exactly one description of the identity provider', () => {
    expect(faults({})).toEqual(['metadataUrl'])
    expect(faults(configOf(keys, { metadataUrl: 'https://idp.test/m' }))).toEqual(['metadataUrl'])
    expect(faults({ singleSignOnUrl: 'https://idp.test/sso' })).toEqual(['entityId', 'certificates'])
  })

  it('takes a key only with its own certificate', () => {
    expect(faults(configOf(keys, { privateKey: pem(keys.ours) }))).toEqual(['certificate'])
    expect(faults(withKey({ certificate: keys.idp.certificate }))).toEqual(['certificate'])
    expect(faults(withKey({ privateKey: 'no key' }))).toEqual(['privateKey'])
    const onCurve = keys.curves['P-256'] // ours has to be RSA: node-saml signs by nothing else
    expect(faults(withKey({ privateKey: pem(onCurve), certificate: onCurve.certificate }))).toEqual(['privateKey'])
  })

  it('CF-01 takes only https addresses and readable certificates', () => {
    expect(faults(configOf(keys, { singleSignOnUrl: 'http://idp.test/sso' }))).toEqual(['singleSignOnUrl'])
    expect(faults(configOf(keys, { certificates: ['nonsense'] }))).toEqual(['certificates.0'])
    expect(faults(configOf(keys, { certificates: [keys.curves.secp256k1.certificate] }))).toEqual(['certificates.0'])
  })

  it('never shows its private key', () => {
    expect(JSON.stringify(saml.config.parse(withKey()))).not.toContain('PRIVATE KEY')
  })
})
