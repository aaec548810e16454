/** The configuration of a SAML connection. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { fillable, type Secret, secretLines } from '../../src/crypto/secret.ts'
import type { Attribute } from '../../src/profile/profile.ts'
import { withDescriptions } from '../../src/provider/options.ts'
import type { Brand, Setup } from '../../src/provider/provider.ts'
import { isSafeUrl, urlFault } from '../oidc/discovery.ts'
import { type AttributeMapping, usualAttributes } from './response/attributes.ts'
import { certificateOf, trustedKeys } from './signature/certificates.ts'

export interface ProviderTraits {
  readonly kind: string
  readonly brand: Brand
  /** The brand's attribute names, which precede the usual ones. */
  readonly attributes?: AttributeMapping
  /** Default: the words of no vendor. */
  setup?(config: SamlConfig): Setup
}

const address = fillable(z.string())
  .refine(isSafeUrl, {
    error: ({ input }) => urlFault(input, 'must be an https URL (http only on localhost), without fragment'),
  })
  .optional()

const certificatePem = fillable(z.string()).superRefine((pem, context) => {
  if (trustedKeys(pem).length > 0) return
  const wanted = 'must be a PEM certificate with an RSA key of at least 2048 bits, or one on P-256, P-384 or P-521'
  const other = /PRIVATE KEY/.test(pem)
    ? ', and it is a private key'
    : /^\s*(?:[0-9a-f]{2}:?){16,64}\s*$/i.test(pem)
      ? ', and it is a fingerprint'
      : ''
  context.addIssue({ code: 'custom', message: wanted + other })
})

const options = {
  metadataUrl: address,
  metadata: fillable(z.string().min(1)).optional(),
  entityId: fillable(z.string().min(1).max(1024)).optional(),
  singleSignOnUrl: address,
  singleLogoutUrl: address,
  endUpstreamSession: z.boolean().default(false),
  certificates: z.array(certificatePem).max(10).default([]),
  binding: z.enum(['redirect', 'post']).optional(),
  signed: z.enum(['either', 'assertion', 'response', 'both']).default('either'),
  privateKey: secretLines.optional(),
  certificate: fillable(z.string()).optional(),
  nameIdFormat: z.enum(['persistent', 'emailAddress', 'unspecified', 'transient']).optional(),
  subjectAttribute: z.string().min(1).optional(),
  requiredAuthnContext: z.array(z.string().min(1)).default([]),
  emailsVerified: z.boolean().default(false),
  allowIdpInitiated: z.boolean().default(false),
}

const sentences: Readonly<Record<keyof typeof options, string>> = {
  metadataUrl:
    'Address of the identity provider’s metadata; asked again every 6 hours. This, metadata, or the next three keys are required.',
  metadata: 'The metadata itself, as a file: reference, where there is no address for it.',
  entityId:
    'Entity ID of the identity provider, exactly as it spells it; with metadata only where that describes several.',
  singleSignOnUrl: 'Where people are sent to sign in, when there is no metadata.',
  singleLogoutUrl:
    'Where the identity provider takes logout messages by HTTP-Redirect. Default: the address in the metadata, if any.',
  endUpstreamSession:
    'Signing out here ends the session at the identity provider too (single logout); needs privateKey. Default: false.',
  certificates:
    'Certificates (PEM, or file: references) the identity provider signs with; several during a change. With metadataUrl: the only ones believed until metadata signed by one of them names others. Default: those of the metadata.',
  binding: 'How our request travels. Default: redirect where the identity provider takes it.',
  signed:
    'What must be signed: either suffices, the assertion, the response, or both; inside an encryption too. Default: either.',
  privateKey:
    'Our RSA key (PEM) as an environment variable or file: reference: signs our requests and opens encrypted assertions. Default: none.',
  certificate: 'The certificate (PEM) of privateKey, which the identity provider gets by our metadata.',
  nameIdFormat: 'Kind of name asked of the identity provider; persistent is best. Default: it decides.',
  subjectAttribute:
    'Attribute that identifies a user instead of the NameID; needed where NameIDs are transient. Default: the NameID.',
  requiredAuthnContext: 'Authentication context classes of which one is asked for and demanded. Default: any.',
  emailsVerified: 'The identity provider sends only addresses that it has checked: you vouch for it. Default: false.',
  allowIdpInitiated:
    'A sign-in that begins at the identity provider’s dashboard leads into a login of our own; what it brought is never taken. Default: false.',
}

