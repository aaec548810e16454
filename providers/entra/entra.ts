/**
 * Microsoft Entra ID, with one directory (tenant) or many. An address in `email` is verified only
 * if `xms_edov` says so: any admin can write another's (nOAuth). `oid` is the same for all apps of
 * a directory; `sub` is another for each client ID.
 * https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
import { z } from 'zod'
import type { Provider } from '../../src/provider/provider.ts'
import { wordOf } from '../oidc/claims/claims.ts'
import { oidcProvider } from '../oidc/oidc.ts'
import { entraBrand, entraSetup } from './setup.ts'

const options = {
  directories: z
    .array(z.guid('must be the ID of a directory (tenant)').toLowerCase())
    .default([])
    .describe('IDs of the directories whose people may sign in, for an issuer of many. Default: all.'),
  subjectClaim: z
    .enum(['oid', 'sub'])
    .default('oid')
    .describe('The claim that identifies a person: oid, or sub as the kind oidc uses it. Default: oid.'),
}
const own = z.object(options)
const text = 'Only people of certain organizations can sign in here. Start again with your work account there.'

export const entra: Provider = oidcProvider({
  kind: 'entra',
  brand: entraBrand,
  setup: entraSetup,
  issuerSentence:
    'https://login.microsoftonline.com/{directory id}/v2.0, or with organizations or common in place of the ID for people of many directories.',
  options,
  userinfo: 'never',
  manyTenants: true,
  // the directory of personal accounts
  isOpenToAnyone: (issuer) => /\/9188040d-6c67-4c5b-b112-36a304b66dad\//i.test(issuer),
  announcedIssuer: (issuer) => issuer.replace(/\/(?:organizations|common)\/v2\.0$/, '/{tenantid}/v2.0'),
  standardClaims: ({ email_verified: _, xms_edov: isVerified, ...claims }) =>
    isVerified === undefined ? claims : { ...claims, email_verified: isVerified },
  subject: (claims, config) => claims[own.parse(config).subjectClaim],
  checks({ oid, tid }, config) {
    const { directories, subjectClaim } = own.parse(config)
    const isListed = directories.length === 0 || directories.some((id) => id === tid)
    const isKnown = subjectClaim === 'sub' || z.guid().safeParse(oid).success
    return [
      { name: 'tid', ok: isListed, expected: directories.join(' or ') || 'any directory', got: wordOf(tid), text },
      { name: 'oid', ok: isKnown, expected: 'an id', got: typeof oid },
    ]
  },
})
