/** Requests to a brand's API with a user's access token. */
import { GatehouseError } from '../../src/errors.ts'
import type { Attributes, ConnectionContext, Recorder } from '../../src/provider/provider.ts'
import { call, type EndpointAnswer, refusal } from '../oidc/endpoint/response.ts'

export interface ApiRequest {
  readonly url: string
  /** Users may deny access: 403 and 404 count as no answer, except for a rate limit. */
  readonly optional?: boolean
}

/** The answers by key; absent where access was denied. Throws `upstream_…`. */
export async function askApi(
  context: ConnectionContext,
  requests: Readonly<Record<string, ApiRequest>>,
  headers: Readonly<Record<string, string>>,
  record: Recorder,
): Promise<Attributes> {
  const answers: Record<string, unknown> = {}
  for (const [key, request] of Object.entries(requests)) {
    const answer = await record.step(key, () => ask(context, request, headers))
    if (answer !== undefined) answers[key] = answer
  }
  return answers
}

async function ask(
  context: ConnectionContext,
  { url, optional = false }: ApiRequest,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const name = `GET ${new URL(url).pathname}`
  const answer = await call(context.fetch, name, url, { headers })
  if (isRateLimited(answer))
    throw new GatehouseError('upstream_unreachable', `${name} answered that it was asked too often`)
  if (optional && (answer.status === 403 || answer.status === 404)) return undefined
  if (!answer.ok) throw refusal(answer, name)
  if (typeof answer.json === 'object' && answer.json !== null) return answer.json
  throw new GatehouseError('upstream_invalid', `${name} sent an invalid response: no JSON object or list`)
}

/** Some answer 403 to too many requests, and say so in words. */
function isRateLimited({ status, detail }: EndpointAnswer): boolean {
  return status === 403 && /rate limit/i.test(detail ?? '')
}
