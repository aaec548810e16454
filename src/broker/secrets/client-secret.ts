/**
 * One rule for the client secrets of apps and of developers: replaced with an overlap, shown to the
 * owner.
 */
import type { ClientSecret } from '../../app/app.ts'
import { formatToken, secretHash, type TokenPrefix } from '../../crypto/token.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'

const overlapSecondsDefault = 7 * 86_400
const maxOverlapSeconds = 90 * 86_400
const maxSecrets = 2

export function isLiveSecret({ expiresAt }: Pick<ClientSecret, 'expiresAt'>, now: Date): boolean {
  return expiresAt === undefined || now.getTime() < expiresAt.getTime()
}

export interface SecretForm {
  readonly prefix: TokenPrefix
  /** Context that binds the sealed copy. @param id of the secret */
  readonly context: (id: string) => string
}

export interface NewSecret {
  readonly secret: ClientSecret
  readonly text: string
}

export function newSecret(ports: Ports<'keyRing' | 'now' | 'random'>, { prefix, context }: SecretForm): NewSecret {
  const id = ports.random(9).toString('base64url')
  const text = formatToken(prefix, ports.random(32))
  const sealed = ports.keyRing.seal(text, context(id)).toString('base64')
  return { text, secret: { id, sealed, hash: secretHash(text), createdAt: ports.now(), expiresAt: undefined } }
}

export interface Rotation {
  /** How long the previous secret still works: 0 to 90 days. Default: a week. */
  readonly overlapSeconds?: number | undefined
  /** Id of the secret to replace. Default: the current one. */
  readonly replaces?: string | undefined
}

export type Rotated =
  | { readonly ok: true; readonly secrets: readonly ClientSecret[] }
  /** Follows the name of the field. */
  | { readonly ok: false; readonly wrong: string }

/** The secrets once `next` is the newest: those before it work until the overlap ends. */
export function rotated(before: readonly ClientSecret[], next: ClientSecret, rotation: Rotation): Rotated {
  const { overlapSeconds = overlapSecondsDefault, replaces } = rotation
  const now = next.createdAt
  if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > maxOverlapSeconds)
    return { ok: false, wrong: `can overlap by 0 to ${maxOverlapSeconds} seconds, got ${overlapSeconds}` }
  const current = before.find(({ expiresAt }) => expiresAt === undefined)
  if (replaces !== undefined && replaces !== current?.id)
    return { ok: false, wrong: `${quoted(replaces)} was replaced or revoked; ${currentText(current)}` }
  const retireAt = new Date(now.getTime() + overlapSeconds * 1000)
  const rest = before
    .map((secret) => ({ ...secret, expiresAt: earlier(secret.expiresAt, retireAt) }))
    .filter((secret) => isLiveSecret(secret, now))
  return rest.length < maxSecrets
    ? { ok: true, secrets: [next, ...rest] }
    : { ok: false, wrong: 'exists twice: revoke one of the two first' }
}

const quoted = (id: string) => JSON.stringify(id.slice(0, 40))

function currentText(current: ClientSecret | undefined): string {
  return current === undefined ? 'none is left to rotate' : `the one to rotate is ${quoted(current.id)}`
}

function earlier(a: Date | undefined, b: Date): Date {
  return a !== undefined && a.getTime() < b.getTime() ? a : b
}

export interface ShownSecret extends Pick<ClientSecret, 'id' | 'createdAt' | 'expiresAt'> {
  /** Undefined if withheld, or if no key of the ring opens it; the secret still works. */
  readonly text: string | undefined
  /** Shown only after a recent sign-in, so that an unattended session reveals no secrets. */
  readonly withheld: boolean
}

/** A secret this young is shown without a recent sign-in. */
const newMs = 300_000

export interface SecretViewer {
  readonly session: Pick<Session, 'apiToken'>
  /** Whether its last sign-in is recent. */
  readonly isFresh: boolean
}

/** After a recent sign-in all are shown, else those just created; to an API token none. */
export function shownSecret(
  { keyRing, now }: Ports<'keyRing' | 'now'>,
  { context }: Pick<SecretForm, 'context'>,
  secret: ClientSecret,
  { session, isFresh }: SecretViewer,
): ShownSecret {
  const { id, sealed, createdAt, expiresAt } = secret
  const isOld = now().getTime() - createdAt.getTime() >= newMs
  const withheld = session.apiToken !== undefined || (isOld && !isFresh)
  const opened = withheld ? null : keyRing.open(Buffer.from(sealed, 'base64'), context(id))
  return { id, createdAt, expiresAt, withheld, text: opened?.content.toString() }
}

/** IDs of shown secrets for the audit event. */
export function revealedIds(shown: readonly ShownSecret[]): string {
  const revealed = shown.filter(({ text }) => text !== undefined)
  return revealed.map(({ id }) => id).join(' ')
}
