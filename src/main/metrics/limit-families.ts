import type { Family } from './family.ts'
import type { Measured } from './measured.ts'

export function limitFamilies({ limited }: Pick<Measured, 'limited'>): readonly Family[] {
  return [
    {
      name: 'gatehouse_rate_limited_total',
      type: 'counter',
      help: 'Attempts that a rate limit refused (docs/reference/limits.md), by the name of the limit.',
      labels: ['limit'],
      read: () => [...limited].map(([limit, value]) => ({ labels: { limit }, value })),
    },
  ]
}
