import type { Finished, Linked } from '../../../src/broker/login/outcome.ts'

/** The error of a login that should have opened a session. */
export function notSignedIn(finished: Exclude<Finished | Linked, { readonly outcome: 'signed in' }>): Error {
  return finished.outcome === 'refused' ? finished.error : new Error(`it is ${finished.outcome}`)
}
