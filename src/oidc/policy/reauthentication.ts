/** Whether a session that came about while an app's request waited is the new sign-in that the app asks for. Pure. */
import type { Session } from '../../broker/session/session.ts'
import type { PendingInteraction, Settled } from '../../http/interaction.ts'

export type PendingSignIn = Pick<PendingInteraction, 'details' | 'parameters' | 'startedAt'>

/** Clocks of processes differ by that much at most. */
const toleranceMs = 5000

export function isNewSince({ details, startedAt }: PendingSignIn, session: Session): boolean {
  return session.id !== details['session'] && session.createdAt.getTime() >= startedAt.getTime() - toleranceMs
}

/**
 * A new session is no new sign-in where the upstream did not ask for credentials (OIDC Core 3.1.2.1). After an old time the user is sent
 * there once more, then the app gets an error. An upstream that tells no time would tell none at the second sign-in either (X1).
 */
export function evaluateSignIn(pending: PendingSignIn, session: Session): Settled {
  if (isRecentEnough(pending, session)) return { freshLogin: session.id }
  if (pending.details['stale'] === undefined && session.unprovenSignIn === undefined) return { stale: session.id }
  const said =
    session.unprovenSignIn === undefined
      ? `did not ask again: it says the person signed in at ${session.authenticatedAt.toISOString()}`
      : 'does not say when the person signed in, so it may not have asked again; its administrator can add auth_time'
  return { error: 'login_required', error_description: `the identity provider ${said}` }
}

function isRecentEnough(pending: PendingSignIn, session: Session): boolean {
  const oldest = maxAuthAgeSeconds(pending)
  if (!Number.isFinite(oldest)) return true
  const since = pending.startedAt.getTime() - oldest * 1000 - toleranceMs
  return session.unprovenSignIn === undefined && session.authenticatedAt.getTime() >= since
}

/** How old a sign-in may be when the request comes: 0 where a new one is wanted, any age where the app says nothing. */
export function maxAuthAgeSeconds({ parameters }: Pick<PendingSignIn, 'parameters'>): number {
  const { prompt, max_age: maxAge } = parameters
  if (typeof prompt === 'string' && prompt.split(' ').includes('login')) return 0
  return maxAge === undefined || maxAge === '' ? Number.POSITIVE_INFINITY : Number(maxAge)
}
