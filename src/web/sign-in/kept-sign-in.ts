/**
 * "Keep me signed in": where a user declined it, the session cookie ends with the browser's
 * session, and so does this mark, which an emailed code, a second factor or a step-up finds.
 */
import type { CookieOptions, Request } from 'express'
import { type CookieSettings, readCookie } from '../../http/cookies.ts'
import { type Fields, textField } from '../../http/fields.ts'
import { ownCookieName } from '../../http/sealed-cookie.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import type { Call, Shell } from '../shell.ts'

type KeptCall = Call<Pick<Shell, 'cookie' | 'keyRing'>>

const name = 'gatehouse_not_kept'
/** Choice in this request: its cookie has the earlier one. */
const choices = new HiddenProperty<Request, boolean>()

/** Undefined where the form does not ask. */
export function readKeepChoice(form: Fields): boolean | undefined {
  return textField(form, 'asks_keep', 8) === undefined ? undefined : textField(form, 'keep', 8) === 'yes'
}

export function chooseKept({ shell, request, response }: KeptCall, isKept: boolean | undefined): void {
  if (isKept === undefined) return
  choices.set(request, isKept)
  const attributes: CookieOptions = { httpOnly: true, sameSite: 'lax', path: '/', secure: shell.cookie.secure }
  if (isKept) response.clearCookie(ownCookieName(shell, name), attributes)
  else response.cookie(ownCookieName(shell, name), '1', attributes)
}

/** The settings of the session cookie for this browser. */
export function keptCookie({ shell, request }: Omit<KeptCall, 'response'>): CookieSettings {
  const isKept = choices.get(request) ?? readCookie(request.headers.cookie, ownCookieName(shell, name)) === null
  return isKept ? shell.cookie : { ...shell.cookie, persistent: false }
}
