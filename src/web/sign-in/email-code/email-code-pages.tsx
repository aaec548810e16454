/** Pages of sign-in by an emailed code or link. The same whether or not a user has the address. */
import { ActionForm, ErrorMessage, FixedEmail, Form, type FormTarget, type PageError } from '../../../pages/form.tsx'
import { type PageTenant, renderCard } from '../../../pages/layout.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { Connects } from '../pages/login-page.tsx'

export interface EnterCodePageProps {
  readonly tenant: PageTenant
  readonly email: string
  /** Connection that the sign-in adds to the account, such as "Google". */
  readonly connects?: string | undefined
  readonly minutes: number
  readonly form: FormTarget
  readonly again: FormTarget
  readonly againSeconds: number
  readonly changeEmailHref: string
  readonly error?: PageError | undefined
}

export function enterCodePage(props: EnterCodePageProps): string {
  const { tenant, email, minutes, form, again, againSeconds, changeEmailHref, error } = props
  const describedBy = error === undefined ? 'code-hint' : 'error code-hint'
  return renderCard({
    title: 'Check your email',
    tenant,
    failed: error !== undefined,
    children: (
      <>
        <Connects name={props.connects} />
        <p>
          If <strong>{email}</strong> can sign in here, we've sent a code to it. It works for {minutes} minutes, in this
          browser.
        </p>
        <ErrorMessage error={error} />
        <Form {...form}>
          <FixedEmail email={email} changeHref={changeEmailHref} />
          <div class="field">
            <label for="code">Code</label>
            <input
              id="code"
              name="code"
              type="text"
              inputMode="numeric"
              autocomplete="one-time-code"
              pattern="[0-9\s\-]*"
              maxLength={16}
              spellcheck={false}
              required
              autofocus
              aria-describedby={describedBy}
              {...(error !== undefined && { 'aria-invalid': true })}
            />
            <p class="hint" id="code-hint">
              Six digits. The link in the email works too, in this browser.
            </p>
          </div>
          <button type="submit">Sign in</button>
        </Form>
        <ActionForm label="Send again" object="the code" afterSeconds={againSeconds} {...again} />
        <p class="small">
          Nothing after {againSeconds} seconds? Check your spam folder, then send it again. Only the newest code works.
        </p>
      </>
    ),
  })
}

export interface MailedLinkPageProps {
  readonly tenant: PageTenant
  readonly email: string
  readonly form: FormTarget
}

/** Behind the emailed link. Opening it changes nothing, as email scanners open links too. */
export function mailedLinkPage({ tenant, email, form }: MailedLinkPageProps): string {
  return renderCard({
    title: `Sign in to ${tenant.name}`,
    tenant,
    children: (
      <>
        <p>
          You are about to sign in as <strong>{email}</strong>.
        </p>
        <Form {...form}>
          <button type="submit">Sign in</button>
        </Form>
      </>
    ),
  })
}

/** Names no address: this browser did not ask. */
export function otherBrowserPage({ tenant, signInHref }: { readonly tenant: PageTenant; readonly signInHref: string }) {
  return renderCard({
    title: 'Enter the code in the browser where you started',
    tenant,
    failed: true,
    children: (
      <>
        <p>
          This link works only in the browser that asked for it, and nothing has happened. Go back to that browser and
          enter the six-digit code from the email.
        </p>
        <p>If you did not ask to sign in, close this page and ignore the email.</p>
        <Aside href={signInHref} label="Sign in here instead" />
      </>
    ),
  })
}
