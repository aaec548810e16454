/** How long a link to a trace may work. */
export const linkLifetimes = [
  { value: '1h', label: '1 hour', seconds: 3600, isDefault: false },
  { value: '24h', label: '24 hours', seconds: 86_400, isDefault: true },
  { value: '7d', label: '7 days', seconds: 604_800, isDefault: false },
] as const

export type LinkLifetime = (typeof linkLifetimes)[number]['value']

export const linkLifetimeNames = linkLifetimes.map(({ value }) => value)

export const secondsOf = (lifetime: LinkLifetime): number =>
  linkLifetimes.find(({ value }) => value === lifetime)?.seconds ?? 3600
