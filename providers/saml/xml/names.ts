/** Identifiers of SAML 2.0, XML Signature and XML Encryption, and the accepted algorithms. */

export const namespaces = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
} as const

export const bindings = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const

export const nameIdFormats = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
} as const

/**
 * The kind of name. Some write the version of another kind, or email for emailAddress:
 * `urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress`.
 */
export function isNameIdFormat(format: string, kind: keyof typeof nameIdFormats): boolean {
  const [, word = ''] = /^urn:oasis:names:tc:SAML:[12]\.[01]:nameid-format:(\w+)$/.exec(format) ?? []
  return word.toLowerCase() === kind.toLowerCase() || (kind === 'emailAddress' && word.toLowerCase() === 'email')
}

export const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:'
export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

export const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** Exclusive canonicalization. The parser drops comments, so both are the same. */
export const exclusiveCanonicalizations: readonly string[] = [
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
]

/** Inclusive canonicalization 1.0 and 1.1, which differ only in inherited `xml:` attributes. */
export const inclusiveCanonicalizations: readonly string[] = [
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  'http://www.w3.org/2006/12/xml-c14n11',
  'http://www.w3.org/2006/12/xml-c14n11#WithComments',
]

type Hash = 'sha256' | 'sha384' | 'sha512'

export interface SignatureAlgorithm {
  /** The key type it needs. */
  readonly key: 'rsa' | 'ec'
  readonly hash: Hash
  readonly pss: boolean
}

const hashes = ['sha256', 'sha384', 'sha512'] as const
const xmldsigMore = 'http://www.w3.org/2001/04/xmldsig-more#'
const xmldsigMore2007 = 'http://www.w3.org/2007/05/xmldsig-more#'

/** RFC 9231 2.3.2 to 2.3.6, 2.3.9 and 2.3.10, without SHA-1 and HMAC. */
export const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  hashes.flatMap((hash): [string, SignatureAlgorithm][] => [
    [`${xmldsigMore}rsa-${hash}`, { key: 'rsa', hash, pss: false }],
    [`${xmldsigMore2007}${hash}-rsa-MGF1`, { key: 'rsa', hash, pss: true }],
    [`${xmldsigMore}ecdsa-${hash}`, { key: 'ec', hash, pss: false }],
  ]),
)
export const acceptedSignatures = 'RSA or ECDSA with SHA-256, SHA-384 or SHA-512'

export const digestAlgorithms: ReadonlyMap<string, Hash> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  [`${xmldsigMore}sha384`, 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])
export const acceptedDigests = 'SHA-256, SHA-384 or SHA-512'

/** A short name: `rsa-sha1` for `http://www.w3.org/2000/09/xmldsig#rsa-sha1`. */
export function shortName(uri: string | undefined): string {
  if (uri === undefined || uri === '') return 'none'
  const word = /[^#/:]*$/.exec(uri)?.[0] ?? ''
  return /^[\w.+-]{1,40}$/.test(word) ? word : 'another'
}
