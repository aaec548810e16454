/** Apps with OAuth settings of their own, and clients that authenticate by a key. */
import { exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { type Page, send } from '../browser/test-browser.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../gatehouse/test-gatehouse.ts'
import { appsYaml, begin, newSignIn, type RelyingParty, redeem, relyingPartyOf } from './relying-parties.ts'

export const callbackOf = (id: string) => `https://${id}.test/callback`

/** One app in YAML flow style; `more` are its settings. */
export function appYaml(id: string, more: string, kind = 'web'): string {
  const uris = kind === 'service' ? '' : ` redirectUris: ['${callbackOf(id)}'],`
  return `  ${id}: { name: App ${id}, kind: ${kind}, tenants: [acme],${uris} ${more} }\n`
}

export interface AppKeys {
  readonly publicJwk: string
  readonly privateKey: client.CryptoKey
}

export async function keysFor(algorithm: 'ES256' | 'PS256' | 'RS256' | 'EdDSA'): Promise<AppKeys> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  return { publicJwk: JSON.stringify(await exportJWK(publicKey)), privateKey }
}

export const startWith = (apps: string): Promise<TestGatehouse> =>
  startTestGatehouse({ settings: `${appsYaml}${apps}` })

/** A client that signs its assertions; `claims` change what they say. */
export async function keyClient(
  server: TestGatehouse,
  id: string,
  key: client.CryptoKey,
  claims: (payload: Record<string, unknown>) => void = () => {},
): Promise<RelyingParty> {
  const proof = client.PrivateKeyJwt(key, { [client.modifyAssertion]: (_header, payload) => claims(payload) })
  return { ...(await relyingPartyOf(server, id, proof)), redirectUri: callbackOf(id) }
}

export async function secretClient(server: TestGatehouse, id: string, secret: string): Promise<RelyingParty> {
  return { ...(await relyingPartyOf(server, id, client.ClientSecretBasic(secret))), redirectUri: callbackOf(id) }
}

export async function tokensOf(
  server: TestGatehouse,
  relyingParty: RelyingParty,
  more: Readonly<Record<string, string>> = {},
) {
  const signedIn = await newSignIn(server, relyingParty, more)
  return { ...signedIn, tokens: await redeem(relyingParty, signedIn.begun, signedIn.answer) }
}

/** Where the browser is sent back to by a request without a session: the error is in its query. */
export async function authorizeError(
  server: TestGatehouse,
  relyingParty: RelyingParty,
  more: Readonly<Record<string, string | undefined>>,
) {
  const { url } = await begin(relyingParty)
  for (const [name, value] of Object.entries(more))
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  const { headers } = await send(server.port, url, {})
  const answer = new URL(String(headers['location']), publicOrigin).searchParams
  return { error: answer.get('error'), words: answer.get('error_description') ?? '' }
}

export async function oauthError(work: Promise<unknown>) {
  const refused: unknown = await work.then(
    () => ({ error: 'none' }),
    (error: unknown) => error,
  )
  const member = (name: string) => String(Reflect.get(Object(refused), name) ?? '')
  return { error: member('error'), words: member('error_description') }
}

export function post(server: TestGatehouse, path: string, form: Record<string, string>, headers = {}): Promise<Page> {
  return send(server.port, new URL(path, publicOrigin), { method: 'POST', form, headers })
}
