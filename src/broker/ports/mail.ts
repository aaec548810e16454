export interface MethodChangeMail {
  readonly to: string
  readonly tenantName: string
  /** The name of the sign-in method, such as "Okta". */
  readonly method: string
  /** The page where it can be removed. */
  readonly link: string
}

/** The mails the core asks for; each returns once the mail is safely queued. */
export interface Mailer {
  signUp(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  alreadySignedUp(message: { readonly to: string; readonly tenantName: string; readonly link: string }): Promise<void>
  reset(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  /** `suspended`: sign-in methods to be confirmed or removed at `accountLink`. */
  passwordChanged(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly suspended: readonly string[]
    readonly accountLink: string
  }): Promise<void>
  /** False where no mail server is configured: nothing is queued. */
  methodAdded(message: MethodChangeMail): Promise<boolean>
  methodRemoved(message: MethodChangeMail): Promise<boolean>
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface QueuedMail {
  readonly id: string
  readonly mail: Mail
  /** How often sending was tried before. */
  readonly attempts: number
}

/** Mail waiting to be sent. Content is sealed at rest: it holds one-time links. */
export interface Outbox {
  add(mail: Mail, now: Date): Promise<void>
  /** Mails that are due, each leased to this caller alone until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedMail[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
}
