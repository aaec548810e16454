/** Signs XML with accepted and refused algorithms. */
import { constants, type KeyLike, sign } from 'node:crypto'
import { type SignatureAlgorithm as Maker, SignedXml } from 'xml-crypto'
import { registerAlgorithms } from '../signature/xml-crypto.ts'
import { envelopedSignature, type SignatureAlgorithm, signatureAlgorithms } from '../xml/names.ts'
import type { CertifiedKey } from './certificate.ts'

export interface SigningOptions {
  readonly signatureAlgorithm?: string
  readonly digestAlgorithm?: string
  readonly transforms?: readonly string[]
  /** Canonicalization of SignedInfo. Default: exclusive. */
  readonly canonicalization?: string
  readonly inclusivePrefixes?: readonly string[]
  /** Namespace prefix of the signature's elements; '' for none. Default ds. */
  readonly prefix?: string
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const ecdsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'

/** Signs the root, or its child of this name. The signature follows the Issuer or comes first. */
export function signed(
  xml: string,
  local: 'Assertion' | 'Response' | 'EntityDescriptor' | 'LogoutRequest',
  key: CertifiedKey,
  options: SigningOptions = {},
): string {
  const path =
    local === 'Assertion'
      ? "(/*[local-name(.)='Assertion']|/*/*[local-name(.)='Assertion'])"
      : `/*[local-name(.)='${local}']`
  const { signatureAlgorithm = key.privateKey.asymmetricKeyType === 'ec' ? ecdsaSha256 : rsaSha256 } = options
  const { digestAlgorithm = 'http://www.w3.org/2001/04/xmlenc#sha256' } = options
  registerAlgorithms()
  const signer = new SignedXml({
    privateKey: key.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    publicCert: key.certificate,
    signatureAlgorithm,
    canonicalizationAlgorithm: options.canonicalization ?? exclusive,
  })
  const known = signatureAlgorithms.get(signatureAlgorithm)
  if (known !== undefined) signer.SignatureAlgorithms[signatureAlgorithm] = makerOf(signatureAlgorithm, known)
  signer.addReference({
    xpath: path,
    digestAlgorithm,
    transforms: [...(options.transforms ?? [envelopedSignature, exclusive])],
    inclusiveNamespacesPrefixList: [...(options.inclusivePrefixes ?? [])],
  })
  const issuer = `${path}/*[local-name(.)='Issuer']`
  const hasIssuer = local !== 'EntityDescriptor' && /<(?:\w+:)?Issuer/.test(xml)
  signer.computeSignature(xml, {
    prefix: options.prefix ?? 'ds',
    location: hasIssuer ? { reference: issuer, action: 'after' } : { reference: path, action: 'prepend' },
  })
  return signer.getSignedXml()
}

/** xml-crypto needs a class. */
function makerOf(name: string, { key, hash, pss }: SignatureAlgorithm): new () => Maker {
  const rsa = pss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING }
  const how = key === 'ec' ? ({ dsaEncoding: 'ieee-p1363' } as const) : rsa
  return class {
    getAlgorithmName = () => name
    getSignature = (bytes: string, privateKey: KeyLike) =>
      sign(hash, Buffer.from(bytes), { key: String(privateKey), ...how }).toString('base64')
    verifySignature = () => false
  }
}
