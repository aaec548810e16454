/** Forms of encryption that IdPs send, and that SAML and XML Encryption allow. */
import { constants, createCipheriv, createHash, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { base64Of } from '../../../providers/saml/signature/certificates.ts'
import { beginLogin, entityId, open, piece } from '../../support/providers/saml-forge.ts'
import { keys, signIn, withKey } from '../../support/providers/saml-sign-in.ts'

describe('K2 an encrypted assertion in a signed response', () => {
  const onlyAround = (facts: ResponseFacts, options: Parameters<typeof encrypted>[2] = {}) =>
    signed(responseXml(facts, encrypted(assertionXml(facts), keys.ours.publicKey, options)), 'Response', keys.idp)

  it.each(['either', 'response'])('K2: counts without a signature of its own where signed is %s', async (setting) => {
    const { identity } = await signIn((facts) => onlyAround(facts), withKey({ signed: setting }))
    expect(identity.profile.email?.address).toBe('ada@acme.test')
  })

  it.each(['aes128-gcm', 'aes256-gcm', 'aes128-cbc', 'aes256-cbc'] as const)('K2: by %s', async (content) => {
    expect((await signIn((facts) => onlyAround(facts, { content }), withKey())).identity.subject).toBe('ada')
  })

  it('K2: with a signature inside too, where signed is both', async () => {
    const both = (facts: ResponseFacts) => {
      const inside = encrypted(signed(assertionXml(facts), 'Assertion', keys.idp), keys.ours.publicKey)
      return signed(responseXml(facts, inside), 'Response', keys.idp)
    }
    expect((await signIn(both, withKey({ signed: 'both' }))).identity.subject).toBe('ada')
  })

  it.each([
    ['either', 'true'],
    ['assertion', 'true'],
    ['both', 'true'],
    ['response', 'false'],
  ])('K2: our metadata asks for what signed: %s takes (WantAssertionsSigned %s)', async (setting, wanted) => {
    const metadata = await open(withKey({ signed: setting })).metadata?.publish?.()
    expect(metadata?.includes('WantAssertionsSigned="true"')).toBe(wanted === 'true')
    expect(metadata).toContain('use="encryption"')
  })

  it('K2: is taken once', async () => {
    const login = await beginLogin(withKey())
    const answer = onlyAround(login.facts())
    await login.finish(answer)
    await expect(login.finish(answer)).rejects.toMatchObject({ check: { name: 'replay' } })
  })
})

const xenc = 'http://www.w3.org/2001/04/xmlenc#'
const xenc11 = 'http://www.w3.org/2009/xmlenc11#'
const ds = 'http://www.w3.org/2000/09/xmldsig#'

/** RFC 8017 7.1.1, with any pair of hashes. */
function oaep(message: Buffer, publicKey: KeyObject, digest: string, mask: string): Buffer {
  const size = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const label = createHash(digest).digest()
  const data = Buffer.concat([label, Buffer.alloc(size - message.length - 2 * label.length - 2), Buffer.of(1), message])
  const seed = randomBytes(label.length)
  const masked = xor(data, mgf1(mask, seed, data.length))
  const block = Buffer.concat([Buffer.of(0), xor(seed, mgf1(mask, masked, label.length)), masked])
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block)
}

function mgf1(hash: string, seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 20) }, (_, count) => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(count)
    return createHash(hash).update(seed).update(counter).digest()
  })
  return Buffer.concat(blocks).subarray(0, length)
}

const xor = (one: Buffer, other: Buffer) => Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)))

interface Wrapping {
  readonly publicKey: KeyObject
  readonly method?: string
  /** Default: RSA-OAEP with SHA-1. */
  readonly wrap?: (key: Buffer, publicKey: KeyObject) => Buffer
  readonly attributes?: string
  readonly keyInfo?: string
}

const sha1Method = `<xenc:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"/>`
const value = (bytes: Buffer) =>
  `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64').replace(/.{76}/g, '$&\r\n')}</xenc:CipherValue></xenc:CipherData>`

