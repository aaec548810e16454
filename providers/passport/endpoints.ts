/** Fixed, not discovered: Apple's discovery once named another issuer than its tokens. */
import { z } from 'zod'
import { fillable } from '../../src/crypto/secret.ts'
import { isSafeUrl } from '../oidc/discovery.ts'

export interface Endpoints {
  readonly authorization: string
  readonly token: string
  /** Absent if there is none. */
  readonly userinfo?: string
  /** Absent for plain OAuth 2. */
  readonly jwks?: string
  /** Issuer of identities and ID tokens. */
  readonly issuer: string
}

export type EndpointOverrides = { readonly [Name in keyof Endpoints]?: string | undefined }

/** The `endpoints` key of a brand's configuration: URLs of its emulator. */
export function endpointsOption(brand: string, own: Endpoints) {
  const addresses: Readonly<Record<string, ReturnType<typeof addressOption>>> = {
    authorization: addressOption('Address people are sent to.', own.authorization),
    token: addressOption('Token endpoint.', own.token),
    ...(own.userinfo !== undefined && { userinfo: addressOption('Userinfo endpoint.', own.userinfo) }),
    ...(own.jwks !== undefined && { jwks: addressOption('Address of the signing keys.', own.jwks) }),
    issuer: addressOption('Issuer that ID tokens name, and the issuer of identities.', own.issuer),
  }
  const overrides: z.ZodType<EndpointOverrides> = z.strictObject(addresses)
  return overrides
    .optional()
    .describe(`Other addresses than ${brand}'s own, for an emulator; never for people. Default: ${brand}'s own.`)
}

export function endpointsOf(own: Endpoints, overrides: EndpointOverrides | undefined): Endpoints {
  const given = Object.entries(overrides ?? {}).filter(([, address]) => address !== undefined)
  return { ...own, ...Object.fromEntries(given) }
}

function addressOption(what: string, address: string) {
  return fillable(z.string())
    .refine(isSafeUrl, 'must be an https URL (http only on localhost), without fragment')
    .optional()
    .describe(`${what} Default: ${address}.`)
}
