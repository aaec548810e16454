/** Which failures the counts by cause answer exactly. Pure. */

/** Counts are kept this long. */
const countedDays = 8
export const countedMs = countedDays * 86_400_000

export interface CountedFilter {
  /** Undefined: all. */
  readonly tenant: string | undefined
  readonly connection?: string | undefined
  /** Undefined: without a limit. */
  readonly since?: Date | undefined
}

export interface CountFault {
  readonly parameter: 'connection' | 'since'
  readonly text: string
}

/** Undefined: they are exact. */
export function countFault({ tenant, connection, since }: CountedFilter, now: Date): CountFault | undefined {
  if (tenant === undefined && connection !== undefined)
    return {
      parameter: 'connection',
      text: 'Failures of a connection are counted within a tenant: choose a tenant too.',
    }
  if (since === undefined || now.getTime() - since.getTime() > countedMs)
    return { parameter: 'since', text: `Failures are counted for ${countedDays} days: choose a later time.` }
  return undefined
}
