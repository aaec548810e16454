/** Times for display, in UTC: a page without script does not know the reader's time zone. */

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** "14 Nov 2026, 09:05 UTC" */
export function absoluteTime(at: Date): string {
  return `${absolute.format(at)} UTC`
}

/** How long ago within a day, the date and time beyond it. */
export function relativeTime(at: Date, now: Date): string {
  const ago = now.getTime() - at.getTime()
  if (ago <= -minute) return absoluteTime(at)
  if (ago < minute) return 'just now'
  if (ago < hour) return relative.format(-Math.floor(ago / minute), 'minute')
  return ago < day ? relative.format(-Math.floor(ago / hour), 'hour') : absoluteTime(at)
}

export function Time({ at, now }: { readonly at: Date; readonly now?: Date }) {
  return <time dateTime={at.toISOString()}>{now === undefined ? absoluteTime(at) : relativeTime(at, now)}</time>
}

/** "14 Nov 2026, 09:05:12", beside a heading that names UTC. */
export const UtcTime = ({ at }: { readonly at: Date }) => <time dateTime={at.toISOString()}>{exact.format(at)}</time>

/** "14 Nov 2026, 09:05:12 UTC" */
export const ExactTime = ({ at }: { readonly at: Date }) => (
  <time dateTime={at.toISOString()}>{`${exact.format(at)} UTC`}</time>
)
