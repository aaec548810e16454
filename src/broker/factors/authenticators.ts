/** Renames and removes authenticators, of both kinds. */
import { GatehouseError } from '../../errors.ts'
import type { AccessPorts } from '../access/authorize.ts'
import { type Authenticator, maxAuthenticators } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'
import { isFactorRequired } from './last-factor.ts'

export const maxNameLength = 64

/** Returns those that the user has. Throws `authenticators_full`. */
export async function assertAuthenticatorLimit(
  { authenticators }: Ports<'authenticators'>,
  user: UserKey,
): Promise<readonly Authenticator[]> {
  const own = await authenticators.of(user)
  if (own.length >= maxAuthenticators) throw authenticatorsFull()
  return own
}

const authenticatorsFull = () =>
  new GatehouseError('authenticators_full', `the user has ${maxAuthenticators} authenticators`)

/** Throws `authenticators_full`; `passkey_invalid` if the passkey is registered already. */
export async function storeAuthenticator(
  { authenticators }: Ports<'authenticators'>,
  authenticator: Authenticator,
): Promise<void> {
  const outcome = await authenticators.add(authenticator)
  if (outcome === 'full') throw authenticatorsFull()
  if (outcome === 'duplicate')
    throw new GatehouseError('passkey_invalid', 'the credential is registered already', {
      text: 'This passkey is registered already. Sign in with it, or create one on another device.',
    })
}

/** The name, or a default that differs from the others' names: "Authenticator app 2". */
export function authenticatorName(
  name: string | undefined,
  fallback: string,
  others: readonly Pick<Authenticator, 'name'>[],
): string {
  const chosen = name?.trim().slice(0, maxNameLength) ?? ''
  if (chosen !== '') return chosen
  const isFree = (text: string) => others.every((other) => other.name !== text)
  const numbered = (number: number): string => {
    const text = number === 1 ? fallback : `${fallback} ${number}`
    return isFree(text) ? text : numbered(number + 1)
  }
  return numbered(1)
}

type ChangePorts = FactorEventPorts & AccessPorts & Ports<'authenticators' | 'recoveryCodes' | 'rememberedDevices'>

const unknown = () => new GatehouseError('authenticator_unknown', 'the user has no such authenticator')

/** Throws `authenticator_unknown`. */
export async function findAuthenticator(
  { authenticators }: Ports<'authenticators'>,
  user: UserKey,
  id: string,
): Promise<Authenticator> {
  const found = (await authenticators.of(user)).find((each) => each.id === id)
  if (found === undefined) throw unknown()
  return found
}

/** Throws `authenticator_unknown`, `request_invalid` for an empty name. */
export async function renameAuthenticator(
  ports: ChangePorts,
  user: UserKey,
  id: string,
  name: string,
): Promise<Authenticator> {
  const before = await findAuthenticator(ports, user, id)
  const after = { ...before, name: authenticatorName(name, before.name, []) }
  if (after.name === before.name) return before
  if (!(await ports.authenticators.rename(user, id, after.name))) throw unknown()
  await recordFactorEvent(ports, user, { action: 'factor.renamed', authenticator: after, before: before.name })
  return after
}

/**
 * Can be undone for 7 days (`Authenticators.restore`). Remembered devices are asked again. The last
 * one takes the recovery codes with it. Throws `authenticator_unknown`, `factor_last`.
 */
export async function removeAuthenticator(ports: ChangePorts, user: UserKey, id: string): Promise<Authenticator> {
  const { authenticators, recoveryCodes, rememberedDevices } = ports
  const removed = await findAuthenticator(ports, user, id)
  const at = ports.now()
  const isRequired = await isFactorRequired(ports, user)
  if (isRequired && (await authenticators.of(user)).length === 1) throw isLastFactor()
  if (!(await authenticators.remove(user, id, at))) throw unknown()
  const isLast = (await authenticators.of(user)).length === 0
  // another one was removed meanwhile
  if (isLast && isRequired && (await authenticators.restore(user, id, at))) throw isLastFactor()
  await rememberedDevices.removeAll(user)
  if (isLast) await recoveryCodes.removeAll(user)
  await recordFactorEvent(ports, user, { action: 'factor.removed', authenticator: removed })
  return removed
}

const isLastFactor = () => new GatehouseError('factor_last', 'the tenant requires a second factor')
