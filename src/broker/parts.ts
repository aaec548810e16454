import type { Connections } from './connections.ts'
import type { Audit, Counters, OneTimeCodes, Passwords, Sessions, Transactions, Users } from './ports.ts'
import type { TraceSink } from './trace.ts'

/** What the core is made of; built once by main. */
export interface Parts {
  readonly publicUrl: URL
  readonly connections: Connections
  readonly users: Users
  readonly passwords: Passwords
  readonly audit: Audit
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  readonly counters: Counters
  readonly letters: Letters
  readonly trace: TraceSink
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}

/** The mails the core asks for; each returns once the mail is safely queued. */
export interface Letters {
  signUp(letter: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  alreadySignedUp(letter: { readonly to: string; readonly tenantName: string; readonly link: string }): Promise<void>
  reset(letter: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  passwordChanged(letter: { readonly to: string; readonly tenantName: string; readonly link: string }): Promise<void>
}
