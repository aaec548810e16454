/**
 * What the provider keeps, in our own store: sealed, looked up by hashes, consumed by one atomic operation. Which kind of token a
 * value is stands in its prefix, so that the store is not asked for what cannot be.
 */
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import type { Artifact, ArtifactContent } from '../../broker/ports/artifacts.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { codeModel, endCodeSession, mayReceiveSessions } from '../../broker/session/session-exchange.ts'
import { appOf } from './clients.ts'
import { narrowScopes } from './narrow-scopes.ts'
import { isFreshlyRotated } from './refresh-rotation.ts'
import { readsOfRequest } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

/** Opaque tokens and what they begin with; secret scanners know them by it. */
export const tokenPrefixes: Readonly<Record<string, string>> = {
  AccessToken: 'gth_at_',
  RefreshToken: 'gth_rt_',
  ClientCredentials: 'gth_cc_',
}

/** What is made from a grant ends with it. */
const grantModels: ReadonlySet<string> = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken', 'DeviceCode'])
const appModels: ReadonlySet<string> = new Set([...grantModels, 'Grant', 'ClientCredentials'])
const storedModels: ReadonlySet<string> = new Set([
  ...grantModels,
  ...['Grant', 'ClientCredentials', 'Interaction', 'PushedAuthorizationRequest'],
])

export function adapterOf(parts: CorePorts, model: string): Adapter {
  const { artifacts } = parts
  const prefix = tokenPrefixes[model] ?? ''

  async function read(id: string): Promise<Artifact | null> {
    if (!storedModels.has(model) || !id.startsWith(prefix) || id.length > maxIdLength) return null
    const { grants } = readsOfRequest()
    if (model === 'Grant') return asOAuthError(grants.get(id) ?? artifacts.find(model, id))
    const found = await asOAuthError(artifacts.find(model, id))
    const grantId = found?.content['grantId']
    if (grantModels.has(model) && typeof grantId === 'string') {
      const grant = artifacts.find('Grant', grantId)
      grant.catch(ignore) // whoever needs it learns of the failure
      grants.set(grantId, grant)
    }
    return found
  }

  return {
    async upsert(id, payload, seconds = 1) {
      const grant = model === 'Grant' ? id : grantModels.has(model) ? payload.grantId : undefined
      const content = contentOf(model, payload)
      // a refresh token that is there already is the successor which another request made of the same predecessor: it stays as it is
      if (model === 'RefreshToken') await asOAuthError(artifacts.putNew(model, id, content, seconds, grant))
      else await asOAuthError(artifacts.put(model, id, content, seconds, grant))
      if (payload.userCode !== undefined && payload.accountId === undefined)
        await asOAuthError(artifacts.put('UserCode', payload.userCode, { deviceCode: id }, seconds))
    },

    async find(id) {
      const found = await read(id)
      return found === null ? undefined : restrictToApp(parts, model, id, found)
    },

    async findByUserCode(userCode) {
      const index = await asOAuthError(artifacts.find('UserCode', userCode))
      const id = index?.content['deviceCode']
      if (typeof id !== 'string') return undefined
      const found = await read(id)
      return found === null ? undefined : restrictToApp(parts, model, id, found)
    },

    async findByUid() {
      throw new Error('sessions are ours')
    },

    async consume(id) {
      if (await asOAuthError(artifacts.consume(model, id, parts.now()))) return
      const untilSignedInAgain = await read(id)
      if (model === 'RefreshToken' && untilSignedInAgain !== null && isFreshlyRotated(untilSignedInAgain, parts.now()))
        return
      const grantId = untilSignedInAgain?.content['grantId']
      if (model === codeModel) await asOAuthError(endCodeSession(parts, id))
      if (typeof grantId === 'string') await asOAuthError(artifacts.revokeGrant(grantId))
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was used already')
      throw new errors.InvalidGrant(`${model} already consumed`)
    },

    async destroy(id) {
      if (storedModels.has(model)) await asOAuthError(artifacts.remove(model, id))
    },

    /** Asked of every model of a grant: one of them does it for all. */
    async revokeByGrantId(grantId) {
      if (model !== 'AccessToken' || isRevocationOfOneToken()) return
      const code = replayedCode()
      if (code !== undefined) await asOAuthError(endCodeSession(parts, code))
      await asOAuthError(artifacts.revokeGrant(grantId))
    },
  }
}

const ignore = () => {}

const maxIdLength = 256

/** RFC 7009 2.1: taking back an access token ends that one; a refresh token takes all that came from it along. */
function isRevocationOfOneToken(): boolean {
  const oidc = Provider.ctx?.oidc
  return oidc?.route === 'revocation' && oidc.entities.AccessToken !== undefined
}

/** The id is the secret: it is not kept a second time. An interaction belongs to a browser, not to the session it began with. */
function contentOf(model: string, payload: AdapterPayload): ArtifactContent {
  const { jti: _, session, ...content } = payload
  if (model === codeModel) return { ...content, ...sessionTokenFor(payload) }
  return model === 'Interaction' || session === undefined ? content : { ...content, session }
}

/** For `/api/v1/sessions/exchange`: only in codes of apps that may have it. */
function sessionTokenFor({ redirectUri }: AdapterPayload): ArtifactContent {
  const { sessionToken } = readsOfRequest()
  const client = Provider.ctx?.oidc.client
  if (sessionToken === undefined || client === undefined || redirectUri === undefined) return {}
  return mayReceiveSessions(appOf(client), redirectUri) ? { sessionToken } : {}
}

/** Grants are revoked at the token endpoint when a code comes a second time (RFC 6749 4.1.2). */
function replayedCode(): string | undefined {
  const oidc = Provider.ctx?.oidc
  const code = oidc?.route === 'token' ? oidc.params?.['code'] : undefined
  return typeof code === 'string' ? code : undefined
}

/** As far as its app, as it is now, may have it; undefined when the app is gone. */
async function restrictToApp(
  parts: CorePorts,
  model: string,
  id: string,
  found: Artifact,
): Promise<AdapterPayload | undefined> {
  const { clientId } = found.content
  if (!appModels.has(model) || typeof clientId !== 'string') return payloadOf(parts, model, id, found)
  const app = await asOAuthError(parts.appRegistry.find(clientId))
  return app === null ? undefined : payloadOf(parts, model, id, { ...found, content: narrowScopes(found.content, app) })
}

function payloadOf(parts: CorePorts, model: string, id: string, found: Artifact): AdapterPayload {
  const { consumedAt } = found
  const payload = { ...found.content, jti: id }
  if (consumedAt === undefined || (model === 'RefreshToken' && isFreshlyRotated(found, parts.now()))) return payload
  return { ...payload, consumed: Math.floor(consumedAt.getTime() / 1000) }
}
