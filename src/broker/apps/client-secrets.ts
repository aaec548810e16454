/** Client secrets: create, show to the owner, rotate with an overlap, revoke. */
import { type App, type ClientSecret, canKeepSecret } from '../../app/app.ts'
import { AppRefused } from '../../app/draft.ts'
import { formatToken, secretHash } from '../../crypto/token.ts'
import { isFresh } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'
import { auditApp, changeOwnApp, type OwnershipPorts, ownApp, withoutId } from './ownership.ts'

type ClientSecretPorts = OwnershipPorts & Ports<'keyRing' | 'random'>

export const overlapSecondsDefault = 7 * 86_400
const maxOverlapSeconds = 90 * 86_400
const maxSecrets = 2

export function isLiveSecret({ expiresAt }: ClientSecret, now: Date): boolean {
  return expiresAt === undefined || now.getTime() < expiresAt.getTime()
}

const contextOf = (appId: string, id: string) => `client secret ${appId} ${id}`

/** Adds a secret and returns its text; the previous one works for `overlapSeconds` more. */
export async function rotateSecret(
  ports: ClientSecretPorts,
  session: Session,
  appId: string,
  overlapSeconds = overlapSecondsDefault,
): Promise<{ readonly secret: ClientSecret; readonly text: string }> {
  if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > maxOverlapSeconds)
    throw new AppRefused([{ field: 'secret', message: `can overlap by 0 to ${maxOverlapSeconds} seconds` }])
  const id = ports.random(9).toString('base64url')
  const text = formatToken('gth_c_', ports.random(32))
  const sealed = ports.keyRing.seal(text, contextOf(appId, id)).toString('base64')
  const now = ports.now()
  const secret: ClientSecret = { id, sealed, hash: secretHash(text), createdAt: now, expiresAt: undefined }
  const retireAt = new Date(now.getTime() + overlapSeconds * 1000)
  const apply = (app: App): App => ({ ...app, secrets: [secret, ...retired(app, retireAt, now)] })
  await changeOwnApp(ports, session, appId, { action: 'app.secret_created', details: { secret: id }, apply })
  return { secret, text }
}

function retired(app: App, at: Date, now: Date): readonly ClientSecret[] {
  if (!canKeepSecret(app))
    throw new AppRefused([
      { field: 'secret', message: `is not for a ${app.kind} app, which cannot keep one: use PKCE alone` },
    ])
  const rest = app.secrets
    .map((secret) => ({ ...secret, expiresAt: earlier(secret.expiresAt, at) }))
    .filter((secret) => isLiveSecret(secret, now))
  if (rest.length >= maxSecrets)
    throw new AppRefused([{ field: 'secret', message: `exists twice: revoke one of the two first` }])
  return rest
}

function earlier(a: Date | undefined, b: Date): Date {
  return a !== undefined && a.getTime() < b.getTime() ? a : b
}

/** Takes effect at once. Throws `app_unknown`. */
export async function revokeSecret(ports: ClientSecretPorts, session: Session, appId: string, id: string) {
  const apply = (app: App): App => ({ ...app, secrets: withoutId(app.secrets, id) })
  await changeOwnApp(ports, session, appId, { action: 'app.secret_revoked', details: { secret: id }, apply })
}

export interface ShownSecret extends Pick<ClientSecret, 'id' | 'createdAt' | 'expiresAt'> {
  /** Undefined if withheld, or if no key of the ring opens it; the secret still works. */
  readonly text: string | undefined
  /** Shown only after a recent sign-in, so that an unattended session reveals no secrets. */
  readonly withheld: boolean
}

const newMs = 300_000

/** The live secrets for their owner: one just created always, others after a recent sign-in. */
export async function revealSecrets(ports: ClientSecretPorts, session: Session, appId: string) {
  const app = await ownApp(ports, session, appId)
  const now = ports.now()
  const fresh = await isFresh(ports, session)
  const live = app.secrets.filter((secret) => isLiveSecret(secret, now))
  const shown = live.map(({ id, sealed, createdAt, expiresAt }) => {
    const withheld = !fresh && now.getTime() - createdAt.getTime() >= newMs
    const opened = withheld ? null : ports.keyRing.open(Buffer.from(sealed, 'base64'), contextOf(appId, id))
    return { id, createdAt, expiresAt, withheld, text: opened?.content.toString() }
  })
  const revealedIds = shown.filter(({ text }) => text !== undefined).map(({ id }) => id)
  if (revealedIds.length > 0)
    await auditApp(ports, session, appId, {
      action: 'app.secrets_revealed',
      details: { secrets: revealedIds.join(' ') },
    })
  return shown
}
