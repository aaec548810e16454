/** GET of a JSON document. Throws `upstream_invalid` or `upstream_unreachable`. */
import { GatehouseError } from '../../../src/errors.ts'

/** @param name for messages: "the discovery document" */
export async function fetchJson(fetch: typeof globalThis.fetch, url: string, name: string): Promise<unknown> {
  const response = await answerOf(fetch, url, name)
  if (!response.ok) {
    const code = response.status >= 500 || response.status === 429 ? 'upstream_unreachable' : 'upstream_invalid'
    throw new GatehouseError(code, `${name} at ${url} was answered with status ${response.status}`)
  }
  try {
    return JSON.parse(await response.text())
  } catch {
    throw new GatehouseError('upstream_invalid', `${name} at ${url} is not JSON`)
  }
}

async function answerOf(fetch: typeof globalThis.fetch, url: string, name: string): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual' })
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `${name} at ${url} cannot be fetched`, { cause })
  }
}
