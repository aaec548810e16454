/** Adds an authenticator app. Its seed waits for a first code, and does not count before. */
import { z } from 'zod'
import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { issueCode, peekCode } from '../one-time-code.ts'
import type { Totp } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { assertMethodAllowed } from './allowed-methods.ts'
import { assertAuthenticatorLimit, authenticatorName, storeAuthenticator } from './authenticators.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'
import { sealSeed } from './seed.ts'
import { matchStep, seedBytes, seedText, totpUri } from './totp.ts'

const purpose = 'totp'
export const enrollmentSeconds = 600

const pendingSchema = z.object({ tenant: z.string(), userId: z.string(), seed: z.string() })

export interface TotpEnrollment {
  /** Names it for `confirmTotp`: works once, for this user, within ten minutes. */
  readonly enrollment: string
  /** The seed as people type it: base32. */
  readonly secret: string
  /** The content of the QR code. */
  readonly uri: string
}

type StartPorts = Ports<'authenticators' | 'codes' | 'connections' | 'random' | 'users'>

/**
 * Replaces one that the user started before. Throws `factor_not_allowed`, `authenticators_full`.
 */
export async function startTotp(ports: StartPorts, user: UserKey): Promise<TotpEnrollment> {
  assertMethodAllowed(ports.connections.tenant(user.tenant), 'totp')
  await assertAuthenticatorLimit(ports, user)
  const seed = ports.random(seedBytes)
  const enrollment = await issueCode(ports.codes, {
    purpose,
    owner: ownerOf(user),
    content: { tenant: user.tenant, userId: user.userId, seed: seed.toString('base64') },
    seconds: enrollmentSeconds,
    secret: ports.random(32),
  })
  return describe(ports, user, enrollment, seed)
}

/**
 * The started enrollment, to show the page again after a wrong code. Throws `enrollment_expired`.
 */
export async function pendingTotp(ports: StartPorts, user: UserKey, enrollment: string): Promise<TotpEnrollment> {
  return describe(ports, user, enrollment, await pendingSeed(ports, user, enrollment))
}

export interface TotpConfirmation {
  readonly enrollment: string
  /** Current code of the authenticator app. */
  readonly code: string
  /** Chosen by the user. Default: "Authenticator app". */
  readonly name?: string | undefined
}

/**
 * Adds the authenticator. Its code is used up: it is not accepted again (MF-01). Throws
 * `factor_not_allowed`, `factor_invalid`, `enrollment_expired`, `authenticators_full`.
 */
export async function confirmTotp(
  ports: StartPorts & FactorEventPorts & Ports<'keyRing' | 'now'>,
  user: UserKey,
  { enrollment, code, name }: TotpConfirmation,
): Promise<Totp> {
  assertMethodAllowed(ports.connections.tenant(user.tenant), 'totp')
  const seed = await pendingSeed(ports, user, enrollment)
  const at = ports.now()
  const step = matchStep(seed, code, at)
  if (step === undefined) throw new GatehouseError('factor_invalid', 'the first code of the authenticator app is wrong')
  const others = await assertAuthenticatorLimit(ports, user)
  // succeeds for one of concurrent callers
  if ((await takePending(ports, user, enrollment)) === null) throw expired()
  const id = ports.random(12).toString('base64url')
  const { tenant, userId } = user
  const totp: Totp = {
    ...{ tenant, userId, id, kind: 'totp' },
    name: authenticatorName(name, 'Authenticator app', others),
    createdAt: at,
    sealed: sealSeed(ports.keyRing, id, seed),
    lastStep: step,
  }
  await storeAuthenticator(ports, totp)
  await recordFactorEvent(ports, user, { action: 'factor.added', authenticator: totp })
  return totp
}

/** Key of the user's only enrollment: a second start replaces the first. */
const ownerOf = ({ tenant, userId }: UserKey) => secretHash(`${tenant}\n${userId}`).slice(0, 22)

const expired = () => new GatehouseError('enrollment_expired', 'the setup is unknown, used, expired or replaced')

/** Another user's is unknown. */
async function pendingSeed({ codes }: Ports<'codes'>, { tenant, userId }: UserKey, enrollment: string) {
  const pending = pendingSchema.safeParse(await peekCode(codes, purpose, enrollment)).data
  if (pending === undefined || pending.tenant !== tenant || pending.userId !== userId) throw expired()
  return Buffer.from(pending.seed, 'base64')
}

function takePending({ codes }: Ports<'codes'>, user: UserKey, enrollment: string): Promise<unknown> {
  const secret = enrollment.slice(enrollment.indexOf('.') + 1)
  return codes.take(purpose, ownerOf(user), secretHash(secret))
}

async function describe(ports: StartPorts, user: UserKey, enrollment: string, seed: Buffer): Promise<TotpEnrollment> {
  const profile = (await ports.users.find(user.tenant, user.userId))?.profile
  const account = profile?.email?.address ?? profile?.name ?? user.userId
  const tenantName = ports.connections.tenant(user.tenant).name
  return { enrollment, secret: seedText(seed), uri: totpUri(seed, { tenantName, account }) }
}
