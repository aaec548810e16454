/** The portal's form of an app, read and written. */
import type { App } from '../../app/app.ts'
import type { AppDraft } from '../../app/draft.ts'
import { AppRefused } from '../../app/draft.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import type { AppKind } from '../../app/settings.ts'
import { GatehouseError } from '../../errors.ts'
import { type Fields, textField } from '../../http/fields.ts'
import type { AppFormValues } from './developer-app-form.tsx'
import { securityValuesOf, settingsFrom } from './developer-security.ts'

const maxLinesLength = 32_768
const kinds: readonly AppKind[] = ['web', 'single-page', 'native', 'service']

/** As it was typed, to be shown again. */
export function readAppForm(form: Fields): AppFormValues {
  return {
    name: textField(form, 'name') ?? '',
    kind: textField(form, 'kind', 32) ?? '',
    logoUri: textField(form, 'logoUri') ?? '',
    removeLogo: textField(form, 'removeLogo', 32) === 'yes',
    redirectUris: textField(form, 'redirectUris', maxLinesLength) ?? '',
    postLogoutRedirectUris: textField(form, 'postLogoutRedirectUris', maxLinesLength) ?? '',
    backchannelLogoutUri: textField(form, 'backchannelLogoutUri') ?? '',
    pkce: textField(form, 'pkce', 32) ?? '',
    scopes: listField(form, 'scopes'),
    security: securityIn(form),
  }
}

/** Undefined where the form has no such fields. */
function securityIn(form: Fields): AppFormValues['security'] {
  if (textField(form, 'security', 32) !== 'shown') return undefined
  const idTokenSignedResponseAlg = textField(form, 'idTokenSignedResponseAlg', 32) ?? ''
  return { idTokenSignedResponseAlg, requires: listField(form, 'requires'), grants: listField(form, 'grants') }
}

/** Checkboxes: none, one, or many of one name. */
function listField(form: Fields, name: string): readonly string[] {
  const values = [form[name] ?? []].flat()
  if (!values.every((value): value is string => typeof value === 'string' && value.length <= 100))
    throw new GatehouseError('request_invalid', `${name} must be texts`)
  return values
}

/**
 * Throws `app_invalid` for a kind that is none.
 * @param before the app that is changed
 */
export function draftFrom(typed: AppFormValues, before?: App): AppDraft {
  const kind = kinds.find((known) => known === typed.kind)
  if (kind === undefined) throw new AppRefused([{ field: 'kind', message: 'Choose a kind.' }])
  return {
    ...{ name: typed.name, kind },
    // the form of a new app offers them before the kind is chosen
    scopes: typed.scopes.filter((scope) => kind !== 'service' || !identityScopeNames.includes(scope)),
    logoUri: filled(typed.logoUri) ?? (typed.removeLogo ? undefined : before?.logoUri),
    redirectUris: linesOf(typed.redirectUris),
    postLogoutRedirectUris: linesOf(typed.postLogoutRedirectUris),
    backchannelLogoutUri: filled(typed.backchannelLogoutUri),
    ...settingsFrom(typed.security, kind, before),
    pkce: typed.pkce === 'or-nonce' ? 'or-nonce' : 'required',
  }
}

function filled(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim()
}

function linesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

export function valuesOf(app: App): AppFormValues {
  return {
    ...{ name: app.name, kind: app.kind, scopes: app.scopes },
    logoUri: '',
    removeLogo: false,
    redirectUris: app.redirectUris.join('\n'),
    postLogoutRedirectUris: app.postLogoutRedirectUris.join('\n'),
    backchannelLogoutUri: app.backchannelLogoutUri ?? '',
    pkce: app.pkce ?? 'required',
    security: securityValuesOf(app),
  }
}
