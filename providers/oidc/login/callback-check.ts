/**
 * Whether our callback URL is registered at the upstream. If it is not, the upstream shows its own
 * error page to the user and never calls us, so no trace shows it. An authorization request that
 * shows no page (`prompt=none`, Core 3.1.2.1) makes the upstream check the URL.
 */
import { GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import type { IssuerMetadata } from '../discovery.ts'
import type { Upstream } from '../upstream.ts'
import { authorizationUrl } from './authorization.ts'

/** Time limit of the check. Discovery runs first, and a probe must end within its own limit. */
const limitMs = 3000

const unrecorded: Recorder = { step: (_, work) => work(), check: () => undefined }

/** The finding. Throws `upstream_refused` if the URL is not registered. */
export async function checkCallbackUrl(
  upstream: Upstream,
  known: IssuerMetadata,
  own: Readonly<Record<string, string>> | undefined,
): Promise<string | { readonly inconclusive: string }> {
  // a pushed request is a POST whose errors say nothing about the callback URL alone
  if (known.require_pushed_authorization_requests) return unclear
  const { context } = upstream
  const secrets = { nonce: context.random(16), codeVerifier: context.random(32) }
  const start = { state: context.random(16), record: unrecorded }
  const url = await authorizationUrl(upstream, known, own, start, secrets)
  url.searchParams.set('prompt', 'none')
  const answer = await answerOf(context.fetch, url)
  if (answer === undefined) return { inconclusive: 'this server cannot read the authorization page, browsers may' }
  if (answer.redirectedTo === context.callbackUrl.href) return 'the callback URL is registered'
  if (!refusesCallbackUrl(answer)) return unclear
  throw new GatehouseError('upstream_refused', `the callback URL ${context.callbackUrl.href} is not registered`, {
    check: { name: 'callback URL', ok: false, expected: 'registered', got: `status ${answer.status}` },
  })
}

const unclear = 'the upstream does not show whether the callback URL is registered'

interface AuthorizationAnswer {
  readonly status: number
  readonly text: string
  readonly redirectedTo?: string | undefined
}

/** Undefined if this server cannot read it: sign-ins need the page in browsers only. */
async function answerOf(fetch: typeof globalThis.fetch, url: URL): Promise<AuthorizationAnswer | undefined> {
  try {
    const response = await fetch(url, { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(limitMs) })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    // the guarded fetch follows no redirect, and its message names the address
    const redirect = error instanceof GatehouseError && /answered with a redirect(?: to (\S+),)?/.exec(error.message)
    if (!redirect) return undefined
    return { status: 302, text: '', redirectedTo: redirect[1] }
  }
}

/**
 * An error page that says that the redirect URI is wrong. Pages may repeat our request, in links,
 * hidden fields or scripts, which proves nothing.
 */
export function refusesCallbackUrl({ status, text }: Pick<AuthorizationAnswer, 'status' | 'text'>): boolean {
  const isError = status >= 400 && status < 500 && status !== 429
  if (!isError) return false
  const shown = shownText(text.slice(0, maxRead))
  return [...shown.matchAll(redirectUri)].some(({ index }) =>
    refusal.test(shown.slice(Math.max(0, index - nearby), index + nearby)),
  )
}

/** Error pages are shorter. */
const maxRead = 30_000
/** Characters before and after: about a sentence. */
const nearby = 100
/** Without a value after it. */
const redirectUri = /\b(redirect|callback)[ _-]?ur[il]s?(?![\w-]*(=|%3D|&#61;|"\s*:))/gi
const refusal =
  /must (be|match|have)|mismatch|invalid|(not|isn't|never) (registered|allowed|valid|permitted|authorized|found|match|in the list|associated)|unregistered|unknown|login redirect uri/i

function shownText(html: string): string {
  return html
    .split(/<(?=(?:script|style)\b)/i)
    .map((part, at) => (at === 0 ? part : afterScript(part)))
    .join(' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\?\S+/g, ' ')
}

/** A script that does not end hides what follows. */
function afterScript(part: string): string {
  const end = part.search(/<\/(?:script|style)\b/i)
  return end === -1 ? '' : part.slice(end)
}
