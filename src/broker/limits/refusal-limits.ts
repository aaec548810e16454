/**
 * Doors where what is granted is not counted, because whoever sends it may send much: an upstream's server, an app's. Only what is refused
 * is, by source; a source that was refused too often is remembered here, in each process, and held back until its time is over.
 */

import { type ErrorCode, GatehouseError } from '../../errors.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { Parts } from '../parts.ts'
import type { Counters } from '../ports.ts'
import { admitRefused, type CountedDoor } from './rate-limits.ts'

type DoorParts = Pick<Parts, 'counters' | 'now'>

const heldBack = new WeakMap<Counters, BoundedMap<string, number>>()
const mostRemembered = 5000

const nameOf = ({ what, source, tenant, connection, app }: CountedDoor) =>
  JSON.stringify([what, source, tenant, connection, app])

/** How long it is held back still; undefined when it is not. */
export function secondsHeldBack({ counters, now }: DoorParts, door: CountedDoor): number | undefined {
  const name = nameOf(door)
  const until = heldBack.get(counters)?.get(name)
  if (until === undefined) return undefined
  const seconds = (until - now().getTime()) / 1000
  if (seconds > 0) return seconds
  heldBack.get(counters)?.delete(name)
  return undefined
}

/** Throws `too_many_attempts`. */
export function admitUnlessRefusedOften(parts: DoorParts, door: CountedDoor): void {
  const seconds = secondsHeldBack(parts, door)
  if (seconds === undefined) return
  throw new GatehouseError('too_many_attempts', `too many requests of one source were refused (${door.what})`, {
    retryAfterSeconds: seconds,
  })
}

/** Never throws: what it counts was refused already. */
export async function noteRefused({ counters, now }: DoorParts, door: CountedDoor): Promise<void> {
  try {
    await admitRefused(counters, door)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'too_many_attempts') return
    const known = heldBack.get(counters) ?? new BoundedMap<string, number>(mostRemembered)
    heldBack.set(counters, known)
    known.set(nameOf(door), now().getTime() + (error.retryAfterSeconds ?? 60) * 1000)
  }
}

const unbelieved: ReadonlySet<ErrorCode> = new Set([
  ...([
    'request_invalid',
    'callback_malformed',
    'callback_invalid',
    'not_found',
    'upstream_invalid',
    'id_token_refused',
  ] as const),
])

/** Anybody can send what is not believed; of whom a message is, once it is, we know, and a fault of ours is nobody else's. */
export function isUnbelieved({ code }: GatehouseError): boolean {
  return unbelieved.has(code)
}
