/** Fields of the settings form for an app's requirements and grants (app/settings.ts). */
import type { AppKind } from '../../app/settings.ts'
import { possibleGrants } from '../../app/settings-faults.ts'
import { type Choice, ChoicesField, type FormState, type PageFault } from './developer-fields.tsx'

interface Requirement extends Choice {
  /** Shown only for apps that can keep a key. */
  readonly needsKey?: boolean
  /** Shown only for apps that users sign in to. */
  readonly needsUsers?: boolean
}

const requirements: readonly Requirement[] = [
  {
    value: 'fapi2',
    label: 'FAPI 2.0 Security Profile',
    hint: 'requires PAR, DPoP, a key, PS256, the issuer as audience and https redirect URIs',
    needsKey: true,
  },
  {
    value: 'requirePushedAuthorizationRequests',
    label: 'Pushed authorization requests',
    hint: 'PAR, RFC 9126',
    needsUsers: true,
  },
  {
    value: 'requireSignedRequestObject',
    label: 'Signed request objects',
    hint: 'JAR, RFC 9101; needs a key',
    needsKey: true,
    needsUsers: true,
  },
  {
    value: 'mfa',
    label: 'Second factor for every user',
    hint: 'users prove one here or at their identity provider',
    needsUsers: true,
  },
  { value: 'dpopBoundAccessTokens', label: 'DPoP-bound access tokens', hint: 'RFC 9449' },
  {
    value: 'restrictRedirectUrisToOwner',
    label: 'Redirect URIs by owner only',
    hint: 'the app cannot change them with its own secret or key',
    needsUsers: true,
  },
  { value: 'tokenEndpointAuthMethod', label: 'Key authentication only', hint: 'private_key_jwt', needsKey: true },
]

const grantLabels = {
  authorization_code: 'Browser sign-in',
  refresh_token: 'Refresh tokens',
  client_credentials: 'Machine-to-machine calls',
  device_code: 'Device sign-in',
} as const

const defaultAlgorithm: Choice = { value: '', label: 'Default', hint: 'RS256; PS256 with FAPI 2.0' }

/** Labels in the order of the page. */
export const securityFieldLabels: Readonly<Record<string, string>> = {
  requires: 'Security requirements',
  idTokenSignedResponseAlg: 'ID token signing algorithm',
  grants: 'Grants',
}

/** Labels of checkboxes by their setting. */
export const requirementLabels: Readonly<Record<string, string>> = Object.fromEntries(
  requirements.map(({ value, label }) => [value === 'fapi2' ? 'profile' : value, label]),
)

/** Each at the field that shows it. */
export function placedFaults(faults: readonly PageFault[]): readonly PageFault[] {
  return faults.map((fault) =>
    Object.hasOwn(requirementLabels, fault.field) ? { ...fault, field: 'requires' } : fault,
  )
}

interface SecurityFieldsProps extends FormState {
  readonly kind: AppKind
  /** Algorithms that ID tokens can be signed with. */
  readonly signingAlgorithms: readonly string[]
  /** Whether the app can keep a key confidential. */
  readonly confidential: boolean
}

export function SecurityFields({ kind, signingAlgorithms, confidential, ...form }: SecurityFieldsProps) {
  const hasUsers = kind !== 'service'
  return (
    <>
      <input type="hidden" name="security" value="shown" />
      <ChoicesField
        {...form}
        type="checkbox"
        name="requires"
        label={securityFieldLabels['requires'] ?? ''}
        choices={requirements.filter(
          ({ needsKey, needsUsers }) => (!needsKey || confidential) && (!needsUsers || hasUsers),
        )}
        hint="Requests that do not meet them are rejected. Update your app first."
      />
      {hasUsers && (
        <ChoicesField
          {...form}
          type="radio"
          name="idTokenSignedResponseAlg"
          label="ID token signing algorithm"
          choices={[defaultAlgorithm, ...signingAlgorithms.map((value) => ({ value, label: value }))]}
        />
      )}
      {possibleGrants[kind].length > 1 && (
        <ChoicesField
          {...form}
          type="checkbox"
          name="grants"
          label="Grants"
          choices={possibleGrants[kind].map((value) => ({ value, label: grantLabels[value], hint: value }))}
          hint="How the app obtains tokens."
        />
      )}
    </>
  )
}
