/** Lifetimes of API tokens: a multiple of 365 days counts as calendar years. */

const yearSeconds = 365 * 86_400

/** Undefined unless it is whole years. */
export function yearsOf(lifetimeSeconds: number): number | undefined {
  const years = lifetimeSeconds / yearSeconds
  return years > 0 && Number.isInteger(years) ? years : undefined
}

/** The same day of a later year, or the 28th after a 29 February. */
export function endOfLifetime(start: Date, lifetimeSeconds: number): Date {
  const years = yearsOf(lifetimeSeconds)
  if (years === undefined) return new Date(start.getTime() + lifetimeSeconds * 1000)
  const end = new Date(start)
  end.setUTCFullYear(start.getUTCFullYear() + years)
  if (end.getUTCMonth() !== start.getUTCMonth()) end.setUTCDate(0)
  return end
}

/** The lifetime in seconds that `endOfLifetime` was given. */
export function lifetimeBetween(start: Date, end: Date): number {
  const seconds = (end.getTime() - start.getTime()) / 1000
  const inYears = Math.floor(seconds / yearSeconds) * yearSeconds
  return inYears > 0 && endOfLifetime(start, inYears).getTime() === end.getTime() ? inYears : seconds
}
