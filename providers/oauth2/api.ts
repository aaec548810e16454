/** Requests to a brand's API with a user's access token. */
import { GatehouseError } from '../../src/errors.ts'
import type { Attributes, ConnectionContext, Recorder } from '../../src/provider/provider.ts'
import { call, type EndpointAnswer, refusal } from '../oidc/endpoint/response.ts'

export interface ApiRequest {
  readonly url: string
  /**
   * The answer that 403 and 404 stand for, where a user may deny the app access. For groups, `[]`
   * removes those of earlier logins. A rate limit still fails the login. Default: the login fails.
   */
  readonly whenDenied?: object
  /** The answer is a list; its pages are linked by `Link` (RFC 8288). Default: a single answer. */
  readonly maxPages?: number
}

interface ApiCall {
  readonly context: ConnectionContext
  readonly headers: Readonly<Record<string, string>>
  readonly record: Recorder
}

/**
 * Sends the requests one after the other, each as a step of the trace.
 * @returns the parsed JSON answers by key of `requests`
 * @throws `upstream_unreachable`, `upstream_refused`, `upstream_invalid`
 */
export async function fetchApi(
  context: ConnectionContext,
  requests: Readonly<Record<string, ApiRequest>>,
  headers: Readonly<Record<string, string>>,
  record: Recorder,
): Promise<Attributes> {
  const answers: Record<string, unknown> = {}
  for (const [key, request] of Object.entries(requests))
    answers[key] = await record.step(key, () => fetchPages({ context, headers, record }, key, request))
  return answers
}

async function fetchPages(call: ApiCall, key: string, { url, whenDenied, maxPages }: ApiRequest): Promise<object> {
  const entries: unknown[] = []
  const address = new URL(url)
  for (let page = 1; ; page++) {
    const answer = await fetchPage(call, address)
    if (whenDenied !== undefined && isDenied(answer)) {
      const got = `status ${answer.status}: access was denied, which counts as none`
      call.record.check({ name: key, ok: true, expected: 'an answer', got })
      return whenDenied
    }
    const body = bodyOf(answer, address)
    if (maxPages === undefined) return body
    entries.push(...listOf(body, address))
    const next = nextQuery(answer.link, address)
    if (next === undefined) return entries
    if (page >= maxPages) {
      const got = `more than ${entries.length} (overage): the others are left out`
      call.record.check({ name: key, ok: true, expected: `at most ${maxPages} pages`, got })
      return entries
    }
    address.search = next
  }
}

const nameOf = ({ pathname }: URL) => `GET ${pathname}`

async function fetchPage({ context, headers }: ApiCall, address: URL): Promise<EndpointAnswer> {
  const answer = await call(context.fetch, nameOf(address), address.href, { headers })
  if (!isRateLimited(answer)) return answer
  throw new GatehouseError('upstream_unreachable', `${nameOf(address)} answered that it was asked too often`)
}

/** GitHub sends 403 instead of 429; only the text of the error names the rate limit. */
function isRateLimited({ status, detail }: EndpointAnswer): boolean {
  return status === 403 && /rate limit/i.test(detail ?? '')
}

const isDenied = ({ status }: EndpointAnswer) => status === 403 || status === 404

function bodyOf(answer: EndpointAnswer, address: URL): object {
  if (!answer.ok) throw refusal(answer, nameOf(address))
  if (typeof answer.json === 'object' && answer.json !== null) return answer.json
  throw invalid(address, 'no JSON object or list')
}

function listOf(body: object, address: URL): readonly unknown[] {
  if (Array.isArray(body)) return body
  throw invalid(address, 'no list')
}

function invalid(address: URL, reason: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `${nameOf(address)} sent an invalid response: ${reason}`)
}

/** Takes only the query of the link, so that the access token is sent to no other host or path. */
function nextQuery(link: string | undefined, address: URL): string | undefined {
  const [, next] = /<([^<>]*)>[^<]*;\s*rel="?next\b/i.exec(link ?? '') ?? []
  return next === undefined ? undefined : URL.parse(next, address)?.search
}
