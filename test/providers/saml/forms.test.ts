/** Forms of responses that IdPs send: canonicalization, names and attributes. */
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from '../../../providers/saml/emulator/response.ts'
import { type SigningOptions, signed } from '../../../providers/saml/emulator/signature.ts'
import { assertionSigned, beginLogin, configOf } from '../../support/providers/saml-forge.ts'
import { keys, signIn, withKey } from '../../support/providers/saml-sign-in.ts'

const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

describe('B7 inclusive canonicalization', () => {
  const everywhere: SigningOptions = { canonicalization: inclusive, transforms: [enveloped, inclusive] }
  /** Signed before it is put into the response. */
  const alone = (facts: ResponseFacts, options: SigningOptions) =>
    responseXml(facts, signed(assertionXml(facts), 'Assertion', keys.idp, options))
  /** Signed where it stands, below the namespaces of the response. */
  const inPlace = (facts: ResponseFacts, options: SigningOptions) =>
    signed(responseXml(facts, assertionXml(facts)), 'Assertion', keys.idp, options)
  const whole = (facts: ResponseFacts, options: SigningOptions) =>
    signed(responseXml(facts, assertionXml(facts)), 'Response', keys.idp, options)

  it.each([
    ['of an assertion signed before the response was written', alone, everywhere],
    ['of an assertion signed in its place', inPlace, everywhere],
    ['of the response', whole, everywhere],
    ['of the SignedInfo alone', alone, { canonicalization: inclusive }],
    ['of the content alone', inPlace, { transforms: [enveloped, inclusive] }],
    [
      'with comments',
      alone,
      { canonicalization: `${inclusive}#WithComments`, transforms: [enveloped, `${inclusive}#WithComments`] },
    ],
    ['implied by a Reference that names none', whole, { transforms: [enveloped] }],
  ])('B7: is taken %s', async (_, write, options) => {
    expect((await signIn((facts) => write(facts, options))).identity.subject).toBe('ada')
  })

  it('SA-50: costs little where the signed content was changed to 3,700 declared prefixes', async () => {
    const declared = (level: number) => Array.from({ length: 64 }, (_, at) => ` xmlns:p${level * 64 + at}="u"`).join('')
    const open = Array.from({ length: 58 }, (_, level) => `<a${declared(level)}>`).join('')
    const deep = `<saml:Advice>${open}${'<b/>'.repeat(2200)}${'</a>'.repeat(58)}</saml:Advice>`
    const login = await beginLogin(configOf(keys))
    const message = alone(login.facts(), everywhere).replace('</saml:Conditions>', `$&${deep}`)
    const before = process.cpuUsage()
    await expect(login.finish(message)).rejects.toMatchObject({ check: { name: 'digest of the Assertion' } })
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(400)
  })

  it('B7: is taken where both response and assertion are signed by it', async () => {
    const both = (facts: ResponseFacts) => signed(alone(facts, everywhere), 'Response', keys.idp, everywhere)
    expect((await signIn(both, configOf(keys, { signed: 'both' }))).identity.subject).toBe('ada')
  })

  it('B7: is taken inside an encrypted assertion', async () => {
    const sealed = (facts: ResponseFacts) =>
      responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', keys.idp, everywhere), keys.ours.publicKey))
    expect((await signIn(sealed, withKey())).identity.subject).toBe('ada')
  })

  it('B7: reads the same values if a namespace is declared around the assertion', async () => {
    const write = (facts: ResponseFacts) =>
      alone(facts, everywhere).replace('<samlp:Response ', '<samlp:Response xmlns:xsi="urn:other" xmlns="urn:more" ')
    expect((await signIn(write)).identity.subject).toBe('ada')
  })
})

