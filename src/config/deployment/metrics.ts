/** `metrics:` of gatehouse.yaml: where `/metrics` is served, and who may read it. */
import type { z } from 'zod'
import { secretText } from '../../crypto/secret.ts'
import { options } from '../schema/shape.ts'
import { isLoopback, listenHost, textWhere } from '../schema/text.ts'
import { type Source, warn } from '../source/source.ts'

const addressForm = /^(.+):(\d{1,5})$/
const minTokenLength = 32

const listenAddress = textWhere((text) => {
  const example = 'must be an address and a port, such as 127.0.0.1:9464 or [::1]:9464'
  const [, host, port] = addressForm.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) return example
  return listenHost.safeParse(host).error === undefined ? undefined : example
}).transform((text) => {
  const [, host = '', port] = addressForm.exec(text) ?? []
  return { host: listenHost.parse(host), port: Number(port) }
})

const token = secretText.refine(
  (secret) => secret.reveal().length >= minTokenLength,
  `must be at least ${minTokenLength} characters; make one with: openssl rand -base64 32`,
)

export const metricsSchema = options(
  { listen: listenAddress.optional(), token: token.optional() },
  {
    listen:
      'Address and port of a listener of its own for /metrics, such as 127.0.0.1:9464. Default: none; /metrics is served where the pages are, and needs the token.',
    token:
      'Bearer token that a reader of /metrics presents, at least 32 characters. With listen too, it is required there. Default: none.',
  },
).refine(({ listen, token }) => listen !== undefined || token !== undefined, {
  message: 'needs listen or token: /metrics names tenants and connections, so it is not for everyone',
})

export type WrittenMetrics = z.output<typeof metricsSchema>

export function checkMetrics(source: Source, metrics: WrittenMetrics | undefined): void {
  if (metrics?.listen === undefined || metrics.token !== undefined) return
  const { host } = metrics.listen
  if (isLoopback(host) || host === '::1') return
  warn(
    source,
    ['metrics', 'listen'],
    'everyone who reaches this port reads names of tenants and connections; set metrics.token, or listen on 127.0.0.1',
  )
}
