/** `gatehouse serve` and plain oidc-provider on the same Redis, with users signed in at both. */
import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { sealToken, sessionCookieName } from '../src/http/cookies.ts'
import { openRedis } from '../src/store/redis/redis.ts'
import { type Deployment, deploy, type Storage, serve, tenant, untilListening, untilReady } from './gatehouse.ts'
import { freePort } from './ports.ts'
import { ask, scriptOf, start, stop } from './processes.ts'
import { basicAuthorization, client } from './provider-client.ts'
import { putSessions } from './sessions.ts'

/** Signed in at each provider. */
const people = 50

export interface BenchedProvider {
  readonly name: string
  readonly server: ChildProcess
  readonly port: number
  readonly origin: string
  readonly paths: { readonly authorization: string; readonly token: string; readonly introspection: string }
  /** A `Cookie` header for each user. */
  readonly cookies: readonly string[]
}

export interface Providers {
  readonly bare: BenchedProvider
  readonly gatehouse: BenchedProvider
  readonly loader: ChildProcess
  stop(): Promise<void>
}

export async function startProviders(storage: Storage): Promise<Providers> {
  const gatehouse = await startGatehouse(storage)
  const bare = await startBare(storage)
  const loader = start(scriptOf('load/tokens'), [], { askable: true })
  const all = [gatehouse.server, bare.server, loader]
  return { bare, gatehouse, loader, stop: async () => void (await Promise.all(all.map((child) => stop(child)))) }
}

async function startGatehouse(storage: Storage): Promise<BenchedProvider> {
  const app = {
    name: 'Bench',
    kind: 'web',
    redirectUris: [client.redirectUri],
    tenants: [tenant],
    firstParty: true, // the baseline asks for no consent either
    secrets: [client.secret],
  }
  const deployment = await deploy({ storage, apps: { [client.id]: app } })
  const server = serve(deployment, 'measured')
  await untilReady(server, deployment.port)
  return {
    name: 'gatehouse',
    server,
    port: deployment.port,
    origin: `http://localhost:${deployment.port}`,
    paths: { authorization: '/oauth2/auth', token: '/oauth2/token', introspection: '/oauth2/introspect' },
    cookies: await gatehouseCookies(storage, deployment),
  }
}

async function gatehouseCookies(storage: Storage, { keyRing }: Deployment): Promise<readonly string[]> {
  const settings = { sameSite: 'lax', secure: false, persistent: true, domain: undefined, path: '/' } as const
  const name = sessionCookieName({ ...settings, name: 'gatehouse_session' })
  const store = openRedis({ url: storage.redis, keyRing, now: () => new Date() })
  try {
    const tokens = await putSessions(store.sessions, people)
    return tokens.map((token) => `${name}=${sealToken(keyRing, name, token)}`)
  } finally {
    await store.close()
  }
}

async function startBare(storage: Storage): Promise<BenchedProvider> {
  const port = await freePort()
  const server = start(scriptOf('bare/provider'), [`${port}`, storage.redis], { cores: 'measured' })
  await untilListening(server, port, '/.well-known/openid-configuration')
  const origin = `http://localhost:${port}`
  const cookies: string[] = []
  while (cookies.length < people) cookies.push(await signInAtBare(origin, `person-${cookies.length}`))
  const paths = { authorization: '/auth', token: '/token', introspection: '/token/introspection' }
  return { name: 'bare', server, port, origin, paths, cookies }
}

/** Signs in through its interaction; returns the cookies. */
async function signInAtBare(origin: string, person: string): Promise<string> {
  const jar = new Map<string, string>()
  let url = new URL(`/auth?${client.authorization}&login_hint=${person}`, origin)
  for (let redirects = 0; redirects < 5 && url.origin === origin; redirects += 1) {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    url = new URL(answer.headers.get('location') ?? '', url)
  }
  if (!url.searchParams.has('code')) throw new Error(`signing in at the baseline ended at ${url}`)
  return [...jar]
    .filter(([name]) => name.startsWith('_session'))
    .map((pair) => pair.join('='))
    .join('; ')
}

const gathered = z.object({ gathered: z.number() })

/** The loader collects codes to redeem. */
export async function gatherCodes(loader: ChildProcess, provider: BenchedProvider, codes: number): Promise<void> {
  const { origin, paths, cookies } = provider
  const order = { do: 'gather', origin, path: paths.authorization, tokenPath: paths.token, cookies, codes }
  await ask(loader, order, gathered)
}

/** Access tokens of several users, each from a login. */
export async function accessTokens(
  { origin, paths, cookies }: BenchedProvider,
  count: number,
): Promise<readonly string[]> {
  const tokens: string[] = []
  while (tokens.length < count) {
    const cookie = cookies[tokens.length % cookies.length] ?? ''
    const asked = await fetch(`${origin}${paths.authorization}?${client.authorization}`, {
      redirect: 'manual',
      headers: { cookie },
    })
    const code = new URL(asked.headers.get('location') ?? '', origin).searchParams.get('code') ?? ''
    const fields = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUri,
      code_verifier: client.codeVerifier,
    }
    const headers = { authorization: basicAuthorization }
    const answer = await fetch(`${origin}${paths.token}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields),
    })
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json())
    tokens.push(token)
  }
  return tokens
}
