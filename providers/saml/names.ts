/** The names SAML 2.0, XML Signature and XML Encryption give to things, and which of their algorithms we take. */

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

export const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:'
export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'

export const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** Exclusive canonicalisation; there are no comments in what we read, so that both spellings mean the same. */
export const exclusiveCanonicalisations: readonly string[] = [
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
]

/** What xml-crypto can verify, less SHA-1. It knows no ECDSA: https://github.com/node-saml/xml-crypto#supported-algorithms */
export const signatureAlgorithms: ReadonlyMap<string, { readonly hash: 'sha256' | 'sha512'; readonly pss: boolean }> =
  new Map([
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', { hash: 'sha256', pss: false }],
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', { hash: 'sha512', pss: false }],
    ['http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', { hash: 'sha256', pss: true }],
  ])

export const digestAlgorithms: ReadonlyMap<string, 'sha256' | 'sha512'> = new Map([
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
])

/** An algorithm's name for people: `rsa-sha1` of `http://www.w3.org/2000/09/xmldsig#rsa-sha1`. */
export function shortName(uri: string | undefined): string {
  if (uri === undefined || uri === '') return 'none'
  const word = /[^#/:]*$/.exec(uri)?.[0] ?? ''
  return /^[\w.+-]{1,40}$/.test(word) ? word : 'another'
}
