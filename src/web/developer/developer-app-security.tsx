/** What an app must do, and which grants it has: fields of its settings form (app/settings.ts). */
import type { Choice, PageFault } from './developer-fields.tsx'
import { ChoicesField } from './developer-fields.tsx'

/** As chosen. */
export interface AppSecurityValues {
  /** Names of settings that are on; `fapi2` for the profile. */
  readonly requires: readonly string[]
  /** Empty for the default. */
  readonly idTokenSignedResponseAlg: string
  readonly grants: readonly string[]
}

const ofSignIn: readonly Choice[] = [
  {
    value: 'requirePushedAuthorizationRequests',
    label: 'Pushed authorization requests',
    hint: 'PAR, RFC 9126',
  },
  { value: 'requireSignedRequestObject', label: 'Signed request objects', hint: 'JAR, RFC 9101; needs a key' },
]
const ofTokens: readonly Choice[] = [
  { value: 'dpopBoundAccessTokens', label: 'DPoP-bound access tokens', hint: 'RFC 9449' },
]
const ofKeys: readonly Choice[] = [
  { value: 'tokenEndpointAuthMethod', label: 'Key authentication only', hint: 'private_key_jwt' },
]
const fapi2: Choice = {
  value: 'fapi2',
  label: 'FAPI 2.0 Security Profile',
  hint: 'requires PAR, DPoP, a key, PS256, the issuer as audience and https redirect URIs',
}

const grantLabels: Readonly<Record<string, Choice>> = {
  authorization_code: { value: 'authorization_code', label: 'Browser sign-in', hint: 'authorization_code' },
  refresh_token: { value: 'refresh_token', label: 'Refresh tokens', hint: 'refresh_token' },
  client_credentials: { value: 'client_credentials', label: 'Machine-to-machine calls', hint: 'client_credentials' },
  device_code: { value: 'device_code', label: 'Device sign-in', hint: 'device_code' },
}

const defaultAlgorithm: Choice = { value: '', label: 'Default', hint: 'RS256; PS256 with FAPI 2.0' }

const shownAt: Readonly<Record<string, string>> = {
  profile: 'requires',
  requirePushedAuthorizationRequests: 'requires',
  requireSignedRequestObject: 'requires',
  dpopBoundAccessTokens: 'requires',
  tokenEndpointAuthMethod: 'requires',
}

interface SecurityFieldsProps {
  readonly values: AppSecurityValues
  readonly faults: readonly PageFault[]
  /** Grants that an app of its kind may have. */
  readonly possibleGrants: readonly string[]
  readonly people: boolean
  /** That ID tokens can be signed with. */
  readonly signingAlgorithms: readonly string[]
  /** It can keep a key. */
  readonly confidential: boolean
}

export function SecurityFields(props: SecurityFieldsProps) {
  const { values, faults, possibleGrants, people, signingAlgorithms, confidential } = props
  const placed = faults.map((fault) => ({ ...fault, field: shownAt[fault.field] ?? fault.field }))
  const choices = [
    ...(confidential ? [fapi2] : []),
    ...(people ? ofSignIn.filter(({ value }) => confidential || value !== 'requireSignedRequestObject') : []),
    ...ofTokens,
    ...(confidential ? ofKeys : []),
  ]
  return (
    <>
      <input type="hidden" name="security" value="shown" />
      <ChoicesField
        type="checkbox"
        name="requires"
        label="Security requirements"
        choices={choices}
        chosen={values.requires}
        hint="Requests that do not meet them are rejected. Update your app first."
        faults={placed}
      />
      {people && (
        <ChoicesField
          type="radio"
          name="idTokenSignedResponseAlg"
          label="ID token signing algorithm"
          choices={[defaultAlgorithm, ...signingAlgorithms.map((value) => ({ value, label: value }))]}
          chosen={[values.idTokenSignedResponseAlg]}
          faults={placed}
        />
      )}
      {possibleGrants.length > 1 && (
        <ChoicesField
          type="checkbox"
          name="grants"
          label="Grants"
          choices={possibleGrants.flatMap((grant) => grantLabels[grant] ?? [])}
          chosen={values.grants}
          hint="How the app obtains tokens."
          faults={placed}
        />
      )}
    </>
  )
}
