/** A login transaction: single use, ten minutes; and the checks of its callback. */

import { secretHash } from '../../crypto/token.ts'
import { checkOf, GatehouseError } from '../../errors.ts'
import type { Connection } from '../../provider/provider.ts'
import type { ConnectionKey } from '../connections.ts'
import type { TakenTransaction } from '../ports/volatile.ts'
import type { AttemptTrace } from '../trace.ts'

export const transactionSeconds = 600
/** How long a login's destination is kept after it started. */
export const resumeSeconds = 86_400

/** A request to a callback URL. */
export interface CallbackRequest extends ConnectionKey {
  readonly parameters: URLSearchParams
  /** The parameter that carries the state (`stateParameterOf`). Default `state`. */
  readonly stateParameter?: string
  /** SHA-256 of the browser's id, undefined when it brought none. */
  readonly browser: string | undefined
  readonly device: string
  readonly source: string
}

/** 256 random bits, base64url. */
const stateFormat = /^[\w-]{43}$/

export function stateParameterOf({ traits }: Pick<Connection, 'traits'>): string {
  return traits?.stateParameter ?? 'state'
}

/** The one state of an answer; null for none, several, or a malformed one. */
export function stateOf(parameters: URLSearchParams, name = 'state'): string | null {
  const [state, ...more] = parameters.getAll(name)
  return state !== undefined && more.length === 0 && stateFormat.test(state) ? state : null
}

/** The transaction, if this callback from this browser may complete it now. Throws `login_*`. */
export function verifyCallback(taken: TakenTransaction, callback: CallbackRequest, trace: AttemptTrace, now: Date) {
  const isFresh = taken.outcome === 'fresh'
  const expected = 'a sign-in not finished before'
  trace.assertCheck('login_used', checkOf('first use', isFresh, expected, taken.outcome))
  if (!isFresh) throw new GatehouseError('login_used', 'this login was finished before')
  const { browser, expiresAt, resume } = taken.transaction
  const began = `${resume.tenant}/${resume.connection}`
  const ended = `${callback.tenant}/${callback.connection}`
  const otherBrowser = callback.browser === undefined ? 'a browser without our cookie' : 'another browser'
  const isSame = callback.browser === browser
  trace.assertCheck('login_connection_mismatch', checkOf('same connection', began === ended, began, ended))
  const starter = 'the browser that began the sign-in'
  trace.assertCheck('login_other_browser', checkOf('same browser', isSame, starter, isSame ? 'the same' : otherBrowser))
  const limit = `before ${expiresAt.toISOString()}`
  trace.assertCheck('login_expired', checkOf('in time', now < expiresAt, limit, now.toISOString()))
  return taken.transaction
}

export function browserHash(browserId: string): string {
  return secretHash(browserId)
}
