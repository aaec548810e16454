/** The HTTP server: session check and /verify first, then OpenID Connect, then Express. */
import { createServer, type Server } from 'node:http'
import type { OpenIdEndpoint } from '../../http/interaction.ts'
import { hasQueryToken, redirectWithoutToken } from '../../http/query-token.ts'
import { hasControlCharacter } from '../../http/request/control-characters.ts'
import { withRequestOrigin } from '../../http/request-origin.ts'
import { allowListOf } from '../../primitives/network-address.ts'
import type { Provider } from '../../provider/provider.ts'
import { answerSessionCheck, isSessionCheck, sessionCheckShell } from '../api/sessions/session-check.ts'
import { logThrottle } from '../forward-auth/log-throttle.ts'
import { answerVerify, isVerify } from '../forward-auth/verify.ts'
import { openVerifyTokens } from '../forward-auth/verify-token.ts'
import type { Shell } from '../shell.ts'
import { createDrain, type Drain } from './graceful-shutdown.ts'
import { lazyApp } from './lazy-app.ts'
import { isMetrics, type MetricsEndpoint } from './metrics.ts'

export interface GatehouseServer extends Drain {
  readonly server: Server
  /** Loads the pages before the first request for one. */
  load(): Promise<unknown>
}

/** @param metrics answers `/metrics`; undefined: not on this port */
export function createGatehouseServer(
  shell: Shell,
  providers: readonly Provider[],
  openIdEndpoint: OpenIdEndpoint,
  metrics?: MetricsEndpoint,
): GatehouseServer {
  const { load, answer } = lazyApp(shell, async () => (await import('../app.ts')).createWebApp(shell, providers))
  const checkShell = sessionCheckShell(shell)
  const { publicUrl, trustedProxies, parts } = shell
  const { now } = parts
  const shouldLog = logThrottle({ now, windowSeconds: 3600, max: 20 })
  const tokens = openVerifyTokens({ keys: shell.signingKeys, issuer: publicUrl.origin, now })
  const { verify: checks } = shell.checks
  const verifyShell = { ...checkShell, checks, publicUrl, trustedProxies, shouldLog, tokens, access: parts }
  const { allowsAddress: isProxy } = allowListOf(trustedProxies)
  const limits = {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 2000,
  }
  const server = createServer(limits, (request, response) => {
    if (!shell.accepting()) response.setHeader('connection', 'close')
    if (hasControlCharacter(request.url ?? '')) answer(request, response)
    else if (isSessionCheck(request) && request.headers.origin === undefined)
      void answerSessionCheck(checkShell, request, response)
    else if (isVerify(request)) void answerVerify(verifyShell, request, response)
    else if (metrics !== undefined && isMetrics(request)) void metrics(request, response)
    else if (hasQueryToken(request)) redirectWithoutToken(publicUrl, request, response)
    else
      withRequestOrigin(request, isProxy, () => {
        if (openIdEndpoint.matches(request)) void openIdEndpoint.handle(request, response)
        else answer(request, response)
      })
  })
  return { server, load, ...createDrain(server) }
}

/** Throws an error whose message names what the operator must change. */
export async function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }) {
  await new Promise<void>((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(describeListenError(error, `${host.includes(':') ? `[${host}]` : host}:${port}`)),
    )
    server.listen(port, host, done)
  })
}

function describeListenError(error: NodeJS.ErrnoException, address: string): Error {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `${address} is in use by another process: stop that one, or choose another listen.port`,
    EACCES: `this process may not listen at ${address}: choose a listen.port of 1024 or more`,
    ENOTFOUND: `${address} cannot be resolved: choose another listen.host`,
    EAI_AGAIN: `${address} cannot be resolved right now: choose an address as listen.host`,
    EADDRNOTAVAIL: `this machine has no address ${address}: choose another listen.host`,
  }
  const sentence = sentences[error.code ?? '']
  return sentence === undefined ? error : new Error(sentence, { cause: error })
}
