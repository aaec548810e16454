/** When a user is re-checked. Pure. */
import { hash } from 'node:crypto'
import type { UpstreamGrantKey } from '../../ports/upstream-grants.ts'

/** Checks of a user have a fixed place within the interval, so those of many users are spread. */
export function nextRecheckAt({ tenant, userId, connection }: UpstreamGrantKey, seconds: number, now: Date): Date {
  const intervalMs = seconds * 1000
  const digest = hash('sha256', `${tenant} ${userId} ${connection}`, 'buffer')
  const place = Math.floor((digest.readUInt32BE() / 2 ** 32) * intervalMs)
  const sinceMs = (((now.getTime() - place) % intervalMs) + intervalMs) % intervalMs
  return new Date(now.getTime() + intervalMs - sinceMs)
}

/** After a check that proved nothing: sooner, as the user may have lost access meanwhile. */
export function retryAt(seconds: number, now: Date): Date {
  return new Date(now.getTime() + Math.ceil((seconds * 1000) / retriesPerInterval))
}

const retriesPerInterval = 3

/**
 * Sessions record their use once a minute, and a process records it for a user three times per
 * interval.
 */
export function isInUse(activeAt: Date, seconds: number, now: Date): boolean {
  return now.getTime() - activeAt.getTime() <= seconds * 1500 + 60_000
}

export const recordActivityEveryMs = (seconds: number): number => (seconds * 1000) / 3

/** An idle grant is looked at this often, to remove it after its last session and token. */
export const idleMs = 86_400_000