describe('B7 B8 values', () => {
  const targeted = 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10'
  const withAttribute = (attribute: string) => (facts: ResponseFacts) => {
    const assertion = assertionXml(facts).replace(
      '</saml:AttributeStatement>',
      `${attribute}</saml:AttributeStatement>`,
    )
    return responseXml(facts, signed(assertion, 'Assertion', keys.idp))
  }
  const attribute = (values: string, name = `Name="${targeted}"`) =>
    `<saml:Attribute ${name}>${values}</saml:Attribute>`
  const of = (content: string, attributes = '') => `<saml:AttributeValue${attributes}>${content}</saml:AttributeValue>`
  const nameId = (text: string) => `<saml:NameID NameQualifier="x" SPNameQualifier="y">${text}</saml:NameID>`
  const xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

  it.each([
    ['a NameID', of(nameId('opaque-77'))],
    ['a NameID among line breaks', of(`\n  ${nameId('\n opaque-77 ')}\n`)],
    ['the same value twice', of('opaque-77') + of(nameId('opaque-77'))],
    ['an empty value beside it', of('') + of('opaque-77') + of(' ')],
    ['a nil value beside it', of('', `${xsi} xsi:nil="true"`) + of('opaque-77')],
    ['a type', of('opaque-77', `${xsi} xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string"`)],
    ['a type of another prefix', of('opaque-77', `${xsi} xmlns:a="urn:a" xsi:type="a:Scoped"`)],
    ['an element around the text', of('<x:v xmlns:x="urn:x">opaque-77</x:v>')],
    ['an escaped character', of('opaque-&#55;7')],
  ])('B7: the subject attribute holds %s', async (_, values) => {
    const config = configOf(keys, { subjectAttribute: targeted })
    expect((await signIn(withAttribute(attribute(values)), config)).identity.subject).toBe('opaque-77')
  })

  it.each([
    ['two values', of('a') + of('b'), '2 values'],
    ['two names', of(nameId('a') + nameId('b')), '2 values'],
    ['text with an element in it', of('victim<b/>.evil'), '0 values'],
    ['nothing', of(''), '0 values'],
    ['no value', '', '0 values'],
  ])('B7: refuses a subject attribute of %s', async (_, values, got) => {
    const config = configOf(keys, { subjectAttribute: targeted })
    await expect(signIn(withAttribute(attribute(values)), config)).rejects.toMatchObject({
      check: { name: 'subject attribute', got },
    })
  })

  it('B7: finds an attribute by its FriendlyName where it has no other, and by either where it has both', async () => {
    const friendly = withAttribute(attribute(of('opaque-77'), 'Name="" FriendlyName="eduPersonTargetedID"'))
    const config = configOf(keys, { subjectAttribute: 'eduPersonTargetedID' })
    expect((await signIn(friendly, config)).identity.subject).toBe('opaque-77')
    const both = withAttribute(attribute(of('opaque-77'), `Name="${targeted}" FriendlyName="eduPersonTargetedID"`))
    expect((await signIn(both, config)).identity.subject).toBe('opaque-77')
  })

  it('B7: an empty email attribute gives way to another, and to the NameID', async () => {
    const login = await beginLogin(configOf(keys))
    const write = (attributes: ResponseFacts['attributes']) =>
      assertionSigned(
        login.facts({
          attributes,
          nameId: 'ada@corp.example',
          nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        }),
        keys.idp,
      )
    expect((await login.finish(write({ email: [''], mail: ['ada@acme.test'] }))).identity.profile.email?.address).toBe(
      'ada@acme.test',
    )
    const other = await beginLogin(configOf(keys))
    const facts = other.facts({
      attributes: { email: [' '] },
      nameId: 'ada@corp.example',
      nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    })
    expect((await other.finish(assertionSigned(facts, keys.idp))).identity.profile.email?.address).toBe(
      'ada@corp.example',
    )
  })

  const changed = (change: (xml: string) => string) => (facts: ResponseFacts) =>
    responseXml(facts, signed(change(assertionXml(facts)), 'Assertion', keys.idp))

  it.each<[string, (facts: ResponseFacts) => string]>([
    [
      'SPNameQualifier and NameQualifier',
      changed((xml) => xml.replace('<saml:NameID ', '<saml:NameID NameQualifier="" SPNameQualifier="" ')),
    ],
    [
      'NotBefore of the confirmation',
      changed((xml) => xml.replace('<saml:SubjectConfirmationData ', '<saml:SubjectConfirmationData NotBefore="" ')),
    ],
    [
      'NotBefore of the Conditions',
      changed((xml) => xml.replace(/(<saml:Conditions) NotBefore="[^"]*"/, '$1 NotBefore=""')),
    ],
    ['SessionNotOnOrAfter', changed((xml) => xml.replace(/SessionNotOnOrAfter="[^"]*"/, 'SessionNotOnOrAfter=""'))],
    ['Destination of an unsigned response', (facts) => assertionSigned({ ...facts, destination: '' }, keys.idp)],
    ['InResponseTo of the response', (facts) => assertionSigned({ ...facts, responseInResponseTo: '' }, keys.idp)],
    ['Issuer of the response', (facts) => assertionSigned({ ...facts, responseIssuer: '' }, keys.idp)],
  ])('B8: an empty %s is none', async (_, write) => {
    expect((await signIn(write)).identity.subject).toBe('ada')
  })

  it.each<[string, string, (facts: ResponseFacts) => string]>([
    ['Recipient', 'Recipient', (facts) => assertionSigned({ ...facts, recipient: '' }, keys.idp)],
    [
      'InResponseTo of the confirmation',
      'InResponseTo',
      (facts) => assertionSigned({ ...facts, inResponseTo: '', responseInResponseTo: null }, keys.idp),
    ],
    [
      'Destination of a signed response',
      'Destination',
      (facts) => signed(responseXml({ ...facts, destination: '' }, assertionXml(facts)), 'Response', keys.idp),
    ],
    ['Audience', 'audience', (facts) => assertionSigned({ ...facts, audiences: [['']] }, keys.idp)],
  ])('B8: an empty %s is refused, since it protects something', async (_, name, write) => {
    await expect(signIn(write)).rejects.toMatchObject({ check: { name } })
  })
})

describe('K5 an answer by HTTP-Redirect', () => {
  it('K5: is named also where a < happens to be among its compressed bytes', async () => {
    const login = await beginLogin(configOf(keys))
    const compressed = () => deflateRawSync(assertionSigned(login.facts(), keys.idp))
    let bytes = compressed()
    while (!bytes.subarray(0, 200).includes('<')) bytes = compressed()
    await expect(login.finish(bytes)).rejects.toMatchObject({
      code: 'callback_malformed',
      check: { name: 'binding', got: 'HTTP-Redirect (a deflated message)' },
    })
  })
})
