/** Keys an app signs with: created here, uploaded, or published as a JWKS. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { type App, type AppKey, canKeepSecret } from '../../app/app.ts'
import { AppRefused } from '../../app/draft.ts'
import { readPublicKey } from '../../app/public-key.ts'
import { wrongCalledAddress } from '../../app/redirect-uri.ts'
import type { Ports } from '../ports/core-ports.ts'
import { changeOwnApp, withoutId } from './change-app.ts'
import { type AppActor, type OwnershipPorts, requireStepUpOfActor } from './ownership.ts'

type AppKeyPorts = OwnershipPorts & Ports<'random'>

const maxKeys = 10
const maxNameLength = 60

export interface CreatedKey {
  readonly key: AppKey
  /** PKCS #8. Not stored: returned only here. */
  readonly privatePem: string
}

type Named<Content extends string> = Readonly<Record<'name' | Content, string>>

/** An ES256 key pair, of which only the public half is stored. */
export async function createKeyPair(ports: AppKeyPorts, actor: AppActor, appId: string, name: string) {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { key: await addPublicKey(ports, actor, appId, { name, text: publicKey }), privatePem: privateKey }
}

/** @param upload `text`: PEM or JWK */
export async function addPublicKey(ports: AppKeyPorts, actor: AppActor, appId: string, { name, text }: Named<'text'>) {
  const read = readPublicKey(text)
  if (!read.ok) throw new AppRefused([{ field: 'key', message: read.wrong }])
  const source = { kind: 'public key', jwk: read.jwk } as const
  return addKey(ports, actor, appId, { id: read.jwk.kid, name, source })
}

/** A JWKS that the app publishes, fetched on use. */
export async function addKeySet(ports: AppKeyPorts, actor: AppActor, appId: string, { name, url }: Named<'url'>) {
  const wrong = wrongCalledAddress(url)
  if (wrong !== undefined) throw new AppRefused([{ field: 'jwksUrl', message: wrong }])
  const id = `set-${ports.random(9).toString('base64url')}`
  return addKey(ports, actor, appId, { id, name, source: { kind: 'jwks', url } })
}

async function addKey(ports: AppKeyPorts, actor: AppActor, appId: string, given: Omit<AppKey, 'createdAt'>) {
  const { id, name, source } = given
  if (name.length > maxNameLength || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw new AppRefused([{ field: 'key', message: `needs a name of at most ${maxNameLength} plain characters` }])
  const key: AppKey = { id, name: name.trim() === '' ? 'Key' : name.trim(), source, createdAt: ports.now() }
  const apply = (app: App): App => {
    const field = source.kind === 'jwks' ? 'jwksUrl' : 'key'
    if (!canKeepSecret(app)) throw new AppRefused([{ field, message: publicClientMessage(app) }])
    if (app.keys.some((other) => isSame(other, key)))
      throw new AppRefused([{ field, message: 'already exists (same ID or same URL)' }])
    if (app.keys.length >= maxKeys)
      throw new AppRefused([{ field, message: `exceeds the limit of ${maxKeys} per app` }])
    return { ...app, keys: [key, ...app.keys] }
  }
  const details = { key: id, kind: source.kind }
  await requireStepUpOfActor(ports, actor)
  await changeOwnApp(ports, actor, appId, { action: 'app.key_added', details, apply })
  return key
}

const publicClientMessage = ({ kind }: Pick<App, 'kind'>) =>
  `is not for a ${kind} app, which cannot keep a key confidential: use PKCE alone`

function isSame(a: AppKey, b: AppKey): boolean {
  return a.id === b.id || (a.source.kind === 'jwks' && b.source.kind === 'jwks' && a.source.url === b.source.url)
}

export async function removeKey(ports: AppKeyPorts, actor: AppActor, appId: string, id: string): Promise<void> {
  await requireStepUpOfActor(ports, actor)
  const apply = (app: App): App => ({ ...app, keys: withoutId(app.keys, id) })
  await changeOwnApp(ports, actor, appId, { action: 'app.key_removed', details: { key: id }, apply })
}
