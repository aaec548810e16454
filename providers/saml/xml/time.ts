/** Times in SAML messages (xs:dateTime, SAML core 1.3.3). */

/** Accepted clock difference. */
export const clockToleranceSeconds = 60

/** Java's SimpleDateFormat writes +0000. */
const dateTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,20})?)(?:Z|([+-]\d\d):?(\d\d))?$/

/** UTC unless it has a zone; undefined if invalid. */
export function momentOf(text: string | undefined): Date | undefined {
  const found = dateTime.exec(text?.trim() ?? '')
  if (found === null) return undefined
  const [, time = '', hours, minutes] = found
  const moment = new Date(`${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

export function isBefore(moment: Date | undefined, now: Date): boolean {
  return moment !== undefined && moment.getTime() <= now.getTime() + clockToleranceSeconds * 1000
}

export function isAfter(moment: Date | undefined, now: Date): boolean {
  return moment !== undefined && moment.getTime() > now.getTime() - clockToleranceSeconds * 1000
}

export function isoOf(moment: Date | undefined): string {
  return moment?.toISOString() ?? 'no time'
}
