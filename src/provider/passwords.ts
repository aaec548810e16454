/** Passwords that Gatehouse itself keeps. */
import type { Identity } from './login.ts'

/** Capability of a connection with local passwords. */
export interface PasswordSupport {
  /** Users may sign up without an invitation. */
  readonly allowsSignUp: boolean
  /** The rule for forms: "Use at least 15 characters. Avoid common passwords …" */
  readonly rule: string
  /** Minimum length of a new password, in characters. */
  readonly minimumLength: number
  /** The identity that this record's password proves. */
  identify(record: Omit<PasswordRecord, 'hash'>): Identity
  /** Throws `password_weak` with a text for the user, `server_busy` if the queue is full. */
  hash(password: string, context: { readonly email: string; readonly name?: string }): Promise<string>
}

export interface PasswordRecord {
  readonly subject: string
  /** Canonical. */
  readonly email: string
  readonly name?: string
  /** Argon2id in PHC string format. */
  readonly hash: string
}

/** The passwords of one tenant by canonical email. Only verified emails are stored. */
export interface PasswordRecords {
  find(email: string): Promise<PasswordRecord | null>
  /** Compare and set: a rehash must not undo a password reset. */
  rehash(subject: string, before: string, after: string): Promise<void>
  /** Minimum length of a new password, in characters; a connection may require more. */
  minimumLength(): number
  /** Whether `passwords.breachedFile` lists the password; false without a file. */
  isBreached(password: string): Promise<boolean>
}
