/** Whether a session that began during an app's request is the sign-in it requested. */
import type { Session } from '../../broker/session/session.ts'
import type { PendingInteraction, Settled } from '../../http/interaction.ts'

export type PendingSignIn = Pick<PendingInteraction, 'details' | 'parameters' | 'startedAt'>

/** Maximum clock difference between processes. */
const toleranceMs = 5000

export function isNewSince({ details, startedAt }: PendingSignIn, session: Session): boolean {
  return session.id !== details['session'] && session.createdAt.getTime() >= startedAt.getTime() - toleranceMs
}

/**
 * A new session is no new sign-in if the upstream asked for no credentials (OIDC Core 3.1.2.1). An
 * old auth_time sends the user there once more, then the app gets an error. Without auth_time a
 * second attempt proves nothing (X1).
 */
export function evaluateSignIn(pending: PendingSignIn, session: Session): Settled {
  if (isRecentEnough(pending, session)) return { freshLogin: session.id }
  if (pending.details['stale'] === undefined && session.unprovenSignIn === undefined) return { stale: session.id }
  const said =
    session.unprovenSignIn === undefined
      ? `did not ask again: it says the user signed in at ${session.authenticatedAt.toISOString()}`
      : 'does not say when the user signed in, so it may not have asked again; its administrator can add auth_time'
  return { error: 'login_required', error_description: `the identity provider ${said}` }
}

function isRecentEnough(pending: PendingSignIn, session: Session): boolean {
  const maxAgeSeconds = maxAuthAgeSeconds(pending)
  if (!Number.isFinite(maxAgeSeconds)) return true
  const since = pending.startedAt.getTime() - maxAgeSeconds * 1000 - toleranceMs
  return session.unprovenSignIn === undefined && session.authenticatedAt.getTime() >= since
}

/** Maximum age of the sign-in: 0 for `prompt=login`, infinite without `max_age`. */
export function maxAuthAgeSeconds({ parameters }: Pick<PendingSignIn, 'parameters'>): number {
  const { prompt, max_age: maxAge } = parameters
  if (typeof prompt === 'string' && prompt.split(' ').includes('login')) return 0
  return maxAge === undefined || maxAge === '' ? Number.POSITIVE_INFINITY : Number(maxAge)
}
