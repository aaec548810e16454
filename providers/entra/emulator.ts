/**
 * An emulated Microsoft Entra ID: one directory, or `organizations` with an issuer template in
 * discovery; `xms_edov` in place of `email_verified`, and a reference in place of many groups.
 */
import type { Claims } from '../emulator/pages.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, SignIn } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'
import { refreshFaultNames } from '../oidc/emulator/faults.ts'

export interface EntraEmulatorOptions extends BrandEmulatorOptions<EmulatedClient> {
  /** A directory's id, or organizations. */
  readonly directory: string
}

/** Users have `oid`, `tid`, and group ids in `groups`. Only people of the directory can sign in. */
export function startEntraEmulator(options: EntraEmulatorOptions): Promise<BrandEmulator> {
  const { directory } = options
  const people = options.people.filter(({ tid }) => directory === 'organizations' || tid === directory)
  return startBrandEmulator((url) => brandAt(url, directory), { ...options, people })
}

/** AADSTS65004: the user declined to consent. */
const declined = { error: 'access_denied', error_subcode: 'cancel', error_description: 'AADSTS65004: declined.' }
const maxGroups = 200

function brandAt(url: string, directory: string): EmulatedBrand<EmulatedClient> {
  const issuerFor = (id: string) => `${url}/${id}/v2.0`
  return {
    name: 'Microsoft',
    issuerPath: `/${directory}/v2.0`,
    announcedIssuer: issuerFor(directory === 'organizations' ? '{tenantid}' : directory),
    tokenIssuer: ({ tid }) => issuerFor(String(tid)),
    paths: {
      discovery: '/.well-known/openid-configuration',
      authorize: '/authorize',
      token: '/token',
      userinfo: '/userinfo',
      keys: '/keys',
    },
    faults: ['thinIdToken', 'manyGroups', 'noGroups', 'otherIssuer', 'discovery', ...refreshFaultNames],
    errors: { canceled: declined, denied: declined },
    idTokenClaims: (signIn) => entraClaims(signIn),
    userinfoClaims: ({ person: { sub, name, email } }) => ({ sub, name, email }),
    tokenFields: ({ authorizationRequest }) => ({ scope: authorizationRequest.get('scope'), ext_expires_in: 3600 }),
  }
}

function entraClaims({ person, client }: SignIn<EmulatedClient>): Claims {
  const { email_verified: isVerified, groups, ...claims } = person
  const isTooMany = Array.isArray(groups) && groups.length > maxGroups
  return {
    ...claims,
    ver: '2.0',
    rh: 'emulated',
    uti: client.clientId,
    preferred_username: claims['email'],
    ...(isVerified !== undefined && { xms_edov: isVerified }),
    ...(groups !== undefined && !isTooMany && { groups }),
    ...(isTooMany && overage(String(claims['oid']))),
  }
}

function overage(oid: string): Claims {
  const endpoint = `https://graph.microsoft.com/v1.0/users/${oid}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
}
