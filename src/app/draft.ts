/** An app's settings as a developer enters them; faults name their field. */

import { GatehouseError } from '../errors.ts'
import type { App } from './app.ts'
import { maxLogoLength, readLogo } from './logo.ts'
import { maxAddresses, wrongCalledAddress, wrongReturnAddress } from './redirect-uri.ts'
import type { AppSettings } from './settings.ts'
import { needsRedirectUri, settingsFaults } from './settings-faults.ts'

/** `logoUri`: a `data:` URL, or the URL to fetch. */
export type AppDraft = AppSettings &
  Pick<App, 'name' | 'kind' | 'logoUri' | 'redirectUris' | 'postLogoutRedirectUris' | 'backchannelLogoutUri' | 'scopes'>

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

type Faults = Generator<AppFault, void>

/** @param scopes the registrable ones */
export function faultsOf(draft: AppDraft, scopes: readonly string[]): readonly AppFault[] {
  return [...fieldFaults(draft), ...settingsFaults(draft), ...scopeFaults(draft, scopes)]
}

const forUsers = 'not for a service: users do not sign in to it'

function* fieldFaults(draft: AppDraft): Faults {
  const { name, kind, backchannelLogoutUri, logoUri } = draft
  yield* fault('name', nameFault(name))
  yield* addressFaults(draft, 'redirectUris')
  yield* addressFaults(draft, 'postLogoutRedirectUris')
  if (backchannelLogoutUri !== undefined) yield* fault('backchannelLogoutUri', wrongCalledAddress(backchannelLogoutUri))
  if (logoUri !== undefined) yield* fault('logoUri', logoFault(logoUri))
  if (kind === 'service' && backchannelLogoutUri !== undefined) yield* fault('backchannelLogoutUri', `is ${forUsers}`)
}

function nameFault(name: string): string | undefined {
  if (name.trim() === '') return 'is missing'
  if (name.length > maxNameLength) return `must have at most ${maxNameLength} characters`
  // invisible and bidirectional characters can make one name look like another
  const shown = name.replace(/\p{Extended_Pictographic}\ufe0f/gu, '')
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.test(shown))
    return 'must have no control or invisible characters'
  return /[\p{L}\p{N}]/u.test(name) ? undefined : 'must have a letter or a digit'
}

function* addressFaults(draft: AppDraft, field: 'redirectUris' | 'postLogoutRedirectUris'): Faults {
  const list = draft[field]
  if (draft.kind === 'service') return yield* fault(field, list.length === 0 ? undefined : `are ${forUsers}`)
  if (list.length > maxAddresses) return yield* fault(field, `must be at most ${maxAddresses}`)
  if (field === 'redirectUris' && needsRedirectUri(draft) && list.length === 0)
    yield* fault(field, 'need at least one URL')
  for (const [index, text] of list.entries()) {
    const wrong = wrongReturnAddress(text, draft.kind)
    if (wrong !== undefined) yield { field, index, message: `${quoted(text)} ${wrong}` }
  }
}

function logoFault(text: string): string | undefined {
  if (!text.startsWith('data:')) return wrongCalledAddress(text)
  if (text.length > maxLogoLength) return `must have at most ${maxLogoLength} characters`
  const read = readLogo(text)
  return read.ok ? undefined : read.wrong
}

function* scopeFaults({ scopes, kind }: AppDraft, known: readonly string[]): Faults {
  for (const scope of scopes)
    if (!known.includes(scope))
      yield* fault('scopes', `${quoted(scope)} is not known here; there are ${known.join(', ')}`)
  if (kind !== 'service' && !scopes.includes('openid')) yield* fault('scopes', 'must hold openid')
  if (kind === 'service' && scopes.includes('offline_access'))
    yield* fault('scopes', 'offline_access is not for a service: it acts for no user')
}

function* fault(field: AppField, message: string | undefined): Faults {
  if (message !== undefined) yield { field, message }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}
