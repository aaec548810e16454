/** The families as prom-client renders them. */
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client'
import { durationBounds } from '../../primitives/duration-counts.ts'
import type { MetricsFormat, RenderedMetrics } from '../../web/server/metrics.ts'
import type { DurationFamily, DurationSample, Family, NumberFamily } from './family.ts'

export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>

/** A registry each: prom-client renames the counters of one that it writes as OpenMetrics. */
export function openRegistries(families: readonly Family[]) {
  const opened = new Map<MetricsFormat, AnyRegistry>()
  return async (format: MetricsFormat): Promise<RenderedMetrics> => {
    const registry = opened.get(format) ?? registryOf(families, format)
    opened.set(format, registry)
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

export function registryOf(families: readonly Family[], format: MetricsFormat = 'prometheus'): AnyRegistry {
  const registry = format === 'prometheus' ? new Registry() : openMetricsRegistry()
  for (const family of families) {
    if (family.type === 'histogram') new ReadHistogram(family, registry)
    else addNumbers(family, registry)
  }
  return registry
}

function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

function addNumbers({ type, name, help, labels = [], read }: NumberFamily, registry: AnyRegistry): void {
  const configuration = { name, help, labelNames: [...labels], registers: [registry] }
  // a store that does not answer must not hide the other metrics
  const samples = async () => {
    try {
      return await read()
    } catch {
      return []
    }
  }
  if (type === 'gauge')
    new Gauge({
      ...configuration,
      async collect() {
        const values = await samples()
        this.reset()
        for (const sample of values) this.set(sample.labels ?? {}, sample.value)
        // a gauge without labels begins with 0
        if (values.length === 0 && labels.length === 0) this.remove()
      },
    })
  else
    new Counter({
      ...configuration,
      async collect() {
        const values = await samples()
        this.reset()
        for (const sample of values) this.inc(sample.labels ?? {}, sample.value)
      },
    })
}

/** A histogram whose counts are kept elsewhere. */
class ReadHistogram extends Histogram {
  readonly #family: DurationFamily

  constructor(family: DurationFamily, registry: AnyRegistry) {
    const { name, help, labels = [] } = family
    super({ name, help, labelNames: [...labels], buckets: [...durationBounds], registers: [registry] })
    this.#family = family
  }

  /** The samples that the registry writes as text. */
  async getForPromString() {
    const { name, help, type, read } = this.#family
    return { name, help, type, values: read().flatMap((sample) => valuesOf(name, sample)) }
  }
}

function valuesOf(name: string, { labels = {}, durations }: DurationSample) {
  let count = 0
  const buckets = [...durations.buckets].map((inBucket, at) => {
    count += inBucket
    const le = String(durationBounds[at] ?? '+Inf')
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: durations.seconds },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
