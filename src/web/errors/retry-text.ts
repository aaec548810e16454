/** How long to wait after too many tries, as Retry-After says it to programs. */
import type { GatehouseError } from '../../errors.ts'

/** Undefined where it is not for the person to wait. */
export function waitText({ code, retryAfterSeconds }: GatehouseError): string | undefined {
  if (code !== 'too_many_attempts' || retryAfterSeconds === undefined) return undefined
  return `Please try again in ${durationText(retryAfterSeconds)}.`
}

function durationText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return seconds <= 10 ? 'a few seconds' : minutes === 1 ? 'a minute' : `${minutes} minutes`
}