function sealedFor(
  xml: string,
  wrappings: readonly Wrapping[],
  { container = 'EncryptedAssertion', place = 'inside', bits = 256 } = {},
) {
  const key = randomBytes(bits / 8)
  const iv = randomBytes(12)
  const name = `aes-${bits}-gcm` as 'aes-256-gcm'
  const cipher = createCipheriv(name, key, iv)
  const body = Buffer.concat([iv, cipher.update(xml), cipher.final(), cipher.getAuthTag()])
  const wrapped = wrappings.map(({ publicKey, method = sha1Method, wrap, attributes = '', keyInfo = '' }) => {
    const bytes = wrap === undefined ? oaep(key, publicKey, 'sha1', 'sha1') : wrap(key, publicKey)
    return `<xenc:EncryptedKey xmlns:xenc="${xenc}" xmlns:ds="${ds}"${attributes}>${method}${keyInfo}${value(bytes)}</xenc:EncryptedKey>`
  })
  const keyInfo = place === 'inside' ? `<ds:KeyInfo xmlns:ds="${ds}">${wrapped.join('')}</ds:KeyInfo>` : ''
  return `<saml:${container} xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${xenc}"><xenc:EncryptionMethod Algorithm="${xenc11}aes${bits}-gcm"/>${keyInfo}${value(body)}</xenc:EncryptedData>${place === 'beside' ? wrapped.join('') : ''}</saml:${container}>`
}

