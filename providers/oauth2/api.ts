/** Requests to a brand's API with a user's access token. */
import { GatehouseError } from '../../src/errors.ts'
import type { Attributes, ConnectionContext, Recorder } from '../../src/provider/provider.ts'
import { call, type EndpointAnswer, refusal } from '../oidc/endpoint/response.ts'

export interface ApiRequest {
  readonly url: string
  /**
   * Users may deny access: 403 and 404 count as this answer, except for a rate limit. An empty list
   * of groups removes those of earlier logins. Default: the login fails.
   */
  readonly whenDenied?: object
  /** The answer is a list of up to this many pages, linked by `Link` (RFC 8288). Default: one. */
  readonly maxPages?: number
}

interface Asked {
  readonly context: ConnectionContext
  readonly headers: Readonly<Record<string, string>>
  readonly record: Recorder
}

/** The answers by key. Throws `upstream_…`. */
export async function askApi(
  context: ConnectionContext,
  requests: Readonly<Record<string, ApiRequest>>,
  headers: Readonly<Record<string, string>>,
  record: Recorder,
): Promise<Attributes> {
  const answers: Record<string, unknown> = {}
  for (const [key, request] of Object.entries(requests))
    answers[key] = await record.step(key, () => askAll({ context, headers, record }, key, request))
  return answers
}

async function askAll(asked: Asked, key: string, { url, whenDenied, maxPages }: ApiRequest): Promise<object> {
  const entries: unknown[] = []
  const address = new URL(url)
  for (let page = 1; ; page++) {
    const answer = await ask(asked, address)
    if (whenDenied !== undefined && isDenied(answer)) {
      const got = `status ${answer.status}: access was denied, which counts as none`
      asked.record.check({ name: key, ok: true, expected: 'an answer', got })
      return whenDenied
    }
    const body = bodyOf(answer, address)
    if (maxPages === undefined) return body
    entries.push(...listOf(body, address))
    const next = nextQuery(answer.link, address)
    if (next === undefined) return entries
    if (page >= maxPages) {
      const got = `more than ${entries.length} (overage): the others are left out`
      asked.record.check({ name: key, ok: true, expected: `at most ${maxPages} pages`, got })
      return entries
    }
    address.search = next
  }
}

const nameOf = ({ pathname }: URL) => `GET ${pathname}`

async function ask({ context, headers }: Asked, address: URL): Promise<EndpointAnswer> {
  const answer = await call(context.fetch, nameOf(address), address.href, { headers })
  if (!isRateLimited(answer)) return answer
  throw new GatehouseError('upstream_unreachable', `${nameOf(address)} answered that it was asked too often`)
}

/** Some answer 403 to too many requests, and say so in words. */
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

/** Only the query of the next page is used: the access token goes to no other address. */
function nextQuery(link: string | undefined, address: URL): string | undefined {
  const [, next] = /<([^<>]*)>[^<]*;\s*rel="?next\b/i.exec(link ?? '') ?? []
  return next === undefined ? undefined : URL.parse(next, address)?.search
}
