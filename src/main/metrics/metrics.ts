/** `/metrics` as `metrics:` of gatehouse.yaml asks for it. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { referenceOf } from '../../broker/trace.ts'
import type { Deployment } from '../../config/deployment/deployment.ts'
import { randomBytes } from '../../crypto/random.ts'
import {
  createMetricsServer,
  type MetricsEndpoint,
  type MetricsFormat,
  metricsEndpoint,
} from '../../web/server/metrics.ts'
import { listen } from '../../web/server/server.ts'
import type { Log } from '../log.ts'
import type { MetricSources } from './families.ts'

export interface Metrics {
  /** Undefined: `/metrics` is 404 there. */
  readonly onPublicPort: MetricsEndpoint | undefined
  /** Opens the listener of its own, if there is one. */
  listen(): Promise<void>
  stop(): Promise<void>
}

export interface MetricsOptions extends MetricSources {
  readonly settings: Deployment['metrics']
  readonly log: Log
}

export function openMetrics({ settings, log, ...sources }: MetricsOptions): Metrics {
  if (settings === undefined) return { onPublicPort: undefined, listen: async () => {}, stop: async () => {} }
  const reference = () => referenceOf(randomBytes(8))
  let render: ReturnType<typeof loadRender> | undefined
  const answer = metricsEndpoint({
    token: settings.token,
    reference,
    log,
    render: async (format) => {
      render ??= loadRender(sources)
      return (await render)(format)
    },
  })
  const { listen: address } = settings
  if (address === undefined) return { onPublicPort: answer, listen: async () => {}, stop: async () => {} }
  const server = createMetricsServer(answer, reference)
  return {
    onPublicPort: undefined,
    listen: async () => {
      await listen(server, address)
      log.info({ address: addressOf(server) }, 'metrics are served at /metrics')
    },
    stop: () => close(server),
  }
}

/** Loads prom-client at the first scrape, so that the start does not wait for it. */
async function loadRender(sources: MetricSources) {
  const [{ openRegistries }, { familiesOf }, { readVersion }] = await Promise.all([
    import('./registry.ts'),
    import('./families.ts'),
    import('../version.ts'),
  ])
  const render = openRegistries(familiesOf(sources, await readVersion()))
  return (format: MetricsFormat) => render(format)
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}/metrics`
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
}
