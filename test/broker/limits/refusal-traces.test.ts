import { describe, expect, it } from 'vitest'
import { refusalTracer, type UntracedRefusal } from '../../../src/broker/limits/refusal-traces.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { type ErrorCode, GatehouseError } from '../../../src/errors.ts'
import { clock } from '../../support/gatehouse/broker.ts'

function notes() {
  const { now, pass: advance } = clock()
  const traces: Trace[] = []
  const note = refusalTracer((trace) => traces.push(trace), now)
  const refuse = (changes: Partial<UntracedRefusal> & { readonly code?: ErrorCode } = {}) =>
    note({
      reference: '7KQ2-M9XD',
      error: new GatehouseError(changes.code ?? 'connection_unknown', 'no connection "x" in tenant acme'),
      source: '192.0.2.1',
      tenant: 'acme',
      connection: undefined,
      ...changes,
    })
  return { traces, refuse, pass: advance }
}

describe('a rejection before a login exists', () => {
  it('is found by its reference, with fixer and reason', () => {
    const { traces, refuse } = notes()
    refuse()
    expect(traces).toEqual([
      {
        reference: '7KQ2-M9XD',
        tenant: 'acme',
        connection: 'unknown',
        startedAt: new Date('2026-01-15T12:00:00Z'),
        outcome: 'refused',
        code: 'connection_unknown',
        cause: 'connection_unknown',
        fixer: 'app developer',
        reasons: ['refused before a login began: no connection "x" in tenant acme'],
        steps: [],
      },
    ])
  })

  it('LK-04 keeps the failed check without personal data', () => {
    const { traces, refuse } = notes()
    const got = 'mailto:ann@acme.test?subject=canary'
    const check = { name: 'return address', ok: false, expected: 'https://app.acme.test', got }
    refuse({ error: new GatehouseError('return_to_refused', `refused: ${got}`, { check }) })
    refuse({ error: new GatehouseError('connection_unknown', 'no tenant "ann%40acme.test"') })
    expect(traces[0]?.steps[0]?.checks).toEqual([{ ...check, got: 'mailto:[address]' }])
    expect(JSON.stringify(traces)).not.toMatch(/ann|canary|192\.0/)
  })

  it('LK-01 hides the details of a server error', () => {
    const { traces, refuse } = notes()
    refuse({ error: new GatehouseError('internal', 'canary of a library') })
    expect(traces[0]?.reasons).toEqual(['refused before a login began: a fault of ours, see the log'])
    expect(JSON.stringify(traces)).not.toContain('canary')
  })

  it('is not stored for scanners and ended sessions', () => {
    const { traces, refuse } = notes()
    for (const code of ['not_found', 'method_not_allowed', 'session_invalid'] as const)
      refuse({ code, error: new GatehouseError(code, 'no') })
    expect(traces).toEqual([])
  })

  it('is stored 20 times in ten minutes per source', () => {
    const { traces, refuse, pass: advance } = notes()
    for (let turn = 0; turn < 1000; turn += 1) refuse()
    expect(traces).toHaveLength(20)
    refuse({ source: '192.0.2.2' })
    expect(traces).toHaveLength(21)
    advance(600)
    refuse()
    expect(traces).toHaveLength(22)
  })

  it('is stored 300 times in ten minutes for all sources together', () => {
    const { traces, refuse, pass: advance } = notes()
    for (let turn = 0; turn < 20_000; turn += 1) refuse({ source: `source ${turn}` })
    expect(traces).toHaveLength(300)
    advance(600)
    refuse()
    expect(traces).toHaveLength(301)
  })
})