export type SamlConfig = z.infer<typeof configForm>

export const configForm = z
  .strictObject(withDescriptions(options, sentences))
  .superRefine((config, context) => {
    const { metadata, metadataUrl, singleSignOnUrl, entityId, certificates, privateKey, certificate } = config
    const sources = [metadataUrl, metadata, singleSignOnUrl].filter((source) => source !== undefined)
    const isWritten = singleSignOnUrl !== undefined
    const isPair = (privateKey === undefined) === (certificate === undefined)
    const rules: readonly (readonly [wrong: boolean, key: string, message: string])[] = [
      [sources.length !== 1, 'metadataUrl', 'give exactly one of metadataUrl, metadata and singleSignOnUrl'],
      [isWritten && entityId === undefined, 'entityId', 'required with singleSignOnUrl'],
      [isWritten && certificates.length === 0, 'certificates', 'required with singleSignOnUrl'],
      [metadata !== undefined && certificates.length > 0, 'certificates', 'the metadata holds them'],
      [!isPair, 'certificate', 'privateKey and certificate belong together'],
      ...wrongPair(privateKey, certificate),
    ]
    for (const [wrong, key, message] of rules) if (wrong) context.addIssue({ code: 'custom', path: [key], message })
  })
  .readonly()

/** node-saml signs only with RSA. */
function wrongPair(secret: Secret | undefined, pem: string | undefined): readonly (readonly [true, string, string])[] {
  if (secret === undefined || pem === undefined) return []
  const key = privateKeyOf(secret)
  const wrongKey = key === undefined ? wrongKeyText(secret.reveal()) : wrongKind(key)
  if (key === undefined || wrongKey !== undefined) return [[true, 'privateKey', wrongKey ?? mustBeRsa]]
  const wrongCertificate = certificateOf(pem) === undefined ? wrongCertificateText(pem) : notOf(key, pem)
  return wrongCertificate === undefined ? [] : [[true, 'certificate', wrongCertificate]]
}

const mustBeRsa = 'must be an RSA private key as PEM'
const mustBeCertificate = 'must be a certificate as PEM'

function wrongKeyText(text: string): string {
  if (/ENCRYPTED/.test(text)) return 'is protected by a passphrase; remove it: openssl pkey -in <file> -out <file>'
  if (/BEGIN (TRUSTED )?CERTIFICATE/.test(text)) return `${mustBeRsa}, and it is a certificate`
  return /BEGIN (RSA )?PUBLIC KEY/.test(text) ? `${mustBeRsa}, and it is a public key` : mustBeRsa
}

function wrongKind({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType !== 'rsa')
    return `${mustBeRsa}, and it is a key of the kind ${asymmetricKeyType?.toUpperCase()}`
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  return bits < 2048 ? `must be an RSA key of at least 2048 bits, and it has ${bits}` : undefined
}

function wrongCertificateText(text: string): string {
  if (/PRIVATE KEY/.test(text)) return `${mustBeCertificate}, and it is a private key`
  return /PUBLIC KEY/.test(text) ? `${mustBeCertificate}, and it is a public key` : mustBeCertificate
}

function notOf(key: KeyObject, pem: string): string | undefined {
  if (certificateOf(pem)?.checkPrivateKey(key) === true) return undefined
  return 'must be the PEM certificate of privateKey, and it is that of another key'
}

export function privateKeyOf(secret: Secret | undefined): KeyObject | undefined {
  try {
    return secret && createPrivateKey(secret.reveal())
  } catch {
    return undefined
  }
}

export function mappingOf({ attributes: own = {} }: ProviderTraits): AttributeMapping {
  const names = Object.keys(usualAttributes) as Attribute[]
  return Object.fromEntries(names.map((name) => [name, [...(own[name] ?? []), ...(usualAttributes[name] ?? [])]]))
}

/**
 * Requirements of `signed`, and whether our metadata has WantAssertionsSigned. At least one of the
 * two must always be signed.
 */
export const signatureRules = {
  either: { needsResponse: false, needsAssertion: false, asksForAssertion: true },
  assertion: { needsResponse: false, needsAssertion: true, asksForAssertion: true },
  response: { needsResponse: true, needsAssertion: false, asksForAssertion: false },
  both: { needsResponse: true, needsAssertion: true, asksForAssertion: true },
} as const satisfies Readonly<Record<SamlConfig['signed'], object>>
