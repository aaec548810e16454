/**
 * Sign-in methods that a browser has proven for a recovery: two different ones, not both by the
 * same mailbox, which confirms the recovery too.
 */
import { z } from 'zod'
import { secretHash } from '../../../crypto/token.ts'
import { signInMethods } from '../../identity/sign-in-methods.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UserKey } from '../../session/session.ts'
import { type PasswordTimePorts, passwordChangedAt } from './password-time.ts'

const model = 'RecoveryProof'
const provenSeconds = 1800
/** Anyone who reads the mailbox can reset a password, so a newer one proves only the mailbox. */
const passwordAgeMs = 7 * 86_400_000

type ProofPorts = PasswordTimePorts & Ports<'artifacts' | 'now'>

export interface OwnMethod {
  readonly connection: string
  /** An emailed code or link, or a password that an email may have set within the last week. */
  readonly isMailbox: boolean
}

export interface ProofState {
  /** Connections that the user has not proven here. */
  readonly missing: readonly string[]
  /** Enough to go on: two methods, or the only one that the user has; not by the mailbox alone. */
  readonly isEnough: boolean
  /**
   * False if no method of the user proves more than the mailbox: only an administrator can help.
   */
  readonly isPossible: boolean
}

const stored = z.object({ connections: z.array(z.string()) })

/**
 * Notes that the browser just signed in by this connection, up to the second factor. Kept for half
 * an hour, for this user and browser only.
 */
export async function noteProvenMethod(
  ports: ProofPorts,
  user: UserKey,
  browser: string,
  connection: string,
): Promise<ProofState> {
  const { tenant, userId } = user
  const id = secretHash(`${tenant}\n${userId}\n${browser}`)
  const before = stored.safeParse((await ports.artifacts.find(model, id))?.content).data?.connections ?? []
  const proven = [...new Set([...before, connection])]
  await ports.artifacts.put({ model, id, content: { connections: proven }, seconds: provenSeconds })
  return decideProof(await ownMethods(ports, user), proven)
}

async function ownMethods(ports: ProofPorts, user: UserKey): Promise<readonly OwnMethod[]> {
  const changedAt = await passwordChangedAt(ports, user)
  const isRecent = changedAt !== null && ports.now().getTime() - changedAt.getTime() < passwordAgeMs
  return (await signInMethods(ports, user.tenant, user.userId)).map(({ settings: { id, kind } }) => ({
    connection: id,
    isMailbox: kind === 'email' || (kind === 'password' && isRecent),
  }))
}

/** Pure. @param own the connections of the user's identities */
export function decideProof(own: readonly OwnMethod[], proven: readonly string[]): ProofState {
  const counted = own.filter(({ connection }) => proven.includes(connection))
  const isMoreThanMailbox = counted.some(({ isMailbox }) => !isMailbox)
  // with two mailbox proofs, only another kind of method helps
  const useful = counted.length >= 2 && !isMoreThanMailbox ? own.filter(({ isMailbox }) => !isMailbox) : own
  return {
    missing: useful.map(({ connection }) => connection).filter((id) => !proven.includes(id)),
    isEnough: counted.length >= Math.min(2, own.length) && isMoreThanMailbox,
    isPossible: own.some(({ isMailbox }) => !isMailbox),
  }
}
