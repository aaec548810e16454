/** Health results and running processes to store. */
import { randomUUID } from 'node:crypto'
import type { ProbedHealth, RunningProcess } from '../../../src/broker/ports/health.ts'
import { secondsFromNow } from './samples.ts'

export function sampleHealth(changes: Partial<ProbedHealth> = {}): ProbedHealth {
  return {
    tenant: 'demo',
    connection: `okta-${randomUUID()}`,
    status: 'degraded',
    checks: [
      { name: 'discovery', ok: true, detail: 'https://idp.example.test describes itself' },
      {
        name: 'keys',
        ok: false,
        detail: 'the “<b>prøxy</b>” refuses',
        fixer: 'operator',
        cause: 'upstream_refused',
        tookMs: 1.5,
      },
      { name: 'encryption', ok: true, warning: true, detail: 'AES-CBC' },
    ],
    checkedAt: new Date(),
    changedAt: secondsFromNow(-300),
    tookMs: 12.5,
    probedBy: 'process 1',
    ...changes,
  }
}

export function sampleProcess(changes: Partial<RunningProcess> = {}): RunningProcess {
  return {
    id: randomUUID(),
    host: 'høst-1.example.test',
    pid: 4711,
    version: '0.1.0',
    startedAt: new Date(),
    configuration: 'hash of files',
    seenAt: new Date(),
    ...changes,
  }
}
