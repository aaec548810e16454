import type { PasswordRecord } from '../../provider/provider.ts'

export interface Passwords {
  find(tenant: string, email: string): Promise<PasswordRecord | null>
  changedAt(tenant: string, email: string): Promise<Date | null>
  /** Sets the password of an email; returns its subject. `subject` is used only for a new one. */
  put(tenant: string, record: PasswordRecord, now: Date): Promise<string>
  /** Only if the hash is still `before`. */
  rehash(tenant: string, subject: string, before: string, after: string): Promise<void>
  remove(tenant: string, subject: string): Promise<void>
}
