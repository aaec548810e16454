/** Baseline of the OpenID Provider: oidc-provider with the adapter of its example. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { claims, client } from '../provider-client.ts'
import { bareAdapter } from './adapter.ts'

const [port, redisUrl = ''] = process.argv.slice(2)
const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 })

const provider = new Provider(`http://localhost:${port}`, {
  adapter: bareAdapter(redisUrl),
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'bench' }] },
  cookies: { keys: ['a key of the bench that is long enough'] },
  pkce: { required: () => true },
  responseTypes: ['code'],
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [client.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  features: { devInteractions: { enabled: false }, introspection: { enabled: true }, revocation: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  conformIdTokenClaims: false, // as in Gatehouse: claims in the ID token
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'picture', 'locale', 'zoneinfo'],
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ ...claims, sub: id }) }),
  loadExistingGrant: async (ctx) => {
    const { oidc } = ctx
    const known = oidc.session?.grantIdFor(client.id)
    if (known !== undefined) return provider.Grant.find(known)
    const grant = new provider.Grant({ clientId: client.id, accountId: oidc.session?.accountId ?? '' })
    grant.addOIDCScope(client.scope)
    await grant.save()
    return grant
  },
})

const answer = provider.callback()

/** Accepts every user: the sign-in is not measured. */
async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  await provider.interactionFinished(request, response, { login: { accountId: String(params['login_hint']) } })
}

createServer((request, response) => {
  if (request.url?.startsWith('/interaction/')) signIn(request, response).catch(() => response.writeHead(500).end())
  else void answer(request, response)
}).listen(Number(port), '127.0.0.1')
