/** The dashboard and the alert rules use only metrics and labels of a running server. */
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { OktaEmulator } from '../../providers/okta/emulator.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api, password } from '../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, people } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { namesIn, samplesIn } from '../support/servers/promql.ts'
import { sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const token = 'a-token-of-the-metrics-of-this-test'

const panel = z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })
const dashboard = z
  .object({
    panels: z.array(panel),
    templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  })
  .parse(JSON.parse(text('deploy/grafana/gatehouse.json')))
const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
            annotations: z.object({ summary: z.string().min(10), fix: z.string().min(40) }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(text('deploy/prometheus/alerts.yaml')))
  .groups.flatMap((group) => group.rules)

/** Grafana fills in an interval. */
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
  ),
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
]

let okta: OktaEmulator
let redis: Redis
let server: TestGatehouse
let samples: ReadonlyMap<string, ReadonlySet<string>>
beforeAll(async () => {
  okta = await oktaFor()
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  redis = new Redis(storage.redis)
  await redis.config('SET', 'maxmemory', '1gb')
  const acme = acmeYaml(okta).replace(/^ {2}okta:\n/m, '  okta:\n    secretExpires: 2099-03-01\n')
  const tenants = { 'acme.yaml': acme, 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants, storage, settings: `metrics: { token: ${token} }` })
  await use()
  const scrape = await fetch(`http://127.0.0.1:${server.port}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  })
  samples = samplesIn(await scrape.text())
})
afterAll(async () => {
  await redis.config('SET', 'maxmemory', '0')
  redis.disconnect()
  await server.stop()
  await okta.close()
})

/** A sign-in, refused ones until a limit stops them, a check and a probe. */
async function use(): Promise<void> {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), people.ada.name)
  const attempt = { tenant: 'acme', email: 'pat@mail.test', password: `${password}x` }
  for (let turn = 0; turn < 7; turn += 1) await api(server, '/api/v1/sessions', { method: 'POST', json: attempt })
  await api(server, '/api/v1/session')
  await server.core.keys.current()
  await server.core.parts.probeNow('acme', 'okta')
}

/** What Prometheus adds. */
const external = new Map([['up', new Set<string>()]])
const externalLabels = ['job', 'instance']
const functions = new Set('abs avg clamp_min count histogram_quantile increase max min rate sort sum topk'.split(' '))

describe('the dashboard and the alert rules', () => {
  it.each(queries)('%s uses what a server shows: %s', (_, query) => {
    const used = namesIn(query)
    expect(used.functions.filter((name) => !functions.has(name))).toEqual([])
    expect(used.selectors.length).toBeGreaterThan(0)
    const labelsOf = (metric: string) => samples.get(metric) ?? external.get(metric)
    expect(used.selectors.filter(({ metric }) => labelsOf(metric) === undefined).map(({ metric }) => metric)).toEqual(
      [],
    )
    for (const { metric, labels } of used.selectors)
      expect(labels.filter((label) => !externalLabels.includes(label) && !labelsOf(metric)?.has(label))).toEqual([])
    const known = new Set([...externalLabels, ...used.selectors.flatMap(({ metric }) => [...(labelsOf(metric) ?? [])])])
    expect(used.groupings.filter((label) => !known.has(label))).toEqual([])
  })

  it('has variables of metrics and labels that exist', () => {
    const found = dashboard.templating.list.flatMap(({ query }) => {
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? []
      return metric === '' ? [] : [externalLabels.includes(label) || samples.get(metric)?.has(label)]
    })
    expect(found).toEqual([true, true])
  })

  it('shows every metric of Gatehouse on the dashboard or in a rule', () => {
    const used = new Set(
      queries.flatMap(([, query]) =>
        namesIn(query).selectors.map(({ metric }) => metric.replace(/_(bucket|sum|count)$/, '')),
      ),
    )
    const shown = [...samples.keys()]
      .filter((name) => name.startsWith('gatehouse_'))
      .map((name) => (name.includes('_duration_seconds_') ? name.replace(/_(bucket|sum|count)$/, '') : name))
    // configured numbers, and what others show better
    const quiet = [
      'gatehouse_tenants',
      'gatehouse_configured_connections',
      'gatehouse_store_ping_seconds',
      'gatehouse_store_pool_max_connections',
    ]
    expect([...new Set(shown)].filter((name) => !used.has(name) && !quiet.includes(name))).toEqual([])
  })
})

describe('the reader of queries', () => {
  it('finds metrics, labels, groupings and functions', () => {
    const names = namesIn(
      'sum by (le, kind) (rate(a_bucket{job=~"$job", code!="x y"}[5m] offset 1w)) / on (kind) b > 2 * 86400',
    )
    expect(names).toEqual({
      selectors: [
        { metric: 'a_bucket', labels: ['job', 'code'] },
        { metric: 'b', labels: [] },
      ],
      groupings: ['le', 'kind', 'kind'],
      functions: ['sum', 'rate'],
    })
  })

  it('notices a metric and a label that do not exist', () => {
    expect(samplesIn('a_total{code="x",who="y z"} 1\nb 2').get('a_total')).toEqual(new Set(['code', 'who']))
    expect(samplesIn('# HELP c text\n').has('c')).toBe(false)
  })
})
