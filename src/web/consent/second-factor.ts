/**
 * Step-up for an app: the user of the session proves a second factor (oidc/policy/assurance.ts).
 */
import type { Session } from '../../broker/session/session.ts'
import { withQuery } from '../../http/destination.ts'
import { type PendingInteraction, type Settled, secondFactorReason } from '../../http/interaction.ts'
import { secondFactorPath } from '../sign-in/second-factor/finish-sign-in.ts'

type PendingFactor = Pick<PendingInteraction, 'details' | 'reasons'>

/** Else the user signs in first. */
export function needsOnlyFactor({ reasons }: PendingFactor): boolean {
  return reasons.length === 1 && reasons[0] === secondFactorReason
}

/** The app prefers a factor, but does not require it. */
export const mayDecline = ({ details }: PendingFactor): boolean => details['required'] !== true

export function secondFactorHref(pending: PendingFactor, returnTo: string): string {
  return withQuery(secondFactorPath, {
    return_to: returnTo,
    level: pending.details['level'] === 'phishing-resistant' ? 'phr' : undefined,
    optional: mayDecline(pending) ? '1' : undefined,
  })
}

/** A session that replaced a fresh one is as fresh: it has the same sign-in. */
export function afterFactor({ details }: PendingFactor, session: Session): Settled {
  const wasFresh = details['fresh'] !== undefined && details['fresh'] === details['session']
  return wasFresh ? { freshLogin: session.id } : { seen: session.id }
}
