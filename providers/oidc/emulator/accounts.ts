/** Changes that an admin makes to users of an emulated brand: disabling them, and claims. */
import { type Call, formOf, redirect } from '../../emulator/http.ts'
import { type Claims, escaped } from '../../emulator/pages.ts'

export interface Accounts {
  /** Sign-ins and refresh tokens of a disabled user are refused. */
  disable(subject: string): void
  enable(subject: string): void
  /** Changes claims of the user; the others stay. */
  change(subject: string, claims: Claims): void
  isDisabled(person: Claims): boolean
  /** The user as they are now. */
  current(person: Claims): Claims
}

export function openAccounts(): Accounts {
  const disabled = new Set<string>()
  const changed = new Map<string, Claims>()
  return {
    disable: (subject) => void disabled.add(subject),
    enable: (subject) => void disabled.delete(subject),
    change: (subject, claims) => void changed.set(subject, { ...changed.get(subject), ...claims }),
    isDisabled: ({ sub }) => disabled.has(String(sub)),
    current: (person) => ({ ...person, ...changed.get(String(person['sub'])) }),
  }
}

/** The forms of `accountActions`, also for tests in other processes. */
export function accountsRoute(accounts: Accounts) {
  return async ({ request, response }: Call): Promise<void> => {
    const form = await formOf(request)
    const [disable, enable] = [form.get('disable'), form.get('enable')]
    if (disable !== null) accounts.disable(disable)
    if (enable !== null) accounts.enable(enable)
    redirect(response, '/', 303)
  }
}

export const accountsPath = '/accounts'

export function accountActions(accounts: Accounts, person: Claims): string {
  const [name, label] = accounts.isDisabled(person) ? ['enable', 'Enable'] : ['disable', 'Disable']
  const subject = escaped(String(person['sub']))
  return `<form method="post" action="${accountsPath}"><button name="${name}" value="${subject}">${label}</button></form>`
}
