/** The parts of the security overview, as texts. Pure. */
import type { Protection } from '../../../broker/identity/account/protection.ts'
import type { Authenticator } from '../../../broker/ports/authenticators.ts'
import { absoluteTime } from '../../../pages/time.tsx'
import { type EnrollableMethod, enrollableMethods } from '../../../tenant.ts'
import type { SecurityItem } from './overview-page.tsx'

const path = '/account/security'

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`

/** @param allowed methods that users may add; the others show if the user has one */
export function factorItems(
  { authenticators, devices, password, canSetPassword }: Protection,
  allowed: readonly EnrollableMethod[] = enrollableMethods,
): readonly SecurityItem[] {
  const passkeys = authenticators.filter(({ kind }) => kind === 'passkey')
  const apps = authenticators.filter(({ kind }) => kind === 'totp')
  const shows = (method: EnrollableMethod, own: readonly unknown[]) => own.length > 0 || allowed.includes(method)
  return [
    ...(shows('passkey', passkeys) ? [passkeyItem(passkeys)] : []),
    ...(shows('totp', apps) ? [appItem(apps)] : []),
    ...(password === undefined && !canSetPassword ? [] : [passwordItem(password)]),
    {
      id: 'devices',
      title: 'Remembered browsers',
      state:
        devices.length === 0
          ? 'No remembered browsers'
          : `${count(devices.length, 'browser')} on which you are not asked for the second factor`,
      on: false,
      href: `${path}/devices`,
      label: 'Manage',
    },
  ]
}

const passkeyItem = (passkeys: readonly Authenticator[]): SecurityItem => ({
  id: 'passkeys',
  title: 'Passkeys',
  state:
    passkeys.length === 0 ? 'Sign in with your fingerprint, face or screen lock' : count(passkeys.length, 'passkey'),
  on: passkeys.length > 0,
  lastUsedAt: lastUse(passkeys),
  href: `${path}/passkeys`,
  label: passkeys.length === 0 ? 'Create' : 'Manage',
})

const appItem = (apps: readonly Authenticator[]): SecurityItem => ({
  id: 'authenticator-app',
  title: 'Authenticator app',
  state:
    apps.length === 0 ? 'A second factor: codes from an app on your phone' : apps.map(({ name }) => name).join(', '),
  on: apps.length > 0,
  lastUsedAt: lastUse(apps),
  href: `${path}/authenticator-app`,
  label: apps.length === 0 ? 'Set up' : 'Manage',
})

function passwordItem(password: Protection['password']): SecurityItem {
  const { changedAt = null } = password ?? {}
  const changed = changedAt === null ? 'Set' : `Last changed ${absoluteTime(changedAt)}`
  return {
    id: 'password',
    title: 'Password',
    state: password === undefined ? 'You have no password' : changed,
    on: password !== undefined,
    href: password === undefined ? '/account/sign-in-methods' : `${path}/password`,
    label: password === undefined ? 'Add' : 'Change',
  }
}

type Recovery = Pick<Protection, 'authenticators' | 'recoveryCodes' | 'methods'>

export function recoveryItems({ authenticators, recoveryCodes, methods }: Recovery): readonly SecurityItem[] {
  const left = recoveryCodes?.remaining ?? 0
  const isPossible = authenticators.length > 0 || recoveryCodes !== undefined
  return [
    {
      id: 'recovery-codes',
      title: 'Recovery codes',
      state:
        recoveryCodes === undefined
          ? isPossible
            ? 'Codes to print or save, each for one sign-in without your second factor'
            : 'Replace a lost second factor. Set up a second factor first'
          : `${count(left, 'code')} left, created ${absoluteTime(recoveryCodes.createdAt)}`,
      on: left > 0,
      ...(isPossible && {
        href: `${path}/recovery-codes`,
        label: recoveryCodes === undefined ? 'Create' : 'Manage',
      }),
    },
    {
      id: 'methods',
      title: 'Other sign-in methods',
      state: methods > 1 ? `${methods} sign-in methods` : 'Only one sign-in method',
      on: methods > 1,
      href: '/account/sign-in-methods',
      label: 'Manage',
    },
  ]
}

function lastUse(used: readonly { readonly lastUsedAt?: Date | undefined }[]): Date | undefined {
  const times = used.flatMap(({ lastUsedAt }) => lastUsedAt?.getTime() ?? [])
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}