describe('B7 a content key that is wrapped in several ways', () => {
  const sealed =
    (wrappings: () => readonly Wrapping[], options = {}) =>
    (facts: ResponseFacts) =>
      responseXml(facts, sealedFor(signed(assertionXml(facts), 'Assertion', keys.idp), wrappings(), options))
  const forOurs = (more: Partial<Wrapping> = {}): Wrapping => ({ publicKey: keys.ours.publicKey, ...more })
  const forOther = (more: Partial<Wrapping> = {}): Wrapping => ({ publicKey: keys.stranger.publicKey, ...more })
  const certificate = (pem: string) =>
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n${base64Of(pem)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
  const rsa15 = `<xenc:EncryptionMethod Algorithm="${xenc}rsa-1_5"/>`

  it.each<[string, () => readonly Wrapping[], object?]>([
    ['for another certificate first', () => [forOther(), forOurs()]],
    ['for another certificate last', () => [forOurs(), forOther()]],
    ['beside the content', () => [forOther(), forOurs()], { place: 'beside' }],
    [
      'for nine others, and for us by our certificate',
      () => [...Array(9).fill(forOther()), forOurs({ keyInfo: certificate(keys.ours.certificate) })],
    ],
    [
      'for nine others, and for us by our name',
      () => [...Array(9).fill(forOther()), forOurs({ attributes: ` Recipient="${entityId}"` })],
    ],
    [
      'for us twice by our name, of which one is of an old key',
      () => [forOther({ attributes: ` Recipient="${entityId}"` }), forOurs({ attributes: ` Recipient="${entityId}"` })],
    ],
    ['by PKCS#1 v1.5 for others, and by OAEP for us', () => [forOther({ method: rsa15 }), forOurs()]],
    ['for AES-192', () => [forOurs()], { bits: 192 }],
    ['for AES-128', () => [forOurs()], { bits: 128 }],
  ])('B7: %s', async (_, wrappings, options = {}) => {
    expect((await signIn(sealed(wrappings, options), withKey())).identity.subject).toBe('ada')
  })

  it.each<[string, () => readonly Wrapping[], string]>([
    ['for others alone', () => [forOther(), forOther()], 'encrypted assertion'],
    [
      'by PKCS#1 v1.5 alone',
      () => [forOurs({ method: rsa15 }), forOther({ method: rsa15 })],
      'key transport algorithm',
    ],
    ['for more than twenty', () => Array(21).fill(forOurs()), 'encrypted keys'],
    ['for nobody', () => [], 'encrypted keys'],
  ])('B7: is refused %s', async (_, wrappings, name) => {
    await expect(signIn(sealed(wrappings), withKey())).rejects.toMatchObject({ check: { name } })
  })

  const method = (algorithm: string, digest?: string, mask?: string) =>
    `<xenc:EncryptionMethod Algorithm="${algorithm}">${digest === undefined ? '' : `<ds:DigestMethod Algorithm="${digest}"/>`}${mask === undefined ? '' : `<xenc11:MGF xmlns:xenc11="${xenc11}" Algorithm="${xenc11}mgf1${mask}"/>`}</xenc:EncryptionMethod>`
  const first = `${xenc}rsa-oaep-mgf1p`
  const second = `${xenc11}rsa-oaep`

  it.each([
    ['as the first version has it, with the mask it always means', method(first, `${xenc}sha256`), 'sha256', 'sha1'],
    ['as xml-encryption writes it, with one hash for both', method(first, `${ds}sha256`), 'sha256', 'sha256'],
    ['with SHA-512 and the default mask', method(first, `${xenc}sha512`), 'sha512', 'sha1'],
    ['with SHA-256 and its mask', method(second, `${xenc}sha256`, 'sha256'), 'sha256', 'sha256'],
    ['with SHA-256 and a mask of SHA-1', method(second, `${xenc}sha256`, 'sha1'), 'sha256', 'sha1'],
    ['with SHA-256 and no mask named', method(second, `${xenc}sha256`), 'sha256', 'sha1'],
    [
      'with SHA-384 and a mask of SHA-512',
      method(second, 'http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha512'),
      'sha384',
      'sha512',
    ],
    ['with nothing named', method(second), 'sha1', 'sha1'],
  ])('B7: by RSA-OAEP %s', async (_, how, digest, mask) => {
    const wrap = (key: Buffer, publicKey: KeyObject) => oaep(key, publicKey, digest, mask)
    expect(
      (
        await signIn(
          sealed(() => [forOurs({ method: how, wrap })]),
          withKey(),
        )
      ).identity.subject,
    ).toBe('ada')
  })

  it.each([
    ['digest of RSA-OAEP', method(second, `${ds}md5`)],
    ['mask of RSA-OAEP', method(second, `${xenc}sha256`, 'md5')],
  ])('B7: names the %s it does not know', async (name, how) => {
    await expect(
      signIn(
        sealed(() => [forOurs({ method: how })]),
        withKey(),
      ),
    ).rejects.toMatchObject({ check: { name } })
  })
})

describe('B7 what an assertion holds encrypted', () => {
  const writeWith = (change: (assertion: string) => string) => (facts: ResponseFacts) =>
    responseXml(facts, signed(change(assertionXml(facts)), 'Assertion', keys.idp))
  const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
  const ours = () => [{ publicKey: keys.ours.publicKey }]
  const sealedName = (name: string) =>
    writeWith((xml) => xml.replace(piece(xml, 'NameID'), () => sealedFor(name, ours(), { container: 'EncryptedID' })))
  const persistent = 'Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"'

  it('B7: a name (EncryptedID)', async () => {
    const write = sealedName(`<saml:NameID ${saml} ${persistent}>ada-77</saml:NameID>`)
    expect((await signIn(write, withKey())).identity.subject).toBe('ada-77')
  })

  it.each([
    [
      'something else than a name',
      () => sealedName(`<saml:Issuer ${saml}>x</saml:Issuer>`),
      'content of the EncryptedID',
    ],
    ['a name with an element in it', () => sealedName(`<saml:NameID ${saml}>a<b/>da</saml:NameID>`), 'NameID'],
  ])('B7: refuses %s', async (_, write, name) => {
    await expect(signIn(write(), withKey())).rejects.toMatchObject({ check: { name } })
  })

  it('B7: refuses an encrypted NameID at a connection without a key, and names the missing key', async () => {
    const write = sealedName(`<saml:NameID ${saml} ${persistent}>ada-77</saml:NameID>`)
    await expect(signIn(write)).rejects.toMatchObject({
      check: { got: 'one', expected: expect.stringContaining('no key') },
    })
  })

  it('B7: an attribute (EncryptedAttribute)', async () => {
    const attribute = `<saml:Attribute ${saml} Name="displayName"><saml:AttributeValue>Ada L.</saml:AttributeValue></saml:Attribute>`
    const sealed = () => sealedFor(attribute, ours(), { container: 'EncryptedAttribute' })
    const write = writeWith((xml) =>
      xml.replace('</saml:AttributeStatement>', () => `${sealed()}</saml:AttributeStatement>`),
    )
    expect((await signIn(write, withKey())).identity.profile.name).toBe('Ada L.')
  })
})
