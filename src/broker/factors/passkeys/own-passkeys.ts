/** The passkeys of a user; factors/authenticators.ts renames and removes them. */
import { GatehouseError } from '../../../errors.ts'
import type { Authenticator, Passkey } from '../../ports/authenticators.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UserKey } from '../../session/session.ts'

export const isPasskey = (authenticator: Authenticator): authenticator is Passkey => authenticator.kind === 'passkey'

/** Oldest first. */
export async function passkeysOf(ports: Ports<'authenticators'>, user: UserKey): Promise<readonly Passkey[]> {
  return (await ports.authenticators.of(user)).filter(isPasskey)
}

/** Throws `authenticator_unknown`. */
export async function ownPasskey(ports: Ports<'authenticators'>, user: UserKey, id: string): Promise<Passkey> {
  const found = (await passkeysOf(ports, user)).find((passkey) => passkey.id === id)
  if (found === undefined) throw new GatehouseError('authenticator_unknown', 'the user has no such passkey')
  return found
}
