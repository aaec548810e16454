/**
 * oidc-provider's storage in our store: encrypted, found by hash, consumed by one atomic operation.
 * The prefix of a token names its kind, so a wrong kind costs no store read.
 */
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { Artifact, ArtifactContent } from '../../broker/ports/volatile.ts'
import { type EndedGrant, endGrant } from '../../broker/session/end-grant.ts'
import { codeModel, mayReceiveSessions } from '../../broker/session/session-exchange.ts'
import { appOf } from './clients.ts'
import { narrowScopes } from './narrow-scopes.ts'
import { isFreshlyRotated } from './refresh-rotation.ts'
import { requestCache } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export type AdapterPorts = Pick<CorePorts, 'appRegistry' | 'artifacts' | 'now'> & Parameters<typeof endGrant>[0]

/** Secret scanners recognize opaque tokens by these prefixes. */
export const tokenPrefixes: Readonly<Record<string, string>> = {
  AccessToken: 'gth_at_',
  RefreshToken: 'gth_rt_',
  ClientCredentials: 'gth_cc_',
}

/** Revoked together with their grant. */
const grantModels: ReadonlySet<string> = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken', 'DeviceCode'])
const appModels: ReadonlySet<string> = new Set([...grantModels, 'Grant', 'ClientCredentials'])
const storedModels: ReadonlySet<string> = new Set([...appModels, 'Interaction', 'PushedAuthorizationRequest'])
const maxIdLength = 256

export function adapterOf(ports: AdapterPorts, model: string): Adapter {
  const { artifacts, now } = ports
  const prefix = tokenPrefixes[model] ?? ''

  async function read(id: string): Promise<Artifact | null> {
    if (!storedModels.has(model) || !id.startsWith(prefix) || id.length > maxIdLength) return null
    const { grants } = requestCache()
    if (model === 'Grant') return asOAuthError(grants.get(id) ?? artifacts.find(model, id))
    const found = await asOAuthError(artifacts.find(model, id))
    const grantId = found?.content['grantId']
    if (grantModels.has(model) && typeof grantId === 'string') {
      const grant = artifacts.find('Grant', grantId)
      grant.catch(() => {}) // the reader of the grant handles the failure
      grants.set(grantId, grant)
    }
    return found
  }

  /** The payload with the scopes that the app may have now; undefined if the app is gone. */
  async function findPayload(id: string): Promise<AdapterPayload | undefined> {
    const found = await read(id)
    if (found === null) return undefined
    const { clientId } = found.content
    if (!appModels.has(model) || typeof clientId !== 'string') return payloadOf(id, found)
    const app = await asOAuthError(ports.appRegistry.find(clientId))
    return app === null ? undefined : payloadOf(id, { ...found, content: narrowScopes(found.content, app) })
  }

  function payloadOf(id: string, found: Artifact): AdapterPayload {
    const { consumedAt } = found
    const payload = { ...found.content, jti: id }
    if (consumedAt === undefined || (model === 'RefreshToken' && isFreshlyRotated(found, now()))) return payload
    return { ...payload, consumed: Math.floor(consumedAt.getTime() / 1000) }
  }

  return {
    async upsert(id, payload, seconds = 1) {
      const grant = model === 'Grant' ? id : grantModels.has(model) ? payload.grantId : undefined
      // concurrent requests with one predecessor derive the same successor: the first one stored
      // stays
      const artifact = { model, id, content: contentOf(model, payload), seconds, grant }
      if (model === 'RefreshToken') await asOAuthError(artifacts.putNew(artifact))
      else await asOAuthError(artifacts.put(artifact))
      const { userCode, accountId } = payload
      if (userCode !== undefined && accountId === undefined)
        await asOAuthError(artifacts.put({ model: 'UserCode', id: userCode, content: { deviceCode: id }, seconds }))
    },

    find: findPayload,

    async findByUserCode(userCode) {
      const index = await asOAuthError(artifacts.find('UserCode', userCode))
      const id = index?.content['deviceCode']
      return typeof id === 'string' ? findPayload(id) : undefined
    },

    async findByUid() {
      throw new Error('sessions.ts finds sessions, not the adapter')
    },

    async consume(id) {
      if (await asOAuthError(artifacts.consume(model, id, now()))) return
      const consumed = await read(id)
      if (model === 'RefreshToken' && consumed !== null && isFreshlyRotated(consumed, now())) return
      const grantId = consumed?.content['grantId']
      if (typeof grantId === 'string') {
        const reason = `${presentedNames[model] ?? model} was presented again`
        const replayedCode = model === codeModel ? id : undefined
        await asOAuthError(endGrant(ports, { grantId, actor: 'system', reason, replayedCode }))
      }
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was used already')
      throw new errors.InvalidGrant(`${model} already consumed`)
    },

    async destroy(id) {
      if (storedModels.has(model)) await asOAuthError(artifacts.remove(model, id))
    },

    /** Called for every model of a grant: one call revokes them all. */
    async revokeByGrantId(grantId) {
      if (model !== 'AccessToken' || isRevocationOfOneToken()) return
      await asOAuthError(endGrant(ports, { grantId, ...causeOfRevocation() }))
    },
  }
}

/** Names of presented credentials in the audit log. */
const presentedNames: Readonly<Record<string, string>> = {
  AuthorizationCode: 'its authorization code',
  RefreshToken: 'a refresh token',
  DeviceCode: 'its device code',
}

/**
 * The token endpoint revokes a grant whose code or refresh token is used twice (RFC 6749 4.1.2).
 */
function causeOfRevocation(): Omit<EndedGrant, 'grantId'> {
  const oidc = Provider.ctx?.oidc
  if (oidc?.route !== 'token') return { reason: 'its app revoked it' }
  const { code, refresh_token: refreshToken } = oidc.params ?? {}
  const replayedCode = typeof code === 'string' ? code : undefined
  const model = replayedCode !== undefined ? codeModel : refreshToken === undefined ? 'DeviceCode' : 'RefreshToken'
  return { actor: 'system', reason: `${presentedNames[model]} was presented again`, replayedCode }
}

/** Revoking an access token ends only that; a refresh token, its grant (RFC 7009 2.1). */
function isRevocationOfOneToken(): boolean {
  const oidc = Provider.ctx?.oidc
  return oidc?.route === 'revocation' && oidc.entities.AccessToken !== undefined
}

/** The stored content, without the ID, which is the secret. An interaction has no session. */
function contentOf(model: string, payload: AdapterPayload): ArtifactContent {
  const { jti: _, session, ...content } = payload
  if (model === codeModel) return { ...content, ...sessionTokenFor(payload) }
  return model === 'Interaction' || session === undefined ? content : { ...content, session }
}

/**
 * Session token for `/api/v1/sessions/exchange`, only in codes of apps that may receive sessions.
 */
function sessionTokenFor({ redirectUri }: AdapterPayload): ArtifactContent {
  const { sessionToken } = requestCache()
  const client = Provider.ctx?.oidc.client
  if (sessionToken === undefined || client === undefined || redirectUri === undefined) return {}
  return mayReceiveSessions(appOf(client), redirectUri) ? { sessionToken } : {}
}
