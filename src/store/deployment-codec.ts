/** Health results and running processes as JSON. They hold no secrets and no personal data. */
import { z } from 'zod'
import type { ProbedHealth, RunningProcess } from '../broker/ports/health.ts'
import { fixers } from '../errors.ts'
import { parsed } from './sealed-json.ts'

const time = z.number().transform((milliseconds) => new Date(milliseconds))

const storedHealth = z.object({
  tenant: z.string(),
  connection: z.string(),
  status: z.enum(['up', 'degraded', 'down']),
  checks: z.array(
    z
      .object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string(),
        warning: z.literal(true).optional(),
        fixer: z.enum(fixers).optional(),
        cause: z.string().optional(),
        tookMs: z.number().optional(),
      })
      .transform(({ warning, fixer, cause, tookMs, ...check }) => ({
        ...check,
        ...(cause !== undefined && { cause }),
        ...(tookMs !== undefined && { tookMs }),
        ...(warning !== undefined && { warning }),
        ...(fixer !== undefined && { fixer }),
      })),
  ),
  checkedAt: time,
  changedAt: time,
  tookMs: z.number(),
  probedBy: z.string(),
})

const storedProcess = z
  .object({
    id: z.string(),
    host: z.string(),
    pid: z.number(),
    version: z.string(),
    startedAt: time,
    configuration: z.string(),
    seenAt: time,
    clockDifferences: z.array(z.object({ against: z.string(), aheadMs: z.number() })).optional(),
  })
  .transform(({ clockDifferences, ...process }) => ({
    ...process,
    ...(clockDifferences !== undefined && { clockDifferences }),
  }))

export function encodeHealth({ checkedAt, changedAt, ...result }: ProbedHealth): string {
  return JSON.stringify({ ...result, checkedAt: checkedAt.getTime(), changedAt: changedAt.getTime() })
}

/**
 * Ignores what it cannot read: another version of Gatehouse may have written it.
 * @param except id of a process, whose results are not even decoded
 */
export function decodeHealth(texts: readonly string[], except?: string): readonly ProbedHealth[] {
  const own = except === undefined ? undefined : JSON.stringify({ probedBy: except }).slice(1, -1)
  const others = own === undefined ? texts : texts.filter((text) => !text.includes(own))
  return others.flatMap((text) => storedHealth.safeParse(parsed(text)).data ?? [])
}

export function encodeProcess({ startedAt, seenAt, ...process }: RunningProcess): string {
  return JSON.stringify({ ...process, startedAt: startedAt.getTime(), seenAt: seenAt.getTime() })
}

/** Longest running first. */
export function decodeProcesses(texts: readonly string[]): readonly RunningProcess[] {
  return texts
    .flatMap((text) => storedProcess.safeParse(parsed(text)).data ?? [])
    .toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
}
