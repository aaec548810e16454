export interface MethodChangeMail {
  readonly to: string
  readonly tenantName: string
  /** Such as "Okta". */
  readonly method: string
  readonly link: string
}

/** Each method returns once the mail is queued. */
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
  /** False if no mail server is configured. */
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
  readonly attempts: number
}

/** Mail to send, sealed at rest: it holds one-time links. */
export interface Outbox {
  add(mail: Mail, now: Date): Promise<void>
  /** Due mails, each leased to one caller until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedMail[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
}
