import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { familiesOf, type MetricSources } from '../../src/main/metrics/families.ts'
import { registryOf } from '../../src/main/metrics/registry.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const page = readFileSync(new URL('../../docs/operations/metrics.md', import.meta.url), 'utf8')

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const named = z.object({ name: z.string(), type: z.string(), help: z.string(), labelNames: z.array(z.string()) })

/** Rows of the metrics whose names begin with `prefix`. */
function tableOf(prefix: RegExp): string {
  const facts = async () => expect.unreachable('nothing is read')
  const sources: MetricSources = { core: server.core, facts, liveClients: () => 0 }
  const metrics = registryOf(familiesOf(sources, '0'))
    .getMetricsAsArray()
    .map((metric) => named.parse(metric))
  const rows = metrics
    .filter(({ name }) => prefix.test(name))
    .map(({ name, type, help, labelNames }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${labels} | ${help} |`
    })
  return `| metric | type | labels | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function withTables(text: string): string {
  const [intro = '', ...sections] = text.split(/^(?=## )/m)
  const filled = sections.map((section) => {
    const prefix = section.startsWith('## Metrics of Gatehouse') ? /^gatehouse_/ : /^(process|nodejs)_/
    const [heading = ''] = section.split('\n')
    return /^## Metrics of/.test(section) ? `${heading}\n\n${tableOf(prefix)}` : section
  })
  return [intro, ...filled.slice(0, -1).map((section) => `${section.trimEnd()}\n\n`), ...filled.slice(-1)].join('')
}

it('lists in docs/operations/metrics.md every metric with its labels: update it with vitest -u', async () => {
  await expect(withTables(page)).toMatchFileSnapshot('../../docs/operations/metrics.md')
})
