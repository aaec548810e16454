import { describe, expect, it } from 'vitest'
import type { DeploymentFacts } from '../../../src/broker/deployment/facts.ts'
import { problemsOf, type Status, statusText } from '../../../src/cli/deployment/status-text.ts'
import { sampleProcess } from '../../support/store/deployment-samples.ts'

const at = new Date('2026-01-15T12:00:00Z')
const minutesAgo = (minutes: number) => new Date(at.getTime() - minutes * 60_000)

function statusOf(changes: Partial<DeploymentFacts> = {}, more: Partial<Status> = {}): Status {
  const deployment: DeploymentFacts = {
    at,
    version: '0.1.0',
    startedAt: at,
    configuration: { digest: 'abcdefgh1234', loadedAt: at, warnings: 0 },
    stores: [{ kind: 'sqlite', latencyMs: 0.4, outage: undefined, figures: { databaseBytes: 2_400_000 } }],
    processes: [],
    queues: { mail: undefined, logouts: undefined },
    signingKeys: [],
    ...changes,
  }
  return { deployment, pendingMigrations: [], connections: [], ...more }
}

describe('the text of the status', () => {
  it('has one line when everything is healthy, and a section for each part', () => {
    const text = statusText(statusOf())
    expect(text).toMatch(
      /^Gatehouse 0\.1\.0, configuration abcdefgh1234, 2026-01-15 12:00Z\n\nEverything is healthy\.\n/,
    )
    expect(text).toMatch(/^the embedded file +ok +0\.4 ms +- +2\.4 MB$/m)
  })

  it('says what is not available, and calls nothing healthy then', () => {
    const text = statusText(
      statusOf(
        { processes: undefined, signingKeys: undefined },
        { connections: undefined, pendingMigrations: undefined },
      ),
    )
    for (const part of ['Processes', 'Connections', 'Signing keys']) expect(text).toContain(`${part}: (not available)`)
    expect(text).not.toContain('healthy')
  })

  it('puts pending migrations among the problems', () => {
    const status = statusOf({}, { pendingMigrations: ['0021 health', '0022 users'] })
    expect(problemsOf(status)[0]).toMatchObject({ severity: 'down', fixer: 'operator' })
    expect(statusText(status)).toContain('DOWN: The database lacks 2 migrations, from 0021 health')
  })

  it('shows the largest clock difference of each process, and the delay of a queue', () => {
    const processes = [
      sampleProcess({
        startedAt: minutesAgo(180),
        clockDifferences: [
          { against: 'Redis', aheadMs: 120 },
          { against: 'PostgreSQL', aheadMs: -2400 },
        ],
      }),
    ]
    const queues = { mail: { messages: 12, due: 3, oldestDueAt: minutesAgo(2) }, logouts: undefined }
    const text = statusText(statusOf({ processes, queues }))
    expect(text).toMatch(/ 3 hours +hash of files +-2\.4 s$/m)
    expect(text).toMatch(/^email +12 +3 +2 minutes ago$/m)
    expect(text).toMatch(/^back-channel logouts +\(not available\)/m)
  })

  it('wraps long fixes, and shows control characters as none', () => {
    const sentence = `Redis ${'cannot be reached, '.repeat(20)}\u001b[31m`
    const outage = { since: minutesAgo(5), sentence }
    const text = statusText(statusOf({ stores: [{ kind: 'redis', latencyMs: undefined, outage, figures: undefined }] }))
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(text).not.toContain('\u001b')
    expect(text).toContain('DOWN: Redis is unavailable, since 2026-01-15 11:55Z')
  })
})
