/** A login transaction: single use, ten minutes; and the checks of its callback. */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { Connection } from '../../provider/provider.ts'
import type { TakenTransaction } from '../ports/volatile.ts'
import type { AttemptTrace } from '../trace.ts'

export const transactionSeconds = 600
/** How long a login's destination is kept after it started. */
export const resumeSeconds = 86_400

/** A request to a callback URL. */
export interface CallbackRequest {
  readonly tenant: string
  readonly connection: string
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
  trace.assertCheck('login_used', {
    name: 'first use',
    ok: taken.outcome === 'fresh',
    expected: 'a sign-in not finished before',
    got: taken.outcome,
  })
  if (taken.outcome !== 'fresh') throw new GatehouseError('login_used', 'this login was finished before')
  const { transaction } = taken
  const began = `${transaction.resume.tenant}/${transaction.resume.connection}`
  const ended = `${callback.tenant}/${callback.connection}`
  trace.assertCheck('login_connection_mismatch', {
    name: 'same connection',
    ok: began === ended,
    expected: began,
    got: ended,
  })
  trace.assertCheck('login_other_browser', {
    name: 'same browser',
    ok: callback.browser === transaction.browser,
    expected: 'the browser that began the sign-in',
    got:
      callback.browser === undefined
        ? 'a browser without our cookie'
        : callback.browser === transaction.browser
          ? 'the same'
          : 'another browser',
  })
  trace.assertCheck('login_expired', {
    name: 'in time',
    ok: now.getTime() < transaction.expiresAt.getTime(),
    expected: `before ${transaction.expiresAt.toISOString()}`,
    got: now.toISOString(),
  })
  return transaction
}

export function browserHash(browserId: string): string {
  return secretHash(browserId)
}
