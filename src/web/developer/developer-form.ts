/** The portal's form of an app: its schema, and how its values become an app's and back. */
import { z } from 'zod'
import { allowLines, allowRuleFrom } from '../../app/access.ts'
import type { App } from '../../app/app.ts'
import { type AppDraft, AppRefused } from '../../app/draft.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { type AppKind, type AppSettings, allSettings, grantNames, settingsOf } from '../../app/settings.ts'
import { signingAlgorithms } from '../../crypto/signing-algorithm.ts'

const text = (max = 2048) => z.string().max(max).default('')
/** Addresses, one a line. */
const lines = text(32_768)
/** Checkboxes: none, one, or many of one name. */
const list = z.preprocess((value) => [value ?? []].flat(), z.array(z.string().max(100)))

export const appForm = z.object({
  name: text(),
  kind: text(32),
  /** An address to fetch it from; empty leaves it as it is. */
  logoUri: text(),
  /** `yes`, or anything else to keep it. */
  removeLogo: text(32),
  redirectUris: lines,
  postLogoutRedirectUris: lines,
  backchannelLogoutUri: text(),
  /** `or-nonce`, or anything else for required. */
  pkce: text(32),
  scopes: list,
  /** `shown` if the form has the fields below: that of a registered app. */
  security: text(32),
  /** Names of settings that are on; `fapi2` for the profile. */
  requires: list,
  /** Empty for the default. */
  idTokenSignedResponseAlg: text(32),
  grants: list,
  /** Users who may use the app, one entry a line. */
  allow: lines,
})

/** Values as typed. */
export type AppFormValues = z.output<typeof appForm>

const kinds: readonly AppKind[] = ['web', 'single-page', 'native', 'service']

/**
 * Throws `app_invalid` for a kind that is none.
 * @param before the app that is changed
 */
export function draftFrom(typed: AppFormValues, before?: App): AppDraft {
  const kind = kinds.find((each) => each === typed.kind)
  if (kind === undefined) throw new AppRefused([{ field: 'kind', message: 'Choose a kind.' }])
  return {
    name: typed.name,
    kind,
    // the form of a new app offers them before the kind is chosen
    scopes: typed.scopes.filter((scope) => kind !== 'service' || !identityScopeNames.includes(scope)),
    logoUri: filled(typed.logoUri) ?? (typed.removeLogo === 'yes' ? undefined : before?.logoUri),
    redirectUris: linesOf(typed.redirectUris),
    postLogoutRedirectUris: linesOf(typed.postLogoutRedirectUris),
    backchannelLogoutUri: filled(typed.backchannelLogoutUri),
    ...settingsFrom(typed, kind, before),
    allow: kind === 'service' ? undefined : allowRuleFrom(linesOf(typed.allow)),
    pkce: typed.pkce === 'or-nonce' ? 'or-nonce' : 'required',
  }
}

const filled = (text: string) => (text.trim() === '' ? undefined : text.trim())

const linesOf = (text: string) => text.split('\n').flatMap((line) => filled(line) ?? [])

const requirements = [
  'requirePushedAuthorizationRequests',
  'requireSignedRequestObject',
  'dpopBoundAccessTokens',
  'restrictRedirectUrisToOwner',
] as const

/** Settings that the form does not have stay as the API set them. */
function settingsFrom(typed: AppFormValues, kind: AppKind, before: App | undefined): AppSettings {
  const current = before === undefined ? {} : allSettings(before)
  if (typed.security !== 'shown') return current
  const isOn = (name: string) => typed.requires.includes(name) || undefined
  const grants = grantNames.filter((name) => typed.grants.includes(name))
  const isDefault = kind === 'service' || String(grants) === String(settingsOf({ kind }).grants)
  return {
    ...current,
    ...Object.fromEntries(requirements.map((name) => [name, isOn(name)])),
    profile: isOn('fapi2') && 'fapi2',
    mfa: isOn('mfa') && 'required',
    tokenEndpointAuthMethod: isOn('tokenEndpointAuthMethod') && 'private_key_jwt',
    idTokenSignedResponseAlg: signingAlgorithms.find((each) => each === typed.idTokenSignedResponseAlg),
    grants: isDefault ? undefined : grants,
  }
}

export function valuesOf(app: App): AppFormValues {
  const named = (['mfa', 'tokenEndpointAuthMethod'] as const).filter((name) => app[name] !== undefined)
  return {
    name: app.name,
    kind: app.kind,
    scopes: [...app.scopes],
    logoUri: '',
    removeLogo: '',
    redirectUris: app.redirectUris.join('\n'),
    postLogoutRedirectUris: app.postLogoutRedirectUris.join('\n'),
    backchannelLogoutUri: app.backchannelLogoutUri ?? '',
    pkce: app.pkce ?? 'required',
    security: 'shown',
    requires: [app.profile ?? [], requirements.filter((name) => app[name]), named].flat(),
    idTokenSignedResponseAlg: app.idTokenSignedResponseAlg ?? '',
    grants: [...settingsOf(app).grants],
    allow: allowLines(app.allow).join('\n'),
  }
}
