/** Which SAML responses are accepted, and when their session ends. */
import { describe, expect, it } from 'vitest'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import {
  assertionSigned,
  beginLogin,
  bothSigned,
  type Config,
  configOf,
  open,
  responseSigned,
} from '../../support/providers/saml-forge.ts'
import { keys, signIn, withKey } from '../../support/providers/saml-sign-in.ts'

const sealed = (facts: ResponseFacts, options: Parameters<typeof encrypted>[2]) =>
  responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', keys.idp), keys.ours.publicKey, options))

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
