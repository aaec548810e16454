/**
 * JWT access tokens at the introspection endpoint. The library answers for those it keeps and refuses whatever looks like a JWT; RFC 7662
 * has a server say active or not, whatever comes. Ours says it by the signature and by what can be taken back meanwhile: the app, its
 * scopes, the person's consent, the person. A JWT outlives its session, here as at the API it is for.
 */
import { type JWTPayload, jwtVerify } from 'jose'
import { type Client, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { App } from '../../app/app.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { agreedScopes } from '../storage/grants.ts'
import { asOAuthError } from '../storage/store-errors.ts'
import type { LocalSigningKey } from './external-signing-key.ts'
import { type IntrospectionParts, mayLookUp } from './introspection.ts'

type Answer = Readonly<Record<string, unknown>>

const inactive: Answer = { active: false }

export function introspectJwts(provider: Provider, given: IntrospectionParts, keys: readonly LocalSigningKey[]): void {
  const left = new HiddenProperty<object, KoaContextWithOIDC>()
  provider.on('introspection.error', (ctx, failure) => {
    if (failure instanceof errors.UnsupportedTokenType) left.set(ctx, ctx)
  })
  provider.use(async (ctx, next) => {
    await next()
    const refused = left.get(ctx)
    if (refused === undefined) return
    const answer = await introspected(given, keys, refused)
    ctx.status = 200
    ctx.type = 'json'
    ctx.body = answer
  })
}

async function introspected(
  given: IntrospectionParts,
  keys: readonly LocalSigningKey[],
  { oidc }: KoaContextWithOIDC,
): Promise<Answer> {
  const { client, params } = oidc
  const { token } = params ?? {}
  const payload = typeof token === 'string' ? await verified(given, keys, token) : null
  if (payload === null || client === undefined) return inactive
  return answerFor(given, client, payload)
}

/** Null for what is no access token of ours, or one that is over. */
async function verified(
  { parts }: IntrospectionParts,
  keys: readonly LocalSigningKey[],
  token: string,
): Promise<JWTPayload | null> {
  try {
    const keyOf = ({ kid, alg }: { readonly kid?: string; readonly alg?: string }) => {
      const key = keys.find((each) => each.kid === kid && each.alg === alg)
      if (key === undefined) throw new Error('none of our keys')
      return key.keyObject()
    }
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: parts.publicUrl.origin,
      typ: 'at+jwt',
      algorithms: keys.map(({ alg }) => alg),
      requiredClaims: ['aud', 'exp', 'sub', 'client_id'],
      currentDate: parts.now(),
    })
    return payload
  } catch {
    return null
  }
}

async function answerFor(given: IntrospectionParts, client: Client, payload: JWTPayload): Promise<Answer> {
  const { client_id: clientId, sub, aud, tenant, scope, cnf } = payload
  if (typeof clientId !== 'string' || sub === undefined) return inactive
  const ofPerson = sub !== clientId
  const tokenClaims = { clientId, aud, ...(ofPerson && { accountId: sub, extra: { tenant } }) }
  if (!(await mayLookUp(given, client, tokenClaims))) return inactive
  const app = await asOAuthError(given.parts.appRegistry.find(clientId))
  if (app === null) return inactive
  const currentScopes = ofPerson ? await currentScopesOf(given, app, String(tenant), sub) : app.scopes
  if (currentScopes === null) return inactive
  const left = typeof scope === 'string' ? scope.split(' ').filter((each) => currentScopes.includes(each)) : []
  if (typeof scope === 'string' && left.length === 0) return inactive
  return {
    ...payload,
    active: true,
    scope: left.length === 0 ? undefined : left.join(' '),
    token_type: cnf === undefined ? 'Bearer' : 'DPoP',
  }
}

/** What the app may still see and do of this person; null of one who is gone or blocked. */
async function currentScopesOf(
  { parts }: IntrospectionParts,
  app: App,
  tenant: string,
  userId: string,
): Promise<readonly string[] | null> {
  const [user, consent] = await asOAuthError(
    Promise.all([parts.users.find(tenant, userId), parts.consents.find(tenant, userId, app.id)]),
  )
  return user?.status === 'active' ? agreedScopes(app, consent) : null
}
