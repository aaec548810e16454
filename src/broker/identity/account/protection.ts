/**
 * Protection of a user's account: passwords, authenticators, recovery codes, remembered devices.
 */
import type { Authenticator, RememberedDevice } from '../../ports/authenticators.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UserKey } from '../../session/session.ts'

export interface Protection {
  readonly authenticators: readonly Authenticator[]
  /** Undefined without any, used or not. */
  readonly recoveryCodes: { readonly remaining: number; readonly createdAt: Date } | undefined
  readonly devices: readonly RememberedDevice[]
  /** Undefined without a password. */
  readonly password: { readonly changedAt: Date | null } | undefined
  /** How many sign-in methods are not suspended. */
  readonly methods: number
  /** Whether the tenant offers passwords that users set themselves. */
  readonly canSetPassword: boolean
}

export type ProtectionPorts = Ports<
  'authenticators' | 'connections' | 'now' | 'passwords' | 'recoveryCodes' | 'rememberedDevices' | 'users'
>

export async function protectionOf(ports: ProtectionPorts, user: UserKey): Promise<Protection> {
  const [authenticators, recoveryCodes, devices, identities] = await Promise.all([
    ports.authenticators.of(user),
    ports.recoveryCodes.stateOf(user),
    ports.rememberedDevices.of(user, ports.now()),
    ports.users.identitiesOf(user.tenant, user.userId),
  ])
  const connection = ports.connections.passwordConnection(ports.connections.tenant(user.tenant))
  const own = identities.find((identity) => identity.connection === connection?.settings.id)
  const email = own?.profile.email?.address
  return {
    authenticators,
    recoveryCodes,
    devices,
    password: email === undefined ? undefined : { changedAt: await ports.passwords.changedAt(user.tenant, email) },
    methods: identities.filter(({ suspendedAt }) => suspendedAt === undefined).length,
    canSetPassword: connection?.upstream.passwords?.allowsSignUp === true,
  }
}
