/** `/api/v1/apps`: developers and their apps, with the session of the developer. Another's app is not found (SE-09). */
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { type AppDraft, AppRefused } from '../../app/draft.ts'
import { maxLogoLength } from '../../app/logo.ts'
import { revealSecrets, revokeSecret, rotateSecret } from '../../broker/apps/client-secrets.ts'
import { addKeySet, addPublicKey, createKeyPair, removeKey } from '../../broker/apps/keys.ts'
import { ownApp, ownApps } from '../../broker/apps/ownership.ts'
import { changeApp, registerApp, removeApp } from '../../broker/apps/register-app.ts'
import { GatehouseError } from '../../errors.ts'
import { pathPart } from '../../http/fields.ts'
import type { Shell } from '../shell.ts'
import { applySettings } from './app-settings.ts'
import { appDetailsView, appView, keyView, revealedSecretView } from './app-views.ts'
import { settingsChanges } from './openapi/app-settings-schemas.ts'
import { caller, sendJson } from './sessions.ts'

const text = z.string().max(2048)
const addresses = z.array(text).max(100)

const changes = z.strictObject({
  name: text.optional(),
  kind: z.enum(['web', 'single-page', 'native', 'service']).optional(),
  /** Null takes it away. */
  mark: z.string().max(maxLogoLength).nullable().optional(),
  redirectUris: addresses.optional(),
  postLogoutRedirectUris: addresses.optional(),
  backchannelLogoutUri: text.nullable().optional(),
  ...settingsChanges,
  scopes: z.array(text).max(100).optional(),
})
const creation = changes.extend({ name: text, kind: changes.shape.kind.unwrap() })
const rotation = z.strictObject({ overlapSeconds: z.int().optional() })
const keyName = { name: text.default('') }
const newKey = z.union([
  z.strictObject({ ...keyName, generate: z.literal(true) }),
  z.strictObject({ ...keyName, publicKey: z.union([z.string().max(16_384), z.record(z.string(), z.unknown())]) }),
  z.strictObject({ ...keyName, jwksUrl: text }),
])

export async function listApps(shell: Shell, request: Request, response: Response): Promise<void> {
  const apps = await ownApps(shell.parts, await caller(shell, request))
  sendJson(response, 200, { apps: apps.map((app) => appView(app, shell.publicUrl)) })
}

export async function createApp(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const app = await registerApp(shell.parts, session, draftWith(undefined, bodyOf(request, creation)))
  response.set('location', `/api/v1/apps/${app.id}`)
  sendJson(response, 201, await viewOf(shell, app))
}

export async function getApp(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  sendJson(response, 200, await viewOf(shell, await ownApp(shell.parts, session, pathPart(request, 'id'))))
}

export async function updateApp(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const given = bodyOf(request, changes)
  const app = await changeApp(shell.parts, session, pathPart(request, 'id'), (before) => draftWith(before, given))
  sendJson(response, 200, await viewOf(shell, app))
}

export async function deleteApp(shell: Shell, request: Request, response: Response): Promise<void> {
  await removeApp(shell.parts, await caller(shell, request), pathPart(request, 'id'))
  response.status(204).end()
}

/** The secrets themselves, to their owner. */
export async function showSecrets(shell: Shell, request: Request, response: Response): Promise<void> {
  const secrets = await revealSecrets(shell.parts, await caller(shell, request), pathPart(request, 'id'))
  sendJson(response, 200, { secrets: secrets.map(revealedSecretView) })
}

/** A new secret; the one before goes on for `overlapSeconds`, a week by default. */
export async function createSecret(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const { overlapSeconds } = bodyOf(request, rotation)
  const { secret, text: shown } = await rotateSecret(shell.parts, session, pathPart(request, 'id'), overlapSeconds)
  sendJson(response, 201, revealedSecretView({ ...secret, text: shown, withheld: false }))
}

export async function deleteSecret(shell: Shell, request: Request, response: Response): Promise<void> {
  await revokeSecret(shell.parts, await caller(shell, request), pathPart(request, 'id'), pathPart(request, 'secretId'))
  response.status(204).end()
}

/** {generate: true}: the private key is in this answer and nowhere else · {publicKey}: PEM or JWK · {jwksUrl} */
export async function createKey(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const id = pathPart(request, 'id')
  const given = bodyOf(request, newKey)
  if ('generate' in given) {
    const { key, privatePem } = await createKeyPair(shell.parts, session, id, given.name)
    return sendJson(response, 201, { ...keyView(key), privateKey: privatePem })
  }
  if ('jwksUrl' in given)
    return sendJson(response, 201, keyView(await addKeySet(shell.parts, session, id, given.name, given.jwksUrl)))
  const { publicKey } = given
  const written = typeof publicKey === 'string' ? publicKey : JSON.stringify(publicKey)
  sendJson(response, 201, keyView(await addPublicKey(shell.parts, session, id, given.name, written)))
}

export async function deleteKey(shell: Shell, request: Request, response: Response): Promise<void> {
  await removeKey(shell.parts, await caller(shell, request), pathPart(request, 'id'), pathPart(request, 'keyId'))
  response.status(204).end()
}

/** Throws `request_invalid`, which names the first member that is wrong and never quotes it. */
function bodyOf<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  const body: unknown = request.body ?? {}
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 5).join(', ').slice(0, 100) : undefined
  const what = unknown === undefined ? issue?.path.join('.') || 'the body' : `unknown: ${unknown}`
  throw new GatehouseError('request_invalid', `the body of the request has another form: ${what}`, {
    text: `The request is not in the form we expect (${what}).`,
  })
}

/** What is not given stays as it was. */
function draftWith(before: App | undefined, given: z.output<typeof changes>): AppDraft {
  const kind = given.kind ?? before?.kind
  if (kind === undefined) throw new AppRefused([{ field: 'kind', message: 'is missing' }])
  const otherwise = kind === 'service' ? [] : ['openid', 'profile', 'email']
  return {
    kind,
    name: given.name ?? before?.name ?? '',
    mark: given.mark === undefined ? before?.mark : (given.mark ?? undefined),
    redirectUris: given.redirectUris ?? before?.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? before?.postLogoutRedirectUris ?? [],
    backchannelLogoutUri:
      given.backchannelLogoutUri === undefined
        ? before?.backchannelLogoutUri
        : (given.backchannelLogoutUri ?? undefined),
    ...applySettings(before ?? {}, given),
    scopes: given.scopes ?? before?.scopes ?? otherwise,
  }
}

async function viewOf(shell: Shell, app: App) {
  return appDetailsView(app, await shell.parts.apps.usesOf(app.id), shell.publicUrl, shell.parts.now())
}
