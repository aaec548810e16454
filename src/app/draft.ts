/** An app's settings as a developer enters them; faults name their field. */

import { GatehouseError } from '../errors.ts'
import { maxLogoLength, readLogo } from './logo.ts'
import { maxAddresses, wrongCalledAddress, wrongReturnAddress } from './redirect-uri.ts'
import type { AppKind, AppSettings } from './settings.ts'
import { needsRedirectUri, settingsFaults } from './settings-faults.ts'

export interface AppDraft extends AppSettings {
  readonly name: string
  readonly kind: AppKind
  /** A `data:` URL, or the URL to fetch. */
  readonly logoUri: string | undefined
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string | undefined
  readonly scopes: readonly string[]
}

export type AppField = keyof AppDraft | 'key' | 'jwksUrl' | 'secret' | 'confirm'

export interface AppFault {
  readonly field: AppField
  readonly index?: number
  /** Follows the field's name. */
  readonly message: string
}

/** An invalid draft, with faults for the developer. */
export class AppRefused extends GatehouseError {
  readonly faults: readonly AppFault[]

  constructor(faults: readonly AppFault[], options: { readonly cause?: unknown } = {}) {
    const text = faults.map(({ field, message }) => `${field} ${message}`).join('; ')
    super('app_invalid', `the app is refused: ${faults.map(({ field }) => field).join(', ')}`, {
      ...options,
      text: `${text}.`,
    })
    this.faults = faults
  }
}

const maxNameLength = 60

/** @param scopes the registrable ones */
export function faultsOf(draft: AppDraft, scopes: readonly string[]): readonly AppFault[] {
  const { kind, backchannelLogoutUri, logoUri } = draft
  return [
    ...nameFaults(draft.name),
    ...addressFaults(draft, 'redirectUris'),
    ...addressFaults(draft, 'postLogoutRedirectUris'),
    ...one('backchannelLogoutUri', backchannelLogoutUri, wrongCalledAddress),
    ...one('logoUri', logoUri, logoFault),
    ...(kind === 'service' && backchannelLogoutUri !== undefined
      ? [{ field: 'backchannelLogoutUri' as const, message: 'is not for a service: users do not sign in to it' }]
      : []),
    ...settingsFaults(draft),
    ...scopeFaults(draft, scopes),
  ]
}

function nameFaults(name: string): readonly AppFault[] {
  const fault = (message: string): readonly AppFault[] => [{ field: 'name', message }]
  if (name.trim() === '') return fault('is missing')
  if (name.length > maxNameLength) return fault(`must have at most ${maxNameLength} characters`)
  // invisible and bidirectional characters can make one name look like another
  const shown = name.replace(/\p{Extended_Pictographic}\ufe0f/gu, '')
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.test(shown))
    return fault('must have no control or invisible characters')
  return /[\p{L}\p{N}]/u.test(name) ? [] : fault('must have a letter or a digit')
}

function addressFaults(draft: AppDraft, field: 'redirectUris' | 'postLogoutRedirectUris'): readonly AppFault[] {
  const list = draft[field]
  if (draft.kind === 'service')
    return list.length === 0 ? [] : [{ field, message: 'are not for a service: users do not sign in to it' }]
  if (list.length > maxAddresses) return [{ field, message: `must be at most ${maxAddresses}` }]
  if (field === 'redirectUris' && needsRedirectUri(draft) && list.length === 0)
    return [{ field, message: 'need at least one URL' }]
  return list.flatMap((text, index) => {
    const wrong = wrongReturnAddress(text, draft.kind)
    return wrong === undefined ? [] : [{ field, index, message: `${quoted(text)} ${wrong}` }]
  })
}

function one(
  field: AppField,
  text: string | undefined,
  wrongOf: (text: string) => string | undefined,
): readonly AppFault[] {
  const wrong = text === undefined ? undefined : wrongOf(text)
  return wrong === undefined ? [] : [{ field, message: wrong }]
}

function logoFault(text: string): string | undefined {
  if (!text.startsWith('data:')) return wrongCalledAddress(text)
  if (text.length > maxLogoLength) return `must have at most ${maxLogoLength} characters`
  const read = readLogo(text)
  return read.ok ? undefined : read.wrong
}

function scopeFaults({ scopes, kind }: AppDraft, known: readonly string[]): readonly AppFault[] {
  const unknown = scopes.filter((scope) => !known.includes(scope))
  const fault = (message: string): AppFault => ({ field: 'scopes', message })
  return [
    ...unknown.map((scope) => fault(`${quoted(scope)} is not known here; there are ${known.join(', ')}`)),
    ...(kind !== 'service' && !scopes.includes('openid') ? [fault('must hold openid')] : []),
    ...(scopes.includes('offline_access') && kind === 'service'
      ? [fault('offline_access is not for a service: it acts for no user')]
      : []),
  ]
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}
